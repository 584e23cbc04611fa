/**
 * Makes a plan from a script. The same inputs in the same authority give the same bytes, so that a plan is checked by
 * making it again.
 */
import type { Authority } from '../../authority/authority.js';
import { ALLOWED_SIGNERS_FILE, SETTINGS_FILE } from '../../authority/ground/layout.js';
import { fromUtf8, toHex } from '../../common/bytes.js';
import { refused, usage } from '../../common/errors.js';
import { textOf } from '../../common/remedy.js';
import { formatTime } from '../../common/time.js';
import { hash } from '../../crypto/hash.js';
import type { Preview } from '../../operations/context/operation-context.js';
import { allowedSignersFor, signerNamesFor } from '../people/allowed-signers.js';
import { peopleFault, type Person } from '../people/people.js';
import { fillIn, isLeftOut, resolveParameters, type Values } from '../script/parameters.js';
import { readScript } from '../script/read-script.js';
import type { Needs, Script, Step } from '../script/script.js';
import { stepText } from '../script/step-text.js';
import {
  decodePlan,
  encodePlan,
  type Plan,
  planHash,
  type PlannedPreview,
  type PlannedStep,
  windowOf,
} from './ceremony-plan.js';
import { type Means, type RunStep, simulate, type SimulatedStep } from './simulate.js';

export interface PlanOptions {
  readonly script: Script;
  readonly given: Values;
  readonly people: readonly Person[];
  /** Unix seconds. */
  readonly madeAt: number;
  readonly window: { readonly from: number; readonly until: number };
}

/** The means of an operation without its time, which is the first second of the window. */
export type PlanningMeans = Omit<Means, 'atSeconds' | 'clockSeconds'> & { readonly nowSeconds: number };

const LONGEST_WINDOW = 31 * 86_400;

/**
 * Resolves a script: parameters, people, the state that it needs, and everything that it will show, sign and write.
 * Errors: `usage`, `bad-people`, `wrong-state`, and those of the steps that would fail.
 */
export async function makePlan(authority: Authority, wanted: PlanOptions, means: PlanningMeans): Promise<Plan> {
  const { script, people, window, madeAt } = wanted;
  checkWindowOptions(window, madeAt);
  const values = resolveParameters(script, wanted.given);
  const fault = people.length === 0 ? undefined : peopleFault(script, people, signerNamesFor(authority.dir));
  if (fault !== undefined)
    throw refused('bad-people', fault, {
      hint: 'Name the people, each once.',
      remedies: [{ option: 'person', value: 'role=Name' }],
    });
  checkState(authority, script.needs);
  const runs = script.steps.flatMap((step, i) =>
    step.kind === 'run' && !isLeftOut(step, values) ? [toRun(step, i + 1, values)] : [],
  );
  const { nowSeconds, ...rest } = means;
  const clockSeconds = Math.max(nowSeconds, window.from);
  const simulation = { ...rest, atSeconds: window.from, clockSeconds };
  // Whatever differs between two simulations depends on throw-away keys, and cannot be known in advance.
  const first = await simulate(authority.dir, runs, simulation);
  const second = runs.length === 0 ? first : await simulate(authority.dir, runs, simulation);
  const text = fromUtf8(script.bytes) ?? '';
  return {
    version: 1,
    ceremony: script.name,
    title: script.title,
    purpose: script.purpose,
    domain: authority.settings.domain,
    made_at: formatTime(madeAt),
    window: { from: formatTime(window.from), until: formatTime(window.until) },
    script: { sha256: toHex(hash('sha256', script.bytes)), text },
    settings: settingsOf(authority),
    parameters: Object.fromEntries(values),
    people,
    steps: script.steps.map((step, i) => plannedStep(step, i + 1, values, runs, first, second)),
  };
}

/**
 * Makes the plan in a file again for the authority as it is now. Errors: `bad-plan`, and `plan-outdated` if the result
 * differs, which names the first step that does.
 */
export async function checkPlan(authority: Authority, bytes: Uint8Array, means: PlanningMeans): Promise<Plan> {
  const plan = await decodePlan(bytes);
  const script = await readScript(plan.ceremony, new TextEncoder().encode(plan.script.text));
  const { people, parameters, domain } = plan;
  if (domain !== authority.settings.domain) {
    throw refused(
      'domain-mismatch',
      `the plan is for ${domain}, and the authority's domain is ${authority.settings.domain}`,
      {
        hint: 'Name the authority of the plan.',
        remedies: [{ option: 'dir' }],
      },
    );
  }
  checkSettings(authority, plan);
  const again = await makePlan(
    authority,
    {
      script,
      given: new Map(Object.entries(parameters)),
      people: people.map((person) => ({ ...person })),
      madeAt: Date.parse(plan.made_at) / 1000,
      window: windowOf(plan),
    },
    means,
  );
  if (planHash(encodePlan(again)) === planHash(bytes)) return again;
  const differing = again.steps.find((step, i) => JSON.stringify(step) !== JSON.stringify(plan.steps[i]));
  const where =
    differing === undefined ? 'something outside its steps' : `step ${String(differing.n)} (${differing.id})`;
  throw refused('plan-outdated', `the plan is no longer what its script produces in this authority: ${where} differs`, {
    hint: 'The authority, its settings or the plan changed since. Make a new plan, and have it approved.',
  });
}

function settingsOf({ dir, settingsState }: Authority): Plan['settings'] {
  return { authority_yaml: settingsState.sha256, allowed_signers: allowedSignersFor(undefined, dir)?.sha256 ?? '' };
}

/** Checks that the files which were approved together with the plan have not changed. Error: `plan-outdated`. */
export function checkSettings(authority: Authority, { settings: planned }: Plan): void {
  const now = settingsOf(authority);
  const changed = [
    ...(now.authority_yaml === planned.authority_yaml ? [] : [SETTINGS_FILE]),
    ...(now.allowed_signers === planned.allowed_signers ? [] : [ALLOWED_SIGNERS_FILE]),
  ];
  if (changed.length === 0) return;
  throw refused('plan-outdated', `${changed.join(' and ')} changed since the plan was made`, {
    hint: 'Put it back as it was, or make a new plan, and have it approved. A ceremony that was begun can be ended.',
    remedies: [{ command: 'resume', options: { abort: true } }],
  });
}

function checkWindowOptions({ from, until }: PlanOptions['window'], madeAt: number): void {
  if (until <= from || until - from > LONGEST_WINDOW) {
    throw usage(`the window from ${formatTime(from)} until ${formatTime(until)} is empty, or longer than 31 days`, {
      hint: 'Choose another window.',
      remedies: [{ option: 'from' }, { option: 'until' }],
    });
  }
  if (from < madeAt) {
    throw usage(`the window would begin ${formatTime(from)}, before the plan is made (${formatTime(madeAt)})`, {
      hint: 'Let it begin later.',
      remedies: [{ option: 'from' }],
    });
  }
}

/** Checks that the authority is in the state that the script needs. Error: `wrong-state`. */
function checkState({ roots, intermediates, bundles }: Authority, needs: Needs): void {
  const held = { roots, intermediates, bundles };
  for (const what of ['roots', 'intermediates', 'bundles'] as const) {
    const need = needs[what];
    const { length } = held[what];
    if (need === undefined || (need === 'some') === length > 0) continue;
    throw refused(
      'wrong-state',
      `this ceremony is for an authority ${need === 'some' ? 'with' : 'without'} ${what}, and this one has ${String(length)}`,
      { hint: 'Choose the ceremony that fits; status shows what is here.' },
    );
  }
}

/** Returns a step as it will run. Options that turn out empty are left out. */
function toRun(step: Step & { readonly kind: 'run' }, n: number, values: Values): RunStep {
  const options = Object.entries(step.with)
    .map(([name, text]) => [name, fillIn(text, values)] as const)
    .filter(([, value]) => value !== '');
  return { n, id: step.id, operation: step.operation, options: Object.fromEntries(options) };
}

function plannedStep(
  step: Step,
  n: number,
  values: Values,
  runs: readonly RunStep[],
  first: ReadonlyMap<number, SimulatedStep>,
  second: ReadonlyMap<number, SimulatedStep>,
): PlannedStep {
  const { id, kind, by, no } = step;
  const common = { n, id, kind, by, text: stepText(step, values), no };
  const run = runs.find((one) => one.n === n);
  const [a, b] = [first.get(n), second.get(n)];
  if (run === undefined || a === undefined || b === undefined) return common;
  return {
    ...common,
    operation: run.operation,
    options: run.options,
    previews: a.previews.map((preview, i) => known(preview, b.previews[i])),
    signs: a.signs.map(({ what, signed_sha256 }, i) => ({
      what,
      signed_sha256: b.signs[i]?.signed_sha256 === signed_sha256 ? signed_sha256 : null,
    })),
    writes: a.writes,
  };
}

/** Returns a preview with only what does not depend on chance. */
function known(a: Preview, b: Preview | undefined): PlannedPreview {
  const both = (mine: string, other: string | undefined): string | null => (mine === other ? mine : null);
  const texts = (mine: readonly string[], others: readonly string[] = []): readonly string[] =>
    mine.map((text, i) => both(text, others[i]) ?? '(known on the day)');
  return {
    title: a.title,
    rows: a.rows.map(([label, value], i) => [label, both(value, b?.rows[i]?.[1])] as const),
    changes: texts(a.changes, b?.changes),
    warnings: texts((a.warnings ?? []).map(textOf), b?.warnings?.map(textOf)),
    words: a.words ?? null,
  };
}
