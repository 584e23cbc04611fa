/** A step that runs an operation: compared with the plan, agreed to, done, and recorded together with its files. */
import { CeremonyError, refused } from '../../common/errors.js';
import { createFile } from '../../common/new-files.js';
import { textOf } from '../../common/remedy.js';
import type { Preview } from '../../operations/context/operation-context.js';
import { isOfMachine } from '../../operations/keys/key-rows.js';
import { agreementOf, mustAgree } from '../people/agreement.js';
import type { PlannedPreview } from '../plan/ceremony-plan.js';
import { checkWritesOutside } from '../script/operation.js';
import { operationNamed, type StepResult } from '../script/step-operations.js';
import { byWhom, type Outcome, type RunningCeremony, type Task } from './step.js';

export async function run(ceremony: RunningCeremony, task: Task): Promise<Outcome> {
  const { dialogue, transcript, plan, results } = ceremony;
  const { n, operation = '', options = {}, previews = [] } = task.planned;
  let shown = 0;
  const confirm = async (preview: Preview): Promise<void> => {
    const expected = previews[shown];
    // A key that an interrupted run left in its token is shown in addition.
    if (!(task.interrupted && preview.ofFoundKey === true)) {
      checkAsPlanned(preview, expected, task.interrupted ? preview.asNew : undefined);
      shown++;
    }
    await agree(ceremony, task, preview);
    // From here on a key or a signature may have been made that is not on record.
    transcript.add('intent', { step: n, operation, signs: (task.planned.signs ?? []).map(({ what }) => what) });
  };
  const context = await ceremony.context(confirm);
  const earlier = plan.steps.flatMap(({ id }) => results.get(id)?.files ?? []);
  const wanted = task.interrupted && inToken(options) ? { ...options, adopt: 'yes' } : options;
  const known = operationNamed(operation);
  if (known === undefined) throw new TypeError(`no operation ${operation}`);
  checkWritesOutside(ceremony.dir, known, options);
  const perform = known.run;
  try {
    return { kind: 'done', result: handOut(await perform(context, wanted, earlier)) };
  } catch (error) {
    // Nothing was made before the interruption after all, so it is made now.
    if (wanted === options || !(error instanceof CeremonyError) || error.code !== 'hsm-key-not-found') throw error;
    dialogue.say('The token holds no such key: none was made before the interruption.');
    shown = 0;
    return { kind: 'done', result: handOut(await perform(await ceremony.context(confirm), options, earlier)) };
  }
}

function handOut(result: StepResult): StepResult {
  if (result.outside !== undefined) createFile(result.outside.path, result.outside.bytes);
  return result;
}

function inToken({ key }: Readonly<Record<string, string>>): boolean {
  return key?.startsWith('pkcs11:') === true;
}

async function agree(ceremony: RunningCeremony, task: Task, preview: Preview): Promise<void> {
  const { dialogue, transcript } = ceremony;
  const agreed = await agreementOf(dialogue, preview, byWhom(ceremony, task));
  transcript.add('agree', {
    step: task.planned.n,
    title: preview.title,
    rows: preview.rows,
    changes: [...preview.changes],
    warnings: (preview.warnings ?? []).map(textOf),
    ...(agreed.answer === undefined ? { by: agreed.by } : agreed),
  });
  mustAgree(preview, agreed.answer, { hint: 'Say what should be different. To change a plan, make a new one.' });
}

/**
 * Checks line by line that what is about to be done is what the plan says. `asNew` is for a key that was made before
 * the interruption: it is adopted now, but the plan calls it new. Error: `differs-from-plan`.
 */
function checkAsPlanned(preview: Preview, planned: PlannedPreview | undefined, asNew: Preview['asNew'] = {}): void {
  const differs = (what: string): Error =>
    refused('differs-from-plan', `${preview.title}: ${what}; nothing was signed`, {
      hint: 'The authority changed since the plan was made. Make a new plan.',
    });
  if (planned?.title !== preview.title) throw differs('the plan does not have this');
  if (planned.rows.length !== preview.rows.length) throw differs("its lines differ from the plan's");
  planned.rows.forEach(([label, value], i) => {
    const [mine, now] = preview.rows[i] ?? ['', ''];
    if (label !== mine) throw differs(`it has ${mine} where the plan has ${label}`);
    const isNew = Object.hasOwn(asNew, label) && asNew[label] === value;
    if (value !== null && value !== now && !isNew && !isOfMachine(label))
      throw differs(`${label} is ${now}, and the plan says ${value}`);
  });
  if ((preview.words ?? null) !== planned.words) throw differs('the phrase to type is not the one in the plan');
}
