/** The options that say what a chain is verified against, which `verify` and `verify-message` share. */
import { toHex } from '../../common/bytes.js';
import { refused, usage } from '../../common/errors.js';
import { formatTime, parseTime } from '../../common/time.js';
import { parseFingerprint } from '../../credential/credential-fingerprint.js';
import { fingerprintOf } from '../../credential/fingerprint-of.js';
import { type AnyCredential, KINDS } from '../../credential/kinds.js';
import { readCredential } from '../../operations/context/read-credential.js';
import type { ChainQuestion, Link } from '../../verify/chain.js';
import { collect, type Command, type Options } from '../program/command.js';
import type { CommandContext } from '../program/context.js';
import { note, paint } from '../terminal/output.js';
import { textTable } from '../terminal/render.js';
import { CREDENTIAL_KINDS, readTrust } from './file-arguments.js';
import { addHeldOptions, bundleFile, heldIn } from './held-options.js';
import { validityJson } from './times.js';

export function addChainOptions(command: Command): Command {
  const chain = command
    .option(
      '--trust <fingerprint|file>',
      'an AS credential that you trust: its file, or its whole fingerprint (repeatable)',
      collect,
    )
    .option('--with <file>', 'a credential between it and the trusted one (repeatable)', collect)
    .option('--revoked <fingerprint>', 'a revoked fingerprint (repeatable)', collect)
    .option('--bundle <file>', 'the published bundle: its intermediates and revocations count');
  return addHeldOptions(chain).option('--at <time>', 'the time to verify for (default: now)');
}

/**
 * Returns everything that the chain is verified against. A bundle, if given, is accepted first, and its roots are then
 * trusted.
 */
export async function chainQuestion(
  context: CommandContext,
  subject: AnyCredential,
  options: Options,
): Promise<ChainQuestion> {
  const engines = await context.engines();
  const at = options.text('at');
  const atSeconds = at === undefined ? context.atSeconds : parseTime(at);
  const trust = await readTrust(options.texts('trust'));
  checkTrust(context, options);
  const given = options.texts('with').map((file) => readCredential(file, CREDENTIAL_KINDS));
  const revoked = options.texts('revoked').map(revokedFingerprint);
  const file = options.text('bundle');
  if (file === undefined) {
    const trusted = new Set(trust.pins.map(toHex));
    return {
      subject,
      atHand: [...trust.credentials, ...given],
      trusted,
      published: 'any',
      revoked: new Set(revoked),
      atSeconds,
      engines,
    };
  }
  // It loads all of CBOR, which a chain without a bundle does not need.
  const { acceptBundle } = await import('../../verify/accept-bundle.js');
  const { payload } = acceptBundle({
    ...heldIn(options, trust.pins),
    bundle: bundleFile(file),
    known: [...trust.credentials, ...given.filter((one) => one.kind === 'as_credential')],
    atSeconds,
    engines,
  });
  const { asCredentials, asIntermediateCredentials, revokedCerts } = payload;
  const hex = (credential: AnyCredential): string => toHex(fingerprintOf(credential));
  return {
    subject,
    atHand: [...asCredentials, ...asIntermediateCredentials, ...trust.credentials, ...given],
    trusted: new Set(asCredentials.map(hex)),
    published: new Set(asIntermediateCredentials.map(hex)),
    revoked: new Set([...revoked, ...revokedCerts.map(({ fingerprint }) => toHex(fingerprint))]),
    atSeconds,
    engines,
  };
}

/**
 * Checks the options. Error: `usage` if none of them says what is trusted, or if one is about a bundle that isn't
 * given.
 */
function checkTrust(context: CommandContext, options: Options): void {
  const last = options.text('last');
  const without = ['threshold', 'last', 'via'].find((name) => options.value(name) !== undefined);
  if (options.text('bundle') === undefined && without !== undefined) {
    throw usage(`--${without} goes with --bundle`, {
      hint: 'Without a bundle, --trust names the AS credentials that are published, and any one of them is enough.',
    });
  }
  const isPinned = options.texts('trust').length > 0;
  if (!isPinned && last === undefined) {
    throw usage('--trust is missing', {
      hint: 'Name the AS credential that you trust: its file, or its whole fingerprint.',
    });
  }
  if (isPinned && last !== undefined)
    note(context.options, 'note: --last is given, so that --trust does not count for the bundle');
}

function revokedFingerprint(text: string): string {
  const fingerprint = parseFingerprint(text);
  if (fingerprint === undefined) {
    throw refused('bad-fingerprint', `--revoked ${text} is not a whole fingerprint`, {
      hint: 'Give 64, 96 or 128 hex digits.',
    });
  }
  return toHex(fingerprint);
}

export function chainJson(links: readonly Link[]) {
  return links.map(({ credential, fingerprint }) => ({
    kind: credential.kind,
    fingerprint,
    ...validityJson(credential.payload.expirationData),
  }));
}

export function chainText({ options }: CommandContext, links: readonly Link[], atSeconds: number): string {
  const rows = links.map(({ credential, fingerprint }, depth) => [
    `${'  '.repeat(depth)}${KINDS[credential.kind].title}`,
    fingerprint,
    formatTime(credential.payload.expirationData.notAfter),
  ]);
  return `${paint(options)('green', 'valid')} at ${formatTime(atSeconds)}\n\n${textTable(['credential', 'fingerprint', 'valid until'], rows)}`;
}
