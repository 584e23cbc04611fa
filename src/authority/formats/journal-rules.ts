/**
 * What a journal may say. It completes only what its own command could have begun, so that a journal that somebody else
 * wrote cannot move or remove anything. What commands may write is in events/writes.ts. `commit` checks these rules
 * too, so that whatever is begun can be completed.
 */
import { isOperationName, recordedKind, writesOf } from '../events/writes.js';
import { isElsewhere } from '../ground/layout.js';

export interface PendingFile {
  /** Both in the same folder: relative to the authority or, for a key file on another medium, absolute. */
  readonly temporary: string;
  readonly path: string;
  /** The SHA-256 (hex) of the contents that it replaces; without it the name is new. */
  readonly replaces?: string;
  /** The SHA-256 of the contents, in hex. */
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
/** The transcripts to which operations add lines. */
const OPEN_TRANSCRIPT = /^transcripts\/\d{4,6}-(run|rehearse)\.jsonl$/;
/** The modes of files that everyone may read, and of key files. */
const MODES: readonly number[] = [0o644, 0o600];

/** Returns, in plain words, why no command could have written this journal, or undefined if one could. */
export function journalFault({ operation, files, lines }: Pending): string | undefined {
  if (!isOperation(operation)) return `no command that writes is named ${operation}`;
  const own = files.filter(({ path }) => isTranscriptOf(operation, path));
  if (own.length > (lines === undefined ? 1 : 0))
    return `${operation} does not write ${own.at(-1)?.path ?? ''} besides`;
  if (lines !== undefined && !OPEN_TRANSCRIPT.test(lines.path)) return `${operation} adds no lines to ${lines.path}`;
  const faults = files.filter((file) => !own.includes(file)).map((file) => fileFault(operation, file));
  return faults.find((fault) => fault !== undefined);
}

/** Returns whether this is the name of something that writes through a journal. */
export function isOperation(operation: string): boolean {
  return operation === CEREMONY || isOperationName(operation);
}

/** Returns whether the lines that an operation adds to a ceremony's transcript may have such an event. */
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
  // The command that writes the record of a new key also writes its file, which is secret and not on record.
  if (isElsewhere(path) || KEY_FILE.test(path)) return operation === CHANGE_PASSPHRASE || files.includes('key');
  return kind !== undefined && files.includes(kind);
}

function isTranscriptOf(operation: string, path: string): boolean {
  return /^transcripts\/\d{4,6}-(.*)\.jsonl$/.exec(path)?.[1] === operation.replaceAll(' ', '-');
}
