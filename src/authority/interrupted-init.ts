/**
 * An `init` that was interrupted after its journal stood: what completing it would make. Whoever can write a folder can
 * put such a journal there, so nobody's is completed before a person has seen what it makes.
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
  /** Of its journal (hex): what is agreed to is what is completed. */
  readonly sha256: string;
  readonly domain: string;
  /** As its transcript says; empty where that says nothing. */
  readonly machine: string;
  /** Unix seconds. */
  readonly atSeconds: number;
  /** Relative to the folder: what gets its name. */
  readonly files: readonly string[];
  /** Whether its authority.yaml is one that init writes by itself. */
  readonly usualSettings: boolean;
}

/**
 * Undefined where no journal stands in a folder that is no authority yet. Error: `authority-damaged`, where it is none
 * of an init, or can't be read.
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

/** Under the lock: that which was agreed to, and no other. Error: `authority-unfinished`. */
export function checkAgreed(dir: string, agreed: string): void {
  const found = interruptedInit(dir);
  if (found !== undefined && found.sha256 !== agreed) throw unfinishedInit(dir, found);
}

/** Where nobody is here to say whether it was theirs. */
export function unfinishedInit(dir: string, { domain }: InterruptedInit): Error {
  return couldNot(
    'authority-unfinished',
    `an init of ${domain} was interrupted in ${dir}, by you or by whoever can write there`,
    {
      hint: `${howElse(dir)} To look at it and complete it, begin it at a terminal.`,
      remedies: [{ command: 'init', args: [domain, dir] }],
    },
  );
}

/** What to do where it is not to be completed. */
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
  return couldNot('authority-damaged', `${inAuthority(dir, PENDING_FILE)} is the journal of no init: ${why}`, {
    hint: 'Restore the authority that it belongs to from its last backup; or choose another folder.',
  });
}
