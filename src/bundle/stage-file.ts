/**
 * What the files of signing in stages have in common: they are deterministic CBOR maps with a type and a version, and
 * each type has its own error code.
 */
import { type CborLimits, type CborMap, decodeCbor } from '../codec/cbor.js';
import { CeremonyError, refused } from '../common/errors.js';
import { integerField, malformed, mapField } from './payload-fields.js';

export const PREPARED = 'as-ceremony prepared bundles';
export const SIGNATURES = 'as-ceremony bundle signatures';
type StageFileType = typeof PREPARED | typeof SIGNATURES;

const NAMES = { [PREPARED]: 'a prepared bundle', [SIGNATURES]: 'a file of signatures' } as const;
const CODES = { [PREPARED]: 'prepared-malformed', [SIGNATURES]: 'signatures-malformed' } as const;

/** Decodes the map of a file. Every error has the code of the file's type. */
export function decodeStageFile<T>(
  bytes: Uint8Array,
  type: StageFileType,
  maxBytes: number,
  read: (map: CborMap) => T,
  keys: readonly string[],
): T {
  const limits: CborLimits = {
    code: CODES[type],
    what: NAMES[type],
    maxBytes,
    maxDepth: 5,
    maxItems: 4096,
    tags: [],
  };
  return asFaultOf(type, () => {
    const value = decodeCbor(bytes, limits);
    const found = value instanceof Map ? (value as CborMap).get('type') : undefined;
    const other = ([PREPARED, SIGNATURES] as const).find((one) => one !== type && one === found);
    if (other !== undefined) throw malformed(`it is ${NAMES[other]}`);
    if (found !== type) throw malformed('it has another type');
    const map = mapField('the file', value, ['type', 'version', ...keys]);
    integerField('version', map.get('version'), 1, 1);
    return read(map);
  });
}

/** Reads a part of such a file, and gives its errors the code of the file's type. */
export function asFaultOf<T>(type: StageFileType, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof CeremonyError)) throw error;
    throw refused(CODES[type], `it is not ${NAMES[type]} of this format: ${error.message}`, {
      hint: 'Name the files in their order: the prepared one first, then those of signatures. If it was damaged on its way, fetch it again.',
      cause: error,
    });
  }
}
