/** Says what the value of an option or argument is, by the word that stands for it in help: `file`, `reason`. */
import { FULL_CIPHERSUITES } from '../../authority/formats/settings-defaults.js';
import { REVOCATION_REASONS } from '../../bundle/revocation.js';
import { KINDS } from '../../credential/kinds.js';
import { shippedScripts } from '../options/ceremony-options.js';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;

export interface ValueKind {
  /** Files, folders, or files after `KEY=`. */
  readonly paths?: 'files' | 'folders' | 'key=files';
  /** Words that it may be; of letters, digits, `-` and `_`. */
  readonly words?: readonly string[];
}

const PATHS: Readonly<Record<NonNullable<ValueKind['paths']>, string>> = {
  files: 'file fingerprint|file credential new old prepared request root script signature',
  folders: 'dir folder',
  'key=files': '[key=]file',
};
const WORDS: Readonly<Record<string, readonly string[]>> = {
  ciphersuite: FULL_CIPHERSUITES,
  how: ['wrapped'],
  kind: Object.keys(KINDS),
  reason: REVOCATION_REASONS,
  script: shippedScripts(),
  shell: SHELLS,
};
const ANYTHING =
  'domain duration fingerprint hash key key|commitment label n name name=value principal role=name serial time uri';

/** Returns what a value is. Error: for one of which nothing is said here. */
export function valueKind(value: string): ValueKind {
  const isIn = (list: string): boolean => list.split(' ').includes(value);
  const paths = (['files', 'folders', 'key=files'] as const).find((one) => isIn(PATHS[one]));
  const words = WORDS[value];
  if (paths === undefined && words === undefined && !isIn(ANYTHING))
    throw new Error(`nothing is said of the value ${value}`);
  return { ...(paths === undefined ? {} : { paths }), ...(words === undefined ? {} : { words }) };
}
