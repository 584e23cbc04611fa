/**
 * What completing an `init` would make that was interrupted after its journal was written. Whoever can write in a
 * folder can put such a journal there, so none is completed before a person has seen what it makes.
 */
import { textField } from '../codec/strict-json.js';
import { fromUtf8, toHex } from '../common/bytes.js';
import { attemptQuietly, couldNot } from '../common/errors.js';
import { shellWord } from '../common/shell.js';
import { parseCiphersuite } from '../crypto/ciphersuite.js';
import { hash } from '../crypto/hash.js';
import { MAX_PENDING_FILE, type PendingFile, readPending } from './formats/pending.js';
import { FULL_CIPHERSUITES, settingsTemplate } from './formats/settings-defaults.js';
import { eventsOf, MAX_TRANSCRIPT_FILE, parseTranscript } from './formats/transcript.js';
import { existsInside, readInside } from './ground/inside.js';
import { inAuthority, PENDING_FILE, SETTINGS_FILE } from './ground/layout.js';

export interface InterruptedInit {
  /** The SHA-256 (hex) of its journal: what a person agrees to is exactly what is completed. */
  readonly sha256: string;
  readonly domain: string;
  /** As its transcript says; empty if it doesn't say. */
  readonly machine: string;
  /** Unix seconds. */
  readonly atSeconds: number;
  /** The files that get their names, relative to the folder. */
  readonly files: readonly string[];
  /** Whether its authority.yaml is the one that init writes by default. */
  readonly usualSettings: boolean;
}

/**
 * Returns the interrupted init, or undefined if a folder that is not an authority yet has no journal. Error:
 * `authority-damaged` if the journal is not from an init, or cannot be read.
 */
export function interruptedInit(dir: string): InterruptedInit | undefined {
  if (existsInside(dir, SETTINGS_FILE)) return undefined;
  const pending = readPending(dir);
  if (pending === undefined) return undefined;
  const { operation, files } = pending;
  if (operation !== 'init') throw notOfInit(dir, `it is of "${operation}", and there is no ${SETTINGS_FILE}`);
  const bytesOf = (end: RegExp): Uint8Array | undefined => {
    const file = files.find(({ path }) => end.test(path));
    return file && attemptQuietly(() => bytesNamed(dir, file));
  };
  const transcript = bytesOf(/^transcripts\//);
  const entries = transcript && attemptQuietly(() => parseTranscript(transcript).entries);
  const [first] = entries ?? [];
  const [settingsLine] = eventsOf(entries ?? [], 'settings');
  const domain = textField(settingsLine?.fields.values ?? {}, 'domain');
  if (first === undefined || domain === undefined) throw notOfInit(dir, 'its transcript can’t be read');
  const settings = fromUtf8(bytesOf(/^authority\.yaml$/) ?? new Uint8Array());
  return {
    sha256: toHex(hash('sha256', readInside(dir, PENDING_FILE, MAX_PENDING_FILE))),
    domain,
    machine: first.event === 'start' ? first.fields.machine : '',
    atSeconds: first.atSeconds,
    files: files.map(({ path }) => path),
    usualSettings: FULL_CIPHERSUITES.some((name) => {
      const ciphersuite = parseCiphersuite(name);
      return ciphersuite !== undefined && settings === settingsTemplate(domain, ciphersuite);
    }),
  };
}

/** Checks, under the lock, that the journal is the one that was agreed to. Error: `authority-unfinished`. */
export function checkAgreed(dir: string, agreed: string): void {
  const found = interruptedInit(dir);
  if (found !== undefined && found.sha256 !== agreed) throw unfinishedInit(dir, found);
}

/** Makes the error for when nobody is there to say whether the init was theirs. */
export function unfinishedInit(dir: string, { domain }: InterruptedInit): Error {
  return couldNot(
    'authority-unfinished',
    `an init of ${domain} was interrupted in ${dir}, by you or by whoever can write there`,
    {
      hint: `${howElse(dir)} To see it and complete it, run init again at a terminal.`,
      remedies: [{ command: 'init', args: [domain, dir] }],
    },
  );
}

/** Returns what to do if it is not to be completed. */
export function howElse(dir: string): string {
  return `To start over, run: rm ${shellWord(inAuthority(dir, PENDING_FILE))}; then begin again.`;
}

function bytesNamed(dir: string, { temporary, path, sha256 }: PendingFile): Uint8Array | undefined {
  return [path, temporary]
    .filter((name) => existsInside(dir, name))
    .map((name) => readInside(dir, name, MAX_TRANSCRIPT_FILE))
    .find((bytes) => toHex(hash('sha256', bytes)) === sha256);
}

function notOfInit(dir: string, why: string): Error {
  return couldNot('authority-damaged', `${inAuthority(dir, PENDING_FILE)} is not the journal of an init: ${why}`, {
    hint: 'Restore the authority that it belongs to from its last backup; or choose another folder.',
  });
}
