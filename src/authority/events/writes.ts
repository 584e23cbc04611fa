/**
 * What each command may write in a transcript: its events, and the files that it may record, in one table. Both writing
 * and reading use it: whatever no command could have written was planted. Records live as long as their keys: no name
 * is ever removed from here.
 */
import { couldNot } from '../../common/errors.js';
import type { EventName } from './event.js';

/** The paths of files that transcripts record, by kind. No other file is recorded. */
const FILES = {
  settings: /^authority\.yaml$/,
  root: /^credentials\/root-[1-9]\d{0,5}\.pem$/,
  reserve: /^credentials\/root-[1-9]\d{0,5}\.reserve\.json$/,
  intermediate: /^credentials\/intermediate-[1-9]\d{0,5}\.pem$/,
  'key-mark': /^keys\/[^/]+\.(destroying|destroyed)\.json$/,
  key: /^keys\/[^/]+\.json$/,
  request: /^requests\/[^/]+\.pem$/,
  revocation: /^revocations\/[0-9a-f]+\.json$/,
  bundle: /^bundles\/bundle-\d{6,}\.cose$/,
  forgery: /^bundles\/forged-[0-9a-f]{64}\.cose$/,
  'bundle-mark': /^bundles\/bundle-\d{6,}\.(published|withdrawn)\.json$/,
  plan: /^transcripts\/[^/]+\.jsonl\.plan\.json(\.[^/]+)?$/,
} as const;

export type RecordedKind = keyof typeof FILES;

/** Returns the kind of a path that is relative to the authority: the first that matches. */
export function recordedKind(path: string): RecordedKind | undefined {
  return (Object.keys(FILES) as RecordedKind[]).find((kind) => FILES[kind].test(path));
}

interface Writes<E extends string = string> {
  readonly events: readonly E[];
  readonly files: readonly RecordedKind[];
}

/** Besides `start`, `settings`, `memory`, `files` and `end`, which every command writes. */
const OPERATIONS = {
  init: { events: ['rebuild'], files: ['settings', 'root', 'intermediate', 'revocation', 'bundle'] },
  'root generate': { events: ['key', 'sign'], files: ['root', 'reserve', 'key'] },
  'root rotate': { events: ['key', 'sign', 'again'], files: ['root', 'reserve', 'key'] },
  'intermediate request': { events: ['key', 'sign'], files: ['request', 'key'] },
  'intermediate issue': { events: ['key', 'sign'], files: ['intermediate'] },
  'intermediate rotate': { events: ['key', 'sign'], files: ['intermediate'] },
  revoke: { events: ['revoke'], files: ['revocation'] },
  'bundle export': { events: ['key', 'sign', 'held'], files: ['bundle'] },
  'bundle sign': { events: ['key', 'sign', 'stage'], files: [] },
  'bundle assemble': { events: ['signature'], files: ['bundle'] },
  'bundle forged': { events: ['forged', 'revoke'], files: ['forgery', 'revocation'] },
  'bundle published': { events: ['bundle'], files: ['bundle-mark'] },
  'bundle withdraw': { events: ['bundle'], files: ['bundle-mark'] },
  'key attach': { events: ['key'], files: ['key'] },
  'key change-passphrase': { events: ['key'], files: [] },
  'key destroy': { events: ['key'], files: ['key-mark'] },
  'key verify': { events: ['key'], files: [] },
  'key trial': { events: ['key'], files: [] },
  'hsm check': { events: ['key', 'token'], files: [] },
  'ledger receive': {
    events: ['received'],
    files: ['root', 'reserve', 'intermediate', 'revocation', 'bundle', 'bundle-mark', 'forgery'],
  },
  'clock recover': { events: ['clock'], files: [] },
} as const satisfies Readonly<Record<string, Writes<EventName>>>;

/** What a ceremony itself writes. What its steps write is in the table above. */
const CEREMONY_EVENTS = [
  'program',
  'script',
  'plan',
  'people',
  'roll-call',
  'step',
  'agree',
  'intent',
  'done',
  'no',
  'deviation',
  'refusal',
  'say',
  'confirm',
  'ask',
  'check',
  'compare',
  'fingerprint',
  'seal',
  'media',
  'collect',
  'break',
  'head',
  'held',
  'stop-asked',
  'interrupted',
  'resumed',
  // A key that its step made, and that was not used.
  'key',
] as const satisfies readonly EventName[];

const CEREMONIES = ['run', 'rehearse'] as const;

export type OperationName = keyof typeof OPERATIONS;

/**
 * Returns whether a transcript's `command` is a ceremony, whose transcript grows line by line and may have no end yet.
 */
export function isCeremony(command: unknown): boolean {
  return (CEREMONIES as readonly unknown[]).includes(command);
}

export function isOperationName(command: unknown): command is OperationName {
  return typeof command === 'string' && Object.hasOwn(OPERATIONS, command);
}

/** Returns what an operation may write, besides what all of them write. */
export function writesOf(operation: OperationName): Writes {
  return OPERATIONS[operation];
}

export function isCeremonyEvent(event: string): boolean {
  return (CEREMONY_EVENTS as readonly string[]).includes(event);
}

/** Checks before an operation writes that a later reading would not take it for planted. Error: `internal`. */
export function checkWrites(operation: OperationName, events: readonly EventName[], paths: readonly string[]): void {
  const may = writesOf(operation);
  const event = events.find((one) => !may.events.includes(one));
  const path = paths.find((one) => !may.files.some((kind) => kind === recordedKind(one)));
  const what = event === undefined ? path : `the event ${event}`;
  if (what !== undefined)
    throw couldNot('internal', `${operation} may not record ${what} (authority/events/writes.ts)`);
}
