/**
 * `pending.json`: the journal of one transaction. While it exists, the transaction has happened and must be completed.
 */
import { hasExactly, type JsonObject, type JsonValue, parseJsonObject, textField } from '../../codec/strict-json.js';
import { utf8 } from '../../common/bytes.js';
import { couldNot } from '../../common/errors.js';
import { existsInside, readInside } from '../ground/inside.js';
import { checkPath, inAuthority, pathFault, PENDING_FILE } from '../ground/layout.js';
import { journalFault, type Pending, type PendingFile, type PendingLines } from './journal-rules.js';
import { MAX_TRANSCRIPT_FILE } from './transcript.js';

/** An authority that is rebuilt from a bundle gets thousands of files at once. */
export const MAX_PENDING_FILE = MAX_TRANSCRIPT_FILE;

export type { Pending, PendingFile, PendingLines } from './journal-rules.js';

export function encodePending(pending: Pending): Uint8Array {
  return utf8(`${JSON.stringify({ version: 1, ...pending })}\n`);
}

/**
 * Reads the journal in `dir`, or returns undefined if there is none. An empty one counts as none: on a file system
 * without hard links, a crash can leave the name before its contents. Error: `authority-damaged`.
 */
export function readPending(dir: string): Pending | undefined {
  if (!existsInside(dir, PENDING_FILE)) return undefined;
  const bytes = readInside(dir, PENDING_FILE, MAX_PENDING_FILE);
  if (bytes.length === 0) return undefined;
  const object = parseJsonObject(bytes);
  const pending = typeof object === 'string' ? object : decodePending(object);
  const fault = typeof pending === 'string' ? pending : journalFault(pending);
  if (typeof pending !== 'string' && fault === undefined) return pending;
  throw couldNot(
    'authority-damaged',
    `${inAuthority(dir, PENDING_FILE)}, the journal of an interrupted command, is damaged: ${fault ?? ''}`,
    {
      hint: 'Keep a copy of the whole folder, then restore the authority from its last backup.',
    },
  );
}

function decodePending(object: JsonObject): Pending | string {
  const operation = textField(object, 'operation');
  const { version, files, lines } = object;
  const keys = ['version', 'operation', 'files', ...(lines === undefined ? [] : ['lines'])];
  if (!hasExactly(object, keys) || operation === undefined) return 'its fields are wrong';
  if (version !== 1) return `its version is ${JSON.stringify(version)}, expected 1`;
  if (!/^[a-z -]{1,60}$/.test(operation)) return 'operation is not one of ours';
  if (!Array.isArray(files)) return 'files is not a list';
  const decoded = (files as readonly JsonValue[]).map(decodeFile);
  const wrong = decoded.findIndex((file) => file === undefined);
  if (wrong >= 0) return `files[${String(wrong)}] is wrong`;
  const named = { operation, files: decoded.filter((file) => file !== undefined) };
  if (lines === undefined) return named;
  const added = decodeLines(lines);
  return added === undefined ? 'lines is wrong' : { ...named, lines: added };
}

function decodeLines(value: JsonValue): PendingLines | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const object = value as JsonObject;
  const [path, text] = [textField(object, 'path'), textField(object, 'text')];
  const { length } = object;
  if (!hasExactly(object, ['path', 'length', 'text']) || path === undefined || text === undefined) return undefined;
  const isTranscript = /^transcripts\/[^/]+\.jsonl$/.test(path) && checkPath(path) === undefined;
  if (!isTranscript || typeof length !== 'number' || !Number.isSafeInteger(length) || length < 0) return undefined;
  return text.endsWith('\n') ? { path, length, text } : undefined;
}

function decodeFile(value: JsonValue): PendingFile | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const object = value as JsonObject;
  const [temporary, path] = [textField(object, 'temporary'), textField(object, 'path')];
  const [sha256, replaces] = [textField(object, 'sha256'), textField(object, 'replaces')];
  const mode = object.mode;
  const keys = ['temporary', 'path', 'sha256', 'mode', ...(object.replaces === undefined ? [] : ['replaces'])];
  if (!hasExactly(object, keys) || temporary === undefined || path === undefined) return undefined;
  if (sha256 === undefined || !isHash(sha256) || typeof mode !== 'number') return undefined;
  if (pathFault(path) !== undefined || !isTemporaryOf(temporary, path)) return undefined;
  if (object.replaces === undefined) return { temporary, path, sha256, mode };
  return replaces === undefined || !isHash(replaces) ? undefined : { temporary, path, sha256, mode, replaces };
}

function isHash(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}

/** Returns whether `temporary` is a name that `temporaryName` makes for `path`. */
function isTemporaryOf(temporary: string, path: string): boolean {
  const at = path.lastIndexOf('/') + 1;
  const begin = `${path.slice(0, at)}.${path.slice(at)}.`;
  return temporary.startsWith(begin) && /^[0-9a-f]{12}\.tmp$/.test(temporary.slice(begin.length));
}
