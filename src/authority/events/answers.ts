/** What people answer, compare, seal and copy in the steps of a ceremony, and what checks of the machine find. */
import { count, each, fingerprint, flag, form, list, only, optional, people, sha256, text, texts } from './shape.js';

const step = count;
const ANSWERED = { step, answer: text, by: text };

const MEDIUM = { step, medium: text, path: text };
/** As far as the system shows it. */
const LIES_ON = {
  ...each(optional(text), 'device', 'file_system', 'uuid', 'serial'),
  ...each(optional(flag), 'in_memory', 'same_disk'),
};
const LIES =
  '[, {file_system} on {device}][{same_disk?, on the disk of the authority|}][{in_memory?, in memory, gone with the power|}]';

export const ANSWERS = {
  say: [form(ANSWERED, 'read aloud; answer {answer}, {by}')],
  confirm: [form(ANSWERED, 'attested or not: answer {answer}, {by}')],
  ask: [form(ANSWERED, 'asked; answer {answer}, {by}')],
  check: [
    form(
      { step, id: text, verdict: only('ok', 'warn', 'refuse', 'ignored'), saw: text, hint: optional(text) },
      '{id}: {verdict}, {saw}',
    ),
  ],
  compare: [
    form(
      { step, of: text, value: fingerprint, groups: list(count), source: text, equal: flag, by: text },
      'compared groups {groups}, from {source}: {equal?equal|NOT EQUAL}, {by}',
    ),
  ],
  fingerprint: [
    form(
      { step, file: text, fingerprint, words: text, answer: optional(text), by: text },
      'the fingerprint of {file} was shown, to be written down: {fingerprint}[; answer {answer}], {by}',
    ),
  ],
  seal: [
    form(
      { step, action: only('open', 'close'), ...each(text, 'what', 'bag', 'seal', 'by'), as_sealed: optional(flag) },
      '{action}: bag {bag}, seal {seal}[{as_sealed?, as it was sealed|, NOT AS IT WAS SEALED}] ({what}), {by}',
    ),
  ],
  media: [
    form({ ...ANSWERED, action: only('insert', 'eject'), medium: text }, '{action}, {medium}: answer {answer}, {by}'),
    form(
      { ...MEDIUM, ...LIES_ON, action: only('identify'), holds: texts },
      `{action}, {medium} ({path})${LIES}: it holds {holds}`,
    ),
    form(
      { ...MEDIUM, ...LIES_ON, action: only('copy'), files_copied: count },
      `{action}, {medium} ({path})${LIES}: {files_copied} files copied`,
    ),
    form(
      { ...MEDIUM, ...LIES_ON, action: only('re-read'), files_read: count, uncached: flag, differing: texts },
      `{action}, {medium} ({path})${LIES}: {files_read} files read again{uncached?, not from the system’s cache|}; differing or missing: {differing}`,
    ),
    form(
      {
        ...MEDIUM,
        action: only('hash'),
        files_hashed: count,
        sums_sha256: sha256,
        uncached: flag,
        /** How many of the authority's transcripts the copy has. */
        transcripts: optional(count),
      },
      '{action}, {medium} ({path}): {files_hashed} files{uncached?, not from the system’s cache|}; SHA-256 of their list {sums_sha256}',
    ),
  ],
  collect: [
    form(
      { step, to_sign: people, without_principal: people },
      'to sign: {to_sign}; without a name to sign by: {without_principal}',
    ),
  ],
  break: [form({ step, what: text }, 'a break {what}')],
};
