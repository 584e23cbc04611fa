/**
 * What a journal says, and what it may say: it finishes only what its own command could have begun, so that a journal
 * that somebody else wrote moves and removes nothing. What commands may write stands in events.ts; `commit` asks here
 * too, so that what is begun can be finished.
 */
import { isOperationName, recordedKind, writesOf } from '../events/writes.js';
import { isElsewhere } from '../ground/layout.js';

export interface PendingFile {
  /** Both in the same folder: relative to the authority, or, for a key file on another medium, absolute. */
  readonly temporary: string;
  readonly path: string;
  /** Hex SHA-256 of the contents whose place it takes; a new name where it isn't given. */
  readonly replaces?: string;
  /** Hex SHA-256 of the contents. */
  readonly sha256: string;
  readonly mode: number;
}

/** Lines that a transaction adds to the transcript of the ceremony that it is a part of. */
export interface PendingLines {
  /** The transcript, relative to the authority. */
  readonly path: string;
  /** How many bytes it has without them. */
  readonly length: number;
  readonly text: string;
}

export interface Pending {
  readonly operation: string;
  readonly files: readonly PendingFile[];
  readonly lines?: PendingLines;
}

const CEREMONY = 'run';
const CHANGE_PASSPHRASE = 'key change-passphrase';
const KEY_FILE = /^keys\/[^/]+\.age$/;
/** The transcripts that operations add lines to. */
const OPEN_TRANSCRIPT = /^transcripts\/\d{4,6}-(run|rehearse)\.jsonl$/;
/** Of files that all may read, and of key files. */
const MODES: readonly number[] = [0o644, 0o600];

/** Why no command could have written this journal, in plain words, or undefined where one could. */
export function journalFault({ operation, files, lines }: Pending): string | undefined {
  if (!isOperation(operation)) return `no command that writes is named ${operation}`;
  const own = files.filter(({ path }) => isTranscriptOf(operation, path));
  if (own.length > (lines === undefined ? 1 : 0))
    return `${operation} does not write ${own.at(-1)?.path ?? ''} besides`;
  if (lines !== undefined && !OPEN_TRANSCRIPT.test(lines.path)) return `${operation} adds no lines to ${lines.path}`;
  const faults = files.filter((file) => !own.includes(file)).map((file) => fileFault(operation, file));
  return faults.find((fault) => fault !== undefined);
}

/** Whether this is the name of what writes through a journal. */
export function isOperation(operation: string): boolean {
  return operation === CEREMONY || isOperationName(operation);
}

/** Whether the lines that an operation adds to a ceremony's transcript may have such an event. */
export function mayAdd(operation: string, event: string): boolean {
  if (['files', 'settings', 'memory'].includes(event)) return true;
  if (operation === CEREMONY) return ['program', 'script', 'plan', 'people'].includes(event);
  return isOperationName(operation) && writesOf(operation).events.includes(event);
}

function fileFault(operation: string, { path, replaces, mode }: PendingFile): string | undefined {
  if (!mayWrite(operation, path)) return `${operation} writes no ${path}`;
  if ((replaces !== undefined) !== (operation === CHANGE_PASSPHRASE))
    return `${operation} ${replaces === undefined ? 'makes no new' : 'replaces no'} ${path}`;
  return MODES.includes(mode) ? undefined : `no file of an authority has the mode ${mode.toString(8)}`;
}

function mayWrite(operation: string, path: string): boolean {
  const kind = recordedKind(path);
  if (operation === CEREMONY) return kind === 'plan';
  if (!isOperationName(operation)) return false;
  const { files } = writesOf(operation);
  // Whoever writes the record of a new key writes its file, which is secret and on no record.
  if (isElsewhere(path) || KEY_FILE.test(path)) return operation === CHANGE_PASSPHRASE || files.includes('key');
  return kind !== undefined && files.includes(kind);
}

function isTranscriptOf(operation: string, path: string): boolean {
  return /^transcripts\/\d{4,6}-(.*)\.jsonl$/.exec(path)?.[1] === operation.replaceAll(' ', '-');
}
