/** After a crash, completes a transaction that was recorded, or removes what an unrecorded one left. */
import { dirname } from 'node:path';
import { fromUtf8, toHex, utf8 } from '../../common/bytes.js';
import { attemptQuietly, couldNot } from '../../common/errors.js';
import { MAX_CREDENTIAL_FILE } from '../../common/files.js';
import { nameOfTemporary } from '../../common/new-files.js';
import { hash } from '../../crypto/hash.js';
import { mayAdd } from '../formats/journal-rules.js';
import { type Pending, type PendingFile, type PendingLines, readPending } from '../formats/pending.js';
import { decodeKeyRecord } from '../formats/small-files.js';
import { parseTranscript } from '../formats/transcript.js';
import { elsewhereFault } from '../ground/elsewhere.js';
import * as inside from '../ground/inside.js';
import { FOLDERS, inAuthority, isElsewhere, PENDING_FILE, shownPath } from '../ground/layout.js';
import { setAside } from './torn.js';
import { giveName, isTemporary, MAX_TRANSACTION_FILE, sha256Of, takeTemporaries } from './transaction.js';

const EMPTY = toHex(hash('sha256', new Uint8Array()));

/** What was done about an interrupted command or, from `pendingState`, what remains to be done. */
export interface Recovery {
  readonly kind: 'completed' | 'rolled-back';
  /** Known if it is completed. */
  readonly operation?: string;
  /** Relative to the authority: the files that got their names, or the temporary ones that were removed. */
  readonly files: readonly string[];
}

/** How far a file of an interrupted transaction has come; `claimed` is the empty name that `addName` makes on FAT. */
type Step = 'to-name' | 'named' | 'claimed';

/**
 * Returns what an interrupted command left, without touching it, or undefined if all is in order. Without the lock it
 * may also see a command that is still running. Error: `authority-damaged`.
 */
export function pendingState(dir: string): Recovery | undefined {
  const pending = readPending(dir);
  if (pending !== undefined) {
    return { kind: 'completed', operation: pending.operation, files: pending.files.map((file) => file.path) };
  }
  const left = leftovers(dir);
  return left.length > 0 ? { kind: 'rolled-back', files: left } : undefined;
}

/**
 * Recovers. Call it under the lock, in a folder that was checked, before anything is read for writing. Returns
 * undefined if nothing was left. Error: `authority-damaged`, which names a file that does not match the journal;
 * nothing is changed then.
 */
export function recover(dir: string): Recovery | undefined {
  const state = pendingState(dir);
  const pending = readPending(dir);
  if (pending !== undefined) {
    const { steps, missing } = completionOf(dir, pending);
    for (const { file, step } of steps) {
      if (step === 'to-name') giveName(dir, file);
      if (step === 'claimed') inside.renameInside(dir, file.temporary, file.path);
    }
    for (const folder of new Set(steps.map(({ file }) => dirname(file.path)))) inside.syncInside(dir, folder);
    if (missing !== undefined) addLines(dir, missing);
    takeTemporaries(dir, pending.files);
    inside.removeInside(dir, PENDING_FILE);
  }
  // Not synced: what a power cut brings back is removed next time.
  for (const path of [...leftovers(dir), ...secondNames(dir)]) inside.removeInside(dir, path, 'passing');
  return state;
}

interface Completion {
  readonly steps: readonly { readonly file: PendingFile; readonly step: Step }[];
  readonly missing: MissingLines | undefined;
}

/** Returns what is left to do for the files in the journal. Error: `authority-damaged` if it cannot be done. */
function completionOf(dir: string, pending: Pending): Completion {
  checkElsewhere(dir, pending);
  const steps = pending.files.map((file) => ({ file, step: stepOf(dir, file) }));
  return { steps, missing: pending.lines && missingLines(dir, pending.operation, pending.lines) };
}

function stepOf(dir: string, file: PendingFile): Step {
  if (isElsewhere(file.path)) checkUntouched(dir, file);
  const temporary = sha256Of(dir, file.temporary);
  const final = inside.sameInside(dir, file.temporary, file.path) ? temporary : sha256Of(dir, file.path);
  if (final === file.sha256 && (temporary === undefined || temporary === final)) return 'named';
  if (temporary !== file.sha256) {
    const gone = temporary === undefined;
    const which = gone ? 'is missing' : `differs from the journal's hash`;
    const elsewhere = gone && file.path.startsWith('/') ? PLUG_IN : '';
    throw damaged(`${shownPath(dir, gone ? file.path : file.temporary)} ${which}`, elsewhere);
  }
  if (final === undefined || final === file.replaces) return 'to-name';
  if (final === EMPTY && file.replaces === undefined) return 'claimed';
  throw damaged(`${shownPath(dir, file.path)} exists with other contents than the journal names`);
}

interface MissingLines {
  /** The transcript, relative to the authority. */
  readonly path: string;
  /** How many bytes of it are intact. */
  readonly length: number;
  readonly bytes: Uint8Array;
  /** What a crash left after them. */
  readonly torn: Uint8Array;
}

/**
 * Returns the lines that are still missing from the transcript. A crash may have torn them anywhere, and a power cut
 * may have left zeros in their place: bytes that are neither theirs nor a whole line are torn.
 */
function missingLines(dir: string, operation: string, { path, length, text }: PendingLines): MissingLines {
  const there = inside.readInside(dir, path, MAX_TRANSACTION_FILE);
  const bytes = utf8(text);
  const added = there.subarray(length);
  const good = sharedLength(added, bytes);
  const torn = added.subarray(good);
  if (there.length < length || there.length > length + bytes.length || torn.includes(0x0a))
    throw damaged(`${inAuthority(dir, path)} is not the transcript that its lines were to be added to`);
  const whole = utf8(`${fromUtf8(there.subarray(0, length)) ?? ''}${text}`);
  checkContinues(operation, whole, { path, lines: text.split('\n').length - 1 });
  return { path, length: length + good, bytes: bytes.subarray(good), torn };
}

function sharedLength(a: Uint8Array, b: Uint8Array): number {
  const differs = a.findIndex((byte, i) => byte !== b[i]);
  return differs < 0 ? a.length : differs;
}

function addLines(dir: string, { path, length, bytes, torn }: MissingLines): void {
  if (torn.length > 0) setAside(dir, path, length, torn);
  inside.appendInside(dir, path, bytes, length);
}

/** Refuses lines that no command would add: they must continue the same transcript, with events of this command. */
function checkContinues(
  operation: string,
  whole: Uint8Array,
  { path, lines }: { readonly path: string; readonly lines: number },
): void {
  const parsed = attemptQuietly(() => parseTranscript(whole, { mayBeIncomplete: true }));
  if (parsed === undefined) throw damaged(`the lines of its journal do not continue ${path}`);
  const strange = parsed.entries.slice(-lines).find(({ event }) => !mayAdd(operation, event));
  if (strange !== undefined) throw damaged(`${operation} adds no event ${JSON.stringify(strange.event)} to ${path}`);
}

/**
 * Checks that on another medium the only file to get a name is that of a key that is on record here, or will be by this
 * very command.
 */
function checkElsewhere(dir: string, { files }: Pending): void {
  const elsewhere = files.filter(({ path }) => isElsewhere(path));
  if (elsewhere.length === 0) return;
  const records = inside.listInside(dir, 'keys').map((name) => `keys/${name}`);
  const uris = new Set(records.map((path) => uriIn(dir, path, files)));
  for (const { path } of elsewhere) {
    if (!uris.has(`file:${path}`)) throw damaged(`no key record is about ${path}, which its journal names`);
    const fault = elsewhereFault(dir, path);
    if (fault !== undefined) throw damaged(`${path}: ${fault}`);
  }
}

/**
 * Returns the URI in a key record. A record that has no name yet, or has just got it, must have the hash that the
 * journal gives.
 */
function uriIn(dir: string, path: string, files: readonly PendingFile[]): string | undefined {
  const named = files.find((file) => [file.path, file.temporary].includes(path));
  if (!(named?.path ?? path).endsWith('.json')) return undefined;
  if (named !== undefined && attemptQuietly(() => sha256Of(dir, path)) !== named.sha256) return undefined;
  const record = attemptQuietly(() => decodeKeyRecord(inside.readInside(dir, path, MAX_CREDENTIAL_FILE)));
  return typeof record === 'object' ? record.uri : undefined;
}

/** Checks that the folder is untouched before anything there is opened, since others may be able to write in it too. */
function checkUntouched(dir: string, { path, temporary }: PendingFile): void {
  for (const one of [temporary, path]) {
    const fault = inside.existsInside(dir, one) ? inside.faultInside(dir, one) : undefined;
    if (fault !== undefined) throw damaged(`${one}: ${fault}`);
  }
}

const PLUG_IN = 'Plug in the medium that holds it. ';

function damaged(what: string, first = ''): Error {
  return couldNot('authority-damaged', `an interrupted command cannot be completed: ${what}`, {
    hint: `${first}Nothing was changed. Correct that (move away a file that doesn't belong there, or restore it from a copy), and try again.`,
  });
}

/** Returns temporary files, and a journal that never got its contents, relative to the authority. */
function leftovers(dir: string): string[] {
  const empty = inside.existsInside(dir, PENDING_FILE) && readPending(dir) === undefined ? [PENDING_FILE] : [];
  return [...empty, ...temporaries(dir).filter((path) => !isSecondName(dir, path))];
}

/**
 * Returns temporary names that a power cut brought back beside the proper names of the same files; nothing was undone.
 */
function secondNames(dir: string): string[] {
  return temporaries(dir).filter((path) => isSecondName(dir, path));
}

function temporaries(dir: string): string[] {
  return ['', ...FOLDERS].flatMap((folder) =>
    inside
      .listInside(dir, folder)
      .filter(isTemporary)
      .map((name) => (folder === '' ? name : `${folder}/${name}`)),
  );
}

function isSecondName(dir: string, temporary: string): boolean {
  return inside.sameInside(dir, temporary, nameOfTemporary(temporary));
}

/**
 * Returns the new files (relative) that a command is naming at this moment, or was naming when it was interrupted, so
 * that any of them may exist; empty if there are none. For commands that only read. Error: `authority-damaged` if the
 * next command that writes would refuse the journal.
 */
export function filesUnderWay(dir: string): ReadonlySet<string> {
  const pending = readPending(dir);
  if (pending === undefined) return new Set();
  // Other media may not be mounted at the moment.
  const files = pending.files.filter(({ path }) => !isElsewhere(path));
  const { steps, missing } = completionOf(dir, { ...pending, files });
  const isDone = steps.every(({ step }) => step === 'named') && (missing?.bytes.length ?? 0) === 0;
  const fresh = files.filter(({ replaces }) => replaces === undefined).map(({ path }) => path);
  return new Set(isDone ? [] : fresh);
}
