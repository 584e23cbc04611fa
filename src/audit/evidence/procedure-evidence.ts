/** Rows about the procedure of a ceremony: script, approval, deviations, the record itself, the machine. */
import { eventsOf } from '../../authority/formats/transcript.js';
import { existsAnywhere, readAnywhere } from '../../authority/ground/anywhere.js';
import { approvalsOf } from '../../ceremony/people/approvals.js';
import { sameName } from '../../ceremony/people/people.js';
import { MAX_PLAN_FILE } from '../../ceremony/plan/ceremony-plan.js';
import { CeremonyError } from '../../common/errors.js';
import type { Proceedings } from '../proceedings/proceedings.js';
import { type Found, oneOf, type Row, showing, together } from './row.js';

const NO_SCRIPT = 'there was no script: a single command was run';

export const PROCEDURE_ROWS: readonly Row[] = [
  {
    id: 'script-before',
    title: 'A script and a plan existed before the first step, and say who does what',
    clauses: { etsi: ['GEN-6.5.1-11', 'GEN-6.5.1-12'], br: ['6.1.1.1 root 1'], webtrust: ['4.1'] },
    look: scriptBefore,
  },
  {
    id: 'plan-approved',
    title: 'The plan was approved before it was run',
    clauses: { webtrust: ['4.1'] },
    look: planApproved,
  },
  {
    id: 'script-followed',
    title: 'Every step of the plan was done, in its order, without a deviation',
    clauses: { etsi: ['GEN-6.5.1-13'], br: ['6.1.1.1 root 1', '6.1.1.1 all 5'], webtrust: ['4.1'] },
    look: scriptFollowed,
  },
  {
    id: 'deviations',
    title: 'Whatever departed from the plan is on record, and somebody who was there accepted it',
    clauses: { etsi: ['GEN-6.5.1-13'], webtrust: ['4.1'] },
    look: deviations,
  },
  {
    id: 'record',
    title: 'What was done is on record, in a chain that nobody changed, after all that was recorded before',
    clauses: { etsi: ['GEN-6.5.1-13', 'OVR-6.4.5-01'], br: ['6.1.1.1 all 4'], webtrust: ['3.10', '4.1'] },
    look: record,
  },
  {
    id: 'date',
    title: 'The time on record is that of a watch in the room',
    clauses: { etsi: ['GEN-6.5.1-13A'] },
    look: (proceedings) => checksOk(proceedings, ['clock-typed']),
  },
  {
    id: 'program',
    title: 'The program was, file by file, the one whose hashes were known before',
    clauses: { br: ['6.1.1.1 all 5'], webtrust: ['4.1'] },
    look: (proceedings) => checksOk(proceedings, ['program-files']),
  },
  {
    id: 'isolated',
    title: 'The machine had no network',
    clauses: { etsi: ['OVR-6.4.2-11'] },
    look: (proceedings) => checksOk(proceedings, ['network-interfaces', 'network-routes', 'radios']),
  },
];

function scriptBefore({ script, planned, plan, steps }: Proceedings): Found {
  if (script === undefined || planned === undefined) return { shows: [], lacks: [NO_SCRIPT] };
  // The first of each attempt is its earliest.
  const first = steps
    .flatMap(({ attempts }) => attempts.map(({ events: [begun] }) => begun?.seq ?? Infinity))
    .reduce((least, seq) => Math.min(least, seq), Infinity);
  const early = script.seq < first && planned.seq < first;
  return together(
    oneOf(
      early
        ? showing(
            `script ${script.fields.name}, SHA-256 ${script.fields.sha256}; plan SHA-256 ${planned.fields.sha256}`,
            script.seq + 1,
            planned.seq + 1,
          )
        : undefined,
      'script and plan are on record only after the first step',
    ),
    plan === undefined
      ? { shows: [], lacks: ['the plan is not at hand, and so nobody can read who does what'] }
      : {
          shows: [
            showing(
              `the plan at hand has that hash, and ${String(plan.steps.length)} steps with a role each`,
              planned.seq + 1,
            ),
          ],
          lacks: [],
        },
  );
}

function planApproved({ planned, plan, report }: Proceedings): Found {
  if (planned === undefined || plan === undefined)
    return { shows: [], lacks: [planned === undefined ? NO_SCRIPT : 'the plan is not at hand'] };
  const { allowedSigners, transcript } = report;
  const file = `${transcript.path}.plan.json`;
  if (allowedSigners === undefined)
    return { shows: [], lacks: ['there is no allowed_signers file that says whose approval counts'] };
  if (!existsAnywhere(file)) return { shows: [], lacks: ['the plan and its approvals are not beside the transcript'] };
  try {
    const atSeconds = planned.atSeconds;
    const good = approvalsOf(file, readAnywhere(file, MAX_PLAN_FILE), allowedSigners.bytes, { least: 0, atSeconds });
    // A signature does not show when it was made, so only those that the ceremony found count.
    const found = planned.fields.approvals;
    const before = good.filter((one) => found.some((it) => it.principal === one.principal && it.key === one.key));
    const later = good.filter((one) => !before.includes(one));
    const names = (those: typeof good): string => those.map(({ principal, key }) => `${principal} (${key})`).join(', ');
    return oneOf(
      before.length === 0 ? undefined : showing(`valid approvals of ${names(before)}`, planned.seq + 1),
      later.length === 0
        ? 'nobody approved the plan'
        : `the ceremony found no approval of ${names(later)}: what is there now may have been made since`,
    );
  } catch (error) {
    if (!(error instanceof CeremonyError) || error.kind !== 'refused') throw error;
    return { shows: [], lacks: [error.message] };
  }
}

function scriptFollowed({ script, plan, steps, outcome, end, departures }: Proceedings): Found {
  if (script === undefined) return { shows: [], lacks: [NO_SCRIPT] };
  if (plan === undefined) return { shows: [], lacks: ['the plan is not at hand'] };
  const undone = steps.filter((step) => !['done', 'left-out'].includes(step.outcome) || step.planned === undefined);
  const lines = steps.flatMap(({ endLine }) => (endLine === undefined ? [] : [endLine]));
  const ordered = lines.every((line, i) => i === 0 || line > (lines[i - 1] ?? 0));
  return {
    shows: [
      ...(lines.length === 0
        ? []
        : [
            showing(
              `${String(steps.length - undone.length)} of ${String(plan.steps.length)} steps were done, or left out by the plan`,
              ...lines,
            ),
          ]),
      ...(outcome === 'completed' ? [showing('the ceremony was completed', end.seq + 1)] : []),
    ],
    lacks: [
      ...(outcome === 'completed' ? [] : [`the ceremony ended as ${outcome ?? 'nobody knows what'}`]),
      ...(ordered ? [] : ['the steps were not done in their order']),
      ...undone.map(
        (step) =>
          `step ${String(step.n)} (${step.id}): ${step.outcome.replaceAll('-', ' ')}${step.endLine === undefined ? '' : `, line ${String(step.endLine)}`}`,
      ),
      ...departures
        .filter(({ kind }) => kind === 'deviation' || kind === 'unplanned')
        .map(
          ({ kind, what, line }) => `${kind === 'deviation' ? 'deviation: ' : ''}${what} (line ${String(line ?? 0)})`,
        ),
    ],
  };
}

function deviations({ script, plan, departures, people, steps, outcome, end }: Proceedings): Found {
  if (script === undefined) return { shows: [], lacks: [NO_SCRIPT] };
  const accepted = departures.filter(({ kind }) => kind === 'deviation');
  const known = (name: string): boolean => people.some((one) => sameName(one.name, name));
  const open = steps.filter((step) => !['done', 'left-out', 'deviation'].includes(step.outcome));
  return {
    shows: [
      ...accepted.map(({ step, what, acceptedBy = '', line }) =>
        showing(`step ${step}: ${what}; accepted by ${acceptedBy}`, line ?? 0),
      ),
      ...departures
        .filter(({ kind }) => kind === 'no' || kind === 'refusal' || kind === 'interruption' || kind === 'substitute')
        .map(({ what, line }) => showing(what, line ?? 0)),
      ...(accepted.length === 0 && outcome === 'completed'
        ? [showing('no deviation is on record, to the end', end.seq + 1)]
        : []),
    ],
    lacks: [
      ...(plan === undefined ? ['the plan is not at hand, and so it is not known what departed from it'] : []),
      ...accepted
        .filter(({ acceptedBy = '' }) => !known(acceptedBy))
        .map(
          ({ acceptedBy = '', line }) =>
            `${acceptedBy === '' ? 'nobody' : acceptedBy}, who accepted a deviation, is not named among the people (line ${String(line ?? 0)})`,
        ),
      ...open.map(
        (step) =>
          `step ${String(step.n)} (${step.id}) is ${step.outcome.replaceAll('-', ' ')}, and nobody accepted that`,
      ),
      ...departures
        .filter(({ kind }) => kind === 'unplanned' || kind === 'one-person')
        .map(({ what, line }) => `${what} (line ${String(line ?? 0)})`),
      ...(outcome === 'completed' ? [] : [`the ceremony ended as ${outcome ?? 'nobody knows what'}`]),
    ],
  };
}

function record({ report, entries, end }: Proceedings): Found {
  const { link, files, dir, counted } = report;
  const same = files.filter(({ state }) => state === 'same').length;
  const unseen = files.filter(({ state }) => state === 'missing' || state === 'unchecked').map(({ path }) => path);
  return {
    shows: [
      showing(
        `${String(entries.length)} lines, each with the hash of the one before; ${String(same)} files are as recorded`,
        1,
        end.seq + 1,
      ),
    ],
    lacks: [
      ...(dir === undefined ? ['the authority is not at hand'] : []),
      ...(dir !== undefined && link.state !== 'linked'
        ? [`it was not compared with the transcript before it: ${link.why}`]
        : []),
      ...(unseen.length === 0 ? [] : [`files that it names and that were not checked: ${unseen.join(', ')}`]),
      ...(counted === 0 ? ['no valid signature anchors it: whoever can write the folder can have rewritten it'] : []),
    ],
  };
}

/** Finds what each of these checks of the machine reported the last time. */
function checksOk({ entries }: Proceedings, ids: readonly string[]): Found {
  return together(
    ...ids.map((id) => {
      const last = eventsOf(entries, 'check').findLast(({ fields }) => fields.id === id);
      if (last === undefined) return { shows: [], lacks: [`the check ${id} did not run`] };
      const { verdict, saw } = last.fields;
      const line = last.seq + 1;
      return oneOf(
        verdict === 'ok' ? showing(`${id}: ${saw}`, line) : undefined,
        `${id} (${verdict}, line ${String(line)}): ${saw}`,
      );
    }),
  );
}
