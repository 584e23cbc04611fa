/** `init --from-bundle`: begins an authority with the last bundle, because the disk with the old one is lost. */
import { relative, resolve } from 'node:path';
import type { NewAuthority } from '../../authority/init-authority.js';
import { CeremonyError, refused, retold, usage } from '../../common/errors.js';
import { MAX_BUNDLE_FILE, readFile } from '../../common/files.js';
import { formatTime } from '../../common/time.js';
import { numberIn } from '../../operations/context/text-options.js';
import { attachKey } from '../../operations/keys/attach-key.js';
import { rebuildFrom } from '../../operations/recovery/rebuild.js';
import { beginAuthority } from '../operation/begin-authority.js';
import { rememberLedger } from '../operation/ledger-memory.js';
import { confirmPreview, runOperation } from '../operation/run-operation.js';
import type { Options } from '../program/command.js';
import type { CommandContext } from '../program/context.js';
import { commandLine } from '../terminal/remedy-text.js';
import { fields } from '../terminal/render.js';
import { readTrust } from './file-arguments.js';

export interface RebuiltAuthority {
  readonly transcript: string;
  readonly sequence: number;
  readonly credentials: readonly string[];
  readonly keys: readonly { readonly uri: string; readonly owner: string }[];
}

type Begin = Pick<NewAuthority, 'domain' | 'ciphersuite'> & { readonly dir: string };

/** Makes the authority. Errors: `not-newest`; those of `rebuildFrom`, `initAuthority` and `attachKey`. */
export async function initFromBundle(
  context: CommandContext,
  begin: Begin,
  options: Options,
): Promise<RebuiltAuthority> {
  const { atSeconds } = context;
  const { dir, domain, ciphersuite } = begin;
  const trust = options.texts('trust');
  if (trust.length === 0) {
    throw usage('--from-bundle needs --trust: the fingerprint of a root, known from another source than the bundle', {
      hint: 'Take it from paper, or from a client that has it pinned.',
    });
  }
  const { pins, credentials: known } = await readTrust(trust);
  const floor = floorOf(options.text('sequenceFloor'));
  const threshold = numberIn(options, 'threshold');
  const rebuild = rebuildFrom({
    dir,
    domain,
    bundle: readFile(options.text('fromBundle') ?? '', MAX_BUNDLE_FILE),
    pins,
    known,
    ...(threshold === undefined ? {} : { threshold }),
    ...(floor === undefined ? {} : { sequenceFloor: floor }),
    atSeconds,
    engines: await context.engines(),
  });
  checkRemembered(context, domain, floor ?? rebuild.sequence);
  await confirmPreview(context, { ...rebuild.preview, record: rememberedOf(context, domain) });
  const { files, events, sequence, credentials } = rebuild;
  const { transcript } = await beginAuthority(context, dir, { domain, ciphersuite, files, events });
  await rememberLedger(context, dir);
  const keys = [];
  for (const uri of options.texts('key')) keys.push(await attach({ ...context, dir }, uri));
  return { transcript: resolve(dir, transcript), sequence, credentials, keys };
}

/**
 * Returns what is remembered about earlier records of the domain: bundles with a higher number may have been published.
 */
function rememberedOf({ memory }: CommandContext, domain: string): readonly string[] {
  return (memory?.ofDomain(domain) ?? []).map(
    ({ head, sequence, atSeconds }) =>
      `A record of ${domain} is remembered here: its head was ${head} at ${formatTime(atSeconds)}, and its highest bundle ${String(sequence)}.`,
  );
}

/**
 * Checks that no higher number is remembered than the one from which the rebuilt authority would continue. Error:
 * `not-newest`.
 */
function checkRemembered({ memory }: CommandContext, domain: string, floor: number): void {
  const highest = Math.max(0, ...(memory?.ofDomain(domain) ?? []).map(({ sequence }) => sequence));
  if (highest <= floor) return;
  throw refused(
    'not-newest',
    `bundle ${String(highest)} of ${domain} was signed by a record that is remembered here, and this one would go on after ${String(floor)}`,
    {
      hint: `Rebuild from the newest bundle. If that one is lost, give its number, and revoke again what it revoked.`,
      remedies: [{ option: 'sequence-floor', value: String(highest) }],
    },
  );
}

/** Attaches a key. The authority exists already, so a key that cannot be opened now can be attached later. */
async function attach(context: CommandContext, uri: string): Promise<{ readonly uri: string; readonly owner: string }> {
  try {
    return await runOperation(context, 'key attach', (operation) => attachKey(operation, uri));
  } catch (error) {
    if (!(error instanceof CeremonyError)) throw error;
    throw retold(error, `the authority is rebuilt, but without the key ${uri}: ${error.message}`, {
      hint: `${error.hint ?? ''} Then: ${commandLine({ command: 'key attach', args: [uri] }, context.dir)}`.trim(),
    });
  }
}

function floorOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const floor = Number(text);
  if (/^[1-9]\d{0,15}$/.test(text) && Number.isSafeInteger(floor)) return floor;
  throw usage(`--sequence-floor ${JSON.stringify(text)} is not a sequence number`, {
    hint: 'Write the highest sequence that was ever signed, such as 12.',
  });
}

export function rebuiltJson(dir: string, rebuilt: RebuiltAuthority) {
  const { transcript, sequence, credentials, keys } = rebuilt;
  return {
    settings: resolve(dir, 'authority.yaml'),
    transcript,
    sequence,
    credentials: credentials.map((file) => resolve(dir, file)),
    keys: keys.map(({ uri, owner }) => ({ key: uri, belongs_to: owner })),
  };
}

export function rebuiltText(dir: string, rebuilt: RebuiltAuthority): string {
  const shown = relative(process.cwd(), dir) || '.';
  const { sequence, credentials, keys } = rebuilt;
  return [
    `The authority is rebuilt in ${dir}, as of bundle ${String(sequence)}.`,
    '',
    fields([
      ...credentials.map((file) => ['credential', file] as const),
      ...keys.map(({ uri, owner }) => [uri, owner] as const),
    ]),
    'Next:',
    '  1. authority.yaml has the default settings: change it to fit your policy',
    `  2. bring back the keys that are missing: ${commandLine({ command: 'key attach', args: ['KEY-URI'] }, shown)}`,
    '  3. revoke again what was revoked after that bundle',
    `  4. ${commandLine({ command: 'bundle export' }, shown)}`,
    '',
  ].join('\n');
}
