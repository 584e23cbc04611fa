/** What every transcript has, whatever its command does: its first line, its settings, its files, and its end. */
import { SETTINGS_FILE } from '../ground/layout.js';
import { count, each, flag, form, group, list, object, only, optional, people, sha256, text } from './shape.js';

export const FRAME = {
  start: [
    form(
      { previous_transcript: sha256, ...each(text, 'tool', 'tool_version', 'command', 'machine') },
      'begins: {command}, by {tool} {tool_version}, on {machine}; it follows the transcript with head {previous_transcript}',
    ),
  ],
  settings: [
    form({ path: only(SETTINGS_FILE), sha256, values: object }, 'the settings, as {path} has them (SHA-256 {sha256})'),
  ],
  /** A person agreed, in typed words, to continue with a record that nothing vouched for. */
  memory: [form({ what: text, answer: text }, 'WENT ON in typed words, {answer}: {what}')],
  files: [
    form(
      {
        /** `final` is false for a file that belongs to the operator and may change later. */
        files: list(group({ path: text, sha256, final: optional(flag) })),
      },
      'files',
    ),
  ],
  end: [
    form(
      {
        to_sign: people,
        outcome: optional(only('completed', 'aborted')),
        step: optional(count),
        ...each(optional(text), 'why', 'answer', 'by'),
      },
      'ends[: {outcome}]',
    ),
  ],
};
