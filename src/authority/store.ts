/** Changes an authority: the files of one command and its transcript appear together, in one transaction. */
import { resolve } from 'node:path';
import { toHex } from '../common/bytes.js';
import { couldNot } from '../common/errors.js';
import { RESUME_OR_ABORT } from '../common/remedy.js';
import { isRehearsalDomain } from '../credential/fqdn.js';
import { hash } from '../crypto/hash.js';
import { type Authority, openAuthority } from './authority.js';
import { checkEvent, type NewEvent, type StartFields } from './events/event.js';
import { checkWrites, type OperationName } from './events/writes.js';
import { settingsEvent } from './formats/recorded-settings.js';
import { addEvent, encodeTranscript, endTranscript, startTranscript, transcriptPath } from './formats/transcript.js';
import { checkGround } from './ground/check-ground.js';
import { existsInside } from './ground/inside.js';
import { SETTINGS_FILE } from './ground/layout.js';
import { acquireLock, type LockIdentity } from './journal/lock.js';
import type { LockHolder } from './journal/lock-holder.js';
import { pendingState, recover, type Recovery } from './journal/recovery.js';
import { commit, type NewFile } from './journal/transaction.js';
import { checkNotBefore } from './not-before.js';
import { OpenTranscript } from './open-transcript.js';

/** A file of a change. A secret one (a key file) does not appear in the transcript, not even as a hash. */
export interface ChangeFile extends NewFile {
  readonly secret?: boolean;
}

/** Which program writes, and on which machine: for the first line of every transcript. */
export interface Writer {
  readonly toolVersion: string;
  readonly hostName: string;
}

/** A transcript that a command writes for itself. */
interface OwnTranscript {
  readonly writer: Writer;
  /** What a person agreed to in words before the command began. */
  readonly noted?: readonly NewEvent[];
}

/** Where a change is recorded: in a transcript of its own, or in that of the ceremony of which it is a step. */
export type RecordIn = OwnTranscript | OpenTranscript;

/** What one command changes, and what goes on record about it. */
export interface Change {
  /** The command, such as `root generate`: the transcript's `command` and, with hyphens, part of its name. */
  readonly operation: OperationName;
  readonly files: readonly ChangeFile[];
  /** In order, after the start and before the files. */
  readonly events: readonly NewEvent[];
  readonly atSeconds: number;
  readonly recordIn: RecordIn;
  /** Principals who are to sign the transcript; none if not given. */
  readonly toSign?: readonly string[];
}

export interface Applied {
  /** Relative to the authority. */
  readonly transcript: string;
  /** In hex. */
  readonly head: string;
}

/** An authority under the lock, with what was recovered from an earlier crash, to be reported to the person. */
export interface LockedAuthority {
  readonly authority: Authority;
  readonly recovery: Recovery | undefined;
  readonly takenOverFrom: LockHolder | undefined;
}

/**
 * Runs one writing command on an authority: lock, recover, open, `action`, unlock. Errors: `authority-locked`,
 * `authority-damaged`, those of `openAuthority` and of the action.
 */
export async function withAuthority<T>(
  dir: string,
  command: string,
  identity: LockIdentity,
  action: (locked: LockedAuthority) => Promise<T>,
): Promise<T> {
  const root = resolve(dir);
  // A folder that is not an authority gets no lock file.
  if (!existsInside(root, SETTINGS_FILE)) await openAuthority(root);
  checkGround(root);
  const lock = acquireLock(root, command, identity);
  try {
    // Nothing is completed or undone in a folder that somebody else changed: what is wrong there is reported first.
    if (pendingState(root) !== undefined) await openAuthority(root);
    const recovery = recover(root);
    const authority = await openAuthority(root);
    return await action({ authority, recovery, takenOverFrom: lock.takenOverFrom });
  } finally {
    lock.release();
  }
}

/**
 * Writes the files of one command, and its record: a transcript of its own, or further lines of the ceremony's. The
 * caller holds the lock, has opened the authority under it, and opens it again before another change. Errors: those of
 * `commit`, and `authority-unfinished` while a ceremony's transcript has no end.
 */
export function applyChange(authority: Authority, change: Change): Applied {
  mayBeWritten(change);
  const { recordIn } = change;
  return recordIn instanceof OpenTranscript
    ? inCeremony(authority, change, recordIn)
    : inTranscript(authority, change, recordIn);
}

function inTranscript(authority: Authority, change: Change, { writer, noted = [] }: OwnTranscript): Applied {
  const { dir, transcripts } = authority;
  if (change.operation !== 'clock recover') checkNotBefore(authority, change.atSeconds);
  if (transcripts.incomplete) {
    throw couldNot(
      'transcript-unfinished',
      `${transcripts.files.at(-1) ?? ''} has no end: a ceremony is under way, or somebody changed it`,
      {
        hint: 'If nobody began one, compare the folder with its last backup. Otherwise resume it, or end it for good.',
        remedies: RESUME_OR_ABORT,
      },
    );
  }
  if (transcripts.nextNumber > 999_999) {
    throw couldNot('authority-damaged', `${transcripts.files.at(-1) ?? ''} leaves no number for the next transcript`, {
      hint: 'Compare the folder with its last backup.',
    });
  }
  const whole = { ...change, writer, events: [...settingsEvents(authority), ...noted, ...change.events] };
  return write(authority.settings.domain, dir, transcripts.nextNumber, transcripts.head, whole);
}

/** Checks that a reading will accept what is about to be written. Error: `internal`. */
export function mayBeWritten({ operation, events, files }: Omit<Change, 'atSeconds' | 'recordIn'>): void {
  const named = files.filter(({ secret }) => secret !== true).map(({ path }) => path);
  events.forEach(checkEvent);
  checkWrites(
    operation,
    events.map(({ event }) => event),
    named,
  );
}

/**
 * Makes the change a part of the running ceremony: its files, and its events as further lines of the ceremony's
 * transcript.
 */
function inCeremony(authority: Authority, change: Change, openTranscript: OpenTranscript): Applied {
  const { dir, transcripts } = authority;
  if (transcripts.files.at(-1) !== openTranscript.path)
    throw couldNot('internal', `${openTranscript.path} is not the newest transcript of ${dir}`);
  const { operation, files, events } = change;
  const { head } = openTranscript.append([...settingsEvents(authority), ...events, filesEvent(files)], (lines) => {
    commit(dir, operation, asNewFiles(files), lines);
  });
  return { transcript: openTranscript.path, head };
}

/** Returns an event with the current settings if authority.yaml differs from what the transcripts last said. */
function settingsEvents({ settingsState }: Authority): readonly NewEvent[] {
  return settingsState.changes === undefined ? [] : [settingsEvent(settingsState)];
}

/** A change in the form that `write` takes. */
export type OwnChange = Omit<Change, 'recordIn'> & { readonly writer: Writer };

/** Writes the change without checking the current state; the caller holds the lock. */
export function write(domain: string, dir: string, number: number, previousHead: string, change: OwnChange): Applied {
  const { operation, files, atSeconds, writer } = change;
  const rehearsal = isRehearsalDomain(domain);
  const fields = startFields(writer, operation);
  let transcript = startTranscript({ previousHead, fields, atSeconds, rehearsal });
  for (const one of [...change.events, filesEvent(files)])
    transcript = addEvent(transcript, one.event, one.fields, atSeconds);
  transcript = endTranscript(transcript, change.toSign ?? [], {}, atSeconds);
  const path = transcriptPath(number, operation);
  commit(dir, operation, [...asNewFiles(files), { path, bytes: encodeTranscript(transcript) }]);
  return { transcript: path, head: transcript.head };
}

/** Returns the fields of the first line itself. */
export function startFields({ toolVersion, hostName }: Writer, command: string): StartFields {
  return { tool: 'as-ceremony', tool_version: toolVersion, command, machine: hostName };
}

/** Returns an event with every file that is not secret, and its hash. */
function filesEvent(files: readonly ChangeFile[]): NewEvent {
  const named = files
    .filter((file) => file.secret !== true)
    .map(({ path, bytes }) => ({
      path,
      sha256: toHex(hash('sha256', bytes)),
      // The operator may change it later.
      ...(path === SETTINGS_FILE ? { final: false } : {}),
    }));
  return { event: 'files', fields: { files: named } };
}

function asNewFiles(files: readonly ChangeFile[]): NewFile[] {
  return files.map(({ path, bytes, mode, replaces }) => ({
    path,
    bytes,
    ...(mode === undefined ? {} : { mode }),
    ...(replaces === undefined ? {} : { replaces }),
  }));
}
