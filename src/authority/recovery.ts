/** After a crash: completes a recorded transaction, or takes away what an unrecorded one left. */
import { dirname } from 'node:path';
import { equalBytes, fromUtf8, toHex, utf8 } from '../common/bytes.js';
import { attemptQuietly, couldNot } from '../common/errors.js';
import { MAX_CREDENTIAL_FILE } from '../common/files.js';
import { hash } from '../crypto/hash.js';
import * as inside from './inside.js';
import { mayAdd } from './journal-rules.js';
import { FOLDERS, inAuthority, isElsewhere, PENDING_FILE, placeOf } from './layout.js';
import { readPending, type Pending, type PendingFile, type PendingLines } from './pending.js';
import { decodeKeyRecord } from './records.js';
import { parseTranscript } from './transcript.js';
import { giveName, isTemporary, MAX_TRANSACTION_FILE, sha256Of } from './transaction.js';

/** What was done about an interrupted command, or, from `pendingState`, what is to be done. */
export interface Recovery {
  readonly kind: 'completed' | 'rolled-back';
  /** Known where it is completed. */
  readonly operation?: string;
  /** Relative to the authority: the files that got their names, or the temporary ones that were removed. */
  readonly files: readonly string[];
}

/** Where a file of an interrupted transaction stands; `claimed` is the empty name that `claimName` makes on FAT. */
type Step = 'to-name' | 'named' | 'claimed';

/**
 * What an interrupted command left, without touching it; undefined where all is in order. Without the lock it may also
 * see a command that is still at work. Error: `authority-damaged`.
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
 * Call it under the lock, before anything is read for writing. Undefined where nothing was left. Nothing changes where
 * a file doesn't fit the journal: error `authority-damaged`, naming it.
 */
export function recover(dir: string): Recovery | undefined {
  const state = pendingState(dir);
  const pending = readPending(dir);
  if (pending !== undefined) {
    checkElsewhere(dir, pending);
    const steps = pending.files.map((file) => ({ file, step: stepOf(dir, file) }));
    const missing = pending.lines && missingLines(dir, pending.operation, pending.lines);
    for (const { file, step } of steps) {
      if (step === 'to-name') giveName(dir, file);
      if (step === 'claimed') inside.renameInside(dir, file.temporary, file.path);
      // It has two names where the crash came between giving the one and taking away the other.
      if (step === 'named' && inside.existsInside(dir, file.temporary)) inside.removeInside(dir, file.temporary);
    }
    for (const folder of new Set(steps.map(({ file }) => dirname(file.path)))) inside.syncInside(dir, folder);
    if (missing !== undefined) inside.appendInside(dir, missing.path, missing.bytes, missing.length);
    inside.removeInside(dir, PENDING_FILE);
  }
  for (const path of leftovers(dir)) inside.removeInside(dir, path);
  return state;
}

function stepOf(dir: string, file: PendingFile): Step {
  const [temporary, final] = [sha256Of(dir, file.temporary), sha256Of(dir, file.path)];
  if (final === file.sha256 && (temporary === undefined || temporary === final)) return 'named';
  if (temporary !== file.sha256) {
    const gone = temporary === undefined;
    const which = gone ? 'is missing' : `differs from the journal's hash`;
    const elsewhere = gone && file.path.startsWith('/') ? PLUG_IN : '';
    throw damaged(`${placeOf(dir, gone ? file.path : file.temporary)} ${which}`, elsewhere);
  }
  if (final === undefined || final === file.replaces) return 'to-name';
  if (final === toHex(hash('sha256', new Uint8Array())) && file.replaces === undefined) return 'claimed';
  throw damaged(`${placeOf(dir, file.path)} exists with other contents than the journal names`);
}

/** What is not in the transcript yet of the lines that belong there; a crash may have torn them anywhere. */
function missingLines(
  dir: string,
  operation: string,
  { path, length, text }: PendingLines,
): { readonly path: string; readonly bytes: Uint8Array; readonly length: number } {
  const there = inside.readInside(dir, path, MAX_TRANSACTION_FILE);
  const bytes = utf8(text);
  const added = there.subarray(length);
  if (there.length < length || added.length > bytes.length || !equalBytes(added, bytes.subarray(0, added.length)))
    throw damaged(`${inAuthority(dir, path)} is not the transcript that its lines were to be added to`);
  const whole = utf8(`${fromUtf8(there.subarray(0, length)) ?? ''}${text}`);
  checkContinues(operation, whole, { path, lines: text.split('\n').length - 1 });
  return { path, bytes: bytes.subarray(added.length), length: there.length };
}

/** Lines that nobody's command would add are not added: what follows must be the same transcript still, with events of this command. */
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

/** On another medium nothing gets a name but the file of a key that is on record here, or would be by this very command. */
function checkElsewhere(dir: string, { files }: Pending): void {
  const elsewhere = files.filter(({ path }) => isElsewhere(path));
  if (elsewhere.length === 0) return;
  // By the names that they have, or were written under.
  const records = inside.listInside(dir, 'keys').filter((name) => /\.json(\.[0-9a-f]{12}\.tmp)?$/.test(name));
  const uris = new Set(records.map((name) => uriIn(dir, `keys/${name}`)));
  for (const { path } of elsewhere)
    if (!uris.has(`file:${path}`)) throw damaged(`no key record is about ${path}, which its journal names`);
}

function uriIn(dir: string, path: string): string | undefined {
  const record = attemptQuietly(() => decodeKeyRecord(inside.readInside(dir, path, MAX_CREDENTIAL_FILE)));
  return typeof record === 'object' ? record.uri : undefined;
}

const PLUG_IN = 'Plug in the medium that holds it. ';

function damaged(what: string, first = ''): Error {
  return couldNot('authority-damaged', `an interrupted command can not be completed: ${what}`, {
    hint: `${first}Nothing was changed. Put the file right (move a stranger away, or restore it from a copy) and try again.`,
  });
}

/** Temporaries, and a journal that never got its contents. Relative to the authority. */
function leftovers(dir: string): string[] {
  const top = inside.listInside(dir, '').filter(isTemporary);
  const inFolders = FOLDERS.flatMap((folder) =>
    inside
      .listInside(dir, folder)
      .filter(isTemporary)
      .map((name) => `${folder}/${name}`),
  );
  const empty = inside.existsInside(dir, PENDING_FILE) && readPending(dir) === undefined ? [PENDING_FILE] : [];
  return [...empty, ...top, ...inFolders];
}
