/** What the checks of the machine need from a command line, for `doctor` and before a ceremony. */
import { dirname, resolve } from 'node:path';
import { type Authority, openAuthority } from '../../authority/authority.js';
import { DEFAULTS } from '../../authority/formats/settings-defaults.js';
import { existsInside } from '../../authority/ground/inside.js';
import { SETTINGS_FILE } from '../../authority/ground/layout.js';
import { thisMachine } from '../../ceremony/preflight/machine.js';
import { readManifest } from '../../ceremony/preflight/manifest.js';
import type { Means } from '../../ceremony/preflight/preflight.js';
import type { Program } from '../../ceremony/preflight/program-hashes.js';
import { parseTypedClock, type TypedClock } from '../../ceremony/preflight/typed-clock.js';
import { parseKeyUri } from '../../codec/key-uri.js';
import { CeremonyError, usage } from '../../common/errors.js';
import { factsOf, realPath } from '../../common/files.js';
import { parseDuration } from '../../common/time.js';
import { hsmMeans } from '../operation/hsm-means.js';
import { build } from '../program/build-info.js';
import { collect, type Command, type Options } from '../program/command.js';
import type { CommandContext } from '../program/context.js';
import { worded } from '../terminal/remedy-text.js';

export function addPreflightOptions(command: Command): Command {
  return command
    .option(
      '--clock <time>',
      'what a watch says now, in UTC, such as "2026-11-24 05:40" (default: asked at a terminal)',
    )
    .option('--media <folder>', 'a medium to test by writing a file to it and removing it (repeatable)', collect)
    .option('--hsm <uri>', 'a token, or a key in it, besides those on record; needs no PIN (repeatable)', collect)
    .option('--manifest <file>', "the program's expected hashes, as sha256sum prints them");
}

/**
 * Returns the program as it was started, with the modules of these key URIs; `manifest` is a file. Errors: those of
 * `readManifest`.
 */
export function thisProgram(uris: readonly string[] = [], manifest?: string): Program {
  const modules = uris.flatMap((uri) => {
    const key = parseKeyUri(uri);
    return key.kind === 'pkcs11' && key.modulePath !== undefined ? [key.modulePath] : [];
  });
  return {
    version: build.version,
    node: process.version,
    root: dirname(dirname(realPath(process.argv[1] ?? ''))),
    nodePath: realPath(process.execPath),
    modules: [...new Set(modules)].filter((path) => factsOf(path)?.kind === 'file'),
    ...(manifest === undefined ? {} : { manifest: readManifest(resolve(manifest)) }),
  };
}

/** Returns the authority of the command line, if there is one. Errors: those of `openAuthority`. */
export async function authorityIfAny({ dir }: CommandContext): Promise<Authority | undefined> {
  return existsInside(dir, SETTINGS_FILE) ? openAuthority(dir) : undefined;
}

/**
 * Returns everything that the checks need. It asks for the time if a person is there. Errors: `usage`, `bad-manifest`.
 */
export async function preflightMeans(
  context: CommandContext,
  options: Options,
  authority: Authority | undefined,
  rehearsal = false,
): Promise<Means> {
  const { atSeconds, buildSeconds, random, dir } = context;
  const hsmUris = options.texts('hsm');
  for (const uri of hsmUris) {
    if (parseKeyUri(uri).kind !== 'pkcs11')
      throw usage(`${uri} is not in an HSM`, { hint: 'Write --hsm pkcs11:token=LABEL.' });
  }
  const onLedger = (authority?.keyRecords ?? []).flatMap(({ uri, end }) => (end?.state === 'destroyed' ? [] : [uri]));
  const program = thisProgram([...onLedger, ...hsmUris], options.text('manifest'));
  return {
    machine: thisMachine(),
    atSeconds,
    buildSeconds,
    random,
    dir,
    authority,
    rehearsal,
    clockTolerance: authority?.settings.clockTolerance ?? parseDuration(DEFAULTS.clock_tolerance),
    typedClock: await clockOnWatch(context, options.text('clock')),
    media: options.texts('media').map((path) => resolve(path)),
    program,
    hsm: hsmMeans(context, authority?.settings),
    hsmUris,
  };
}

async function clockOnWatch(
  { options, atSeconds, terminal }: CommandContext,
  given: string | undefined,
): Promise<TypedClock | undefined> {
  if (given !== undefined) return parseTypedClock(given, atSeconds);
  if (options.yes === true || !terminal.isPresent) return undefined;
  for (;;) {
    const answer = await terminal.askLine('Your watch says (UTC, as 2026-11-24 05:40; empty: skip)');
    const typedAt = Math.floor(Date.now() / 1000);
    if (answer.trim() === '') return undefined;
    try {
      return parseTypedClock(answer, typedAt);
    } catch (error) {
      if (!(error instanceof CeremonyError)) throw error;
      terminal.say(`${error.message}. ${worded(error.hint ?? '', error.remedies, options)}`);
    }
  }
}
