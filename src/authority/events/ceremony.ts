/** The course of a ceremony: how it begins, its people, its steps, and everything that does not go as planned. */
import {
  count,
  each,
  fingerprint,
  flag,
  form,
  group,
  list,
  nullable,
  only,
  optional,
  pair,
  sha256,
  text,
  texts,
} from './shape.js';

export const ROLES = ['administrator', 'operator', 'witness', 'custodian', 'scribe', 'auditor'] as const;

const step = count;
const SHOWN = { step, title: text, rows: list(pair), changes: texts, warnings: texts };
const PLACE = { step: optional(count), at: optional(text) };

export const CEREMONY = {
  program: [
    form(
      { version: text, node: text, hashes: list(group({ name: text, sha256 })) },
      'the program is version {version}, run by Node {node}',
    ),
  ],
  script: [form({ name: text, title: text, sha256 }, 'the script is {name}: {title} (SHA-256 {sha256})')],
  plan: [
    form(
      {
        sha256,
        made_at: text,
        window: group(each(text, 'from', 'until')),
        approvals: list(group(each(text, 'principal', 'key'))),
      },
      'the plan has SHA-256 {sha256}',
    ),
  ],
  /** Everyone present; the last of these lines counts. */
  people: [
    form(
      {
        people: list(
          group({ name: text, role: only(...ROLES), principal: optional(text), substitute_for: optional(text) }),
        ),
      },
      'the people',
    ),
  ],
  'roll-call': [
    form(
      { when: text, ...each(optional(text), 'missing', 'signs_as', 'role', 'answer', 'refused', 'outcome', 'why') },
      'the roll is called {when}[, answer {answer}][: {outcome}, {why}][; refused: {refused}]',
    ),
  ],
  step: [
    form(
      { step, of: count, id: text, kind: text, title: text, who: optional(text) },
      'step {step} of {of}[, for {who}]: {title} ({kind})',
    ),
  ],
  /** What was shown before something is signed or changed, and the answer. */
  agree: [
    form({ ...SHOWN, answer: text, by: text }, '“{title}” was shown; answer {answer}, {by}'),
    form({ ...SHOWN, by: only('nobody') }, '“{title}” was shown, and was answered {by}'),
  ],
  intent: [
    form({ step, operation: text, signs: texts }, 'from here on keys or signatures may have been made: {operation}'),
  ],
  done: [
    form(
      {
        step,
        outcome: only('done', 'not-done', 'left-out', 'deviation', 'held', 'aborted'),
        why: optional(text),
        result: optional(group({ fingerprint: optional(fingerprint), files: texts })),
        note: optional(text),
      },
      '{outcome}[: {why}][: {note}]',
    ),
  ],
  no: [form({ step, why: text, choice: text }, 'NO: {why}; then {choice}')],
  deviation: [
    form(
      { step: optional(count), why: text, what: text, accepted_by: text },
      'DEVIATION: {what}; accepted by {accepted_by}, because: {why}',
    ),
  ],
  refusal: [
    form(
      { step, code: text, message: text, findings: list(group(each(text, 'rule', 'code', 'message'))) },
      'REFUSED: {message} ({code})',
    ),
  ],
  'stop-asked': [form({ ...PLACE, answer: text }, 'Ctrl-C was pressed, and the ceremony went on')],
  interrupted: [form(PLACE, 'STOPPED, to go on later')],
  resumed: [
    form(
      {
        torn_line_sha256: optional(sha256),
        done: list(count),
        open_step: nullable(count),
        open_step_complete: flag,
        unknown: flag,
      },
      'goes on after an interruption[; a torn line was set aside, SHA-256 {torn_line_sha256}]',
    ),
  ],
  /** The head that was written down when the ceremony stopped, compared with this transcript. */
  head: [
    form(
      {
        line: optional(count),
        compared: only('equal', 'not-equal', 'not-compared'),
        groups: optional(list(count)),
        ...each(optional(text), 'why', 'answer', 'by'),
      },
      'the head[ of line {line}] and its paper: {compared}[ ({why})]',
    ),
  ],
};
