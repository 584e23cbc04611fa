/** How people at two sites make sure that they have the same prepared file. */
import { toHex } from '../../common/bytes.js';
import { hexGroups, lines } from '../../common/groups.js';
import { toPgpWords } from '../../common/pgp-words.js';
import { hash } from '../../crypto/hash.js';
import type { Row } from '../context/operation-context.js';

const WORDS_A_LINE = 4;

/** Returns what they read to each other: its SHA-256 in hex groups and in PGP words. */
export function comparisonRows(prepared: Uint8Array): readonly Row[] {
  const sha256 = hash('sha256', prepared);
  const labelled = (label: string, values: readonly string[]): Row[] =>
    values.map((value, i) => [i === 0 ? label : '', value]);
  return [
    ...labelled('SHA-256 of the file', hexGroups(toHex(sha256))),
    ...labelled('in words', lines(toPgpWords(sha256), WORDS_A_LINE)),
  ];
}
