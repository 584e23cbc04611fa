import { toHex } from '../../common/bytes.js';
import { looksLikePem } from '../../codec/pem.js';
import { refused, usage } from '../../common/errors.js';
import { MAX_BUNDLE_FILE, readFile } from '../../common/files.js';
import { formatTime, parseTime } from '../../common/time.js';
import { fingerprintOf } from '../../credential/fingerprint.js';
import { acceptBundle, type AcceptedBundle } from '../../verify/bundle.js';
import { readCredential } from '../../operations/read-credential.js';
import { collect, type CommandModule, type Options } from '../command.js';
import { absolute, first, readTrust } from '../files.js';
import { paint, result } from '../output.js';
import { fields } from '../render.js';
import { timeJson } from '../times.js';

function bundleFile(path: string): Uint8Array {
  const bytes = readFile(path, MAX_BUNDLE_FILE);
  if (!looksLikePem(bytes)) return bytes;
  throw refused('bundle-malformed', `${path} is a PEM file, and no signed bundle`, {
    hint: 'Name the .cose file; for a credential, use verify.',
  });
}

function thresholdOf(options: Options): number {
  const text = options.text('threshold') ?? '1';
  if (!/^[1-9][0-9]{0,3}$/.test(text)) throw usage(`--threshold ${text} is not a number from 1`);
  return Number(text);
}

/** Lists of a bundle, in hex. */
export function bundleLists({ payload }: AcceptedBundle): {
  readonly roots: string[];
  readonly intermediates: string[];
  readonly revoked: string[];
} {
  return {
    roots: payload.asCredentials.map((root) => toHex(fingerprintOf(root))),
    intermediates: payload.asIntermediateCredentials.map((one) => toHex(fingerprintOf(one))),
    revoked: payload.revokedCerts.map(({ fingerprint }) => toHex(fingerprint)),
  };
}

export const { define, run }: CommandModule = {
  define: (command) => {
    command
      .argument('<file>', 'the bundle')
      .option(
        '--trust <fingerprint|file>',
        'an AS credential that you trust: its file, or its whole fingerprint (repeats)',
        collect,
      )
      .option('--last <file>', 'the last bundle that you accepted; pins no longer count then')
      .option('--via <file>', 'a bundle between that and this one, in their order (repeats)', collect)
      .option(
        '--with <file>',
        'a root that has signed and is listed no more; it is not trusted for that (repeats)',
        collect,
      )
      .option('--threshold <n>', 'how many of the trusted must have signed (with --trust; 1)')
      .option('--domain <domain>', 'the domain that you expect')
      .option('--at <time>', 'the time to verify for; now if not given');
  },
  run: async (context, args, options) => {
    const last = options.text('last');
    const trust = await readTrust(options.texts('trust'));
    if ((last === undefined) === (trust.pins.length === 0)) {
      throw usage(last === undefined ? 'neither --trust nor --last is given' : '--trust and --last are both given', {
        hint: 'Give --last with the last bundle that you accepted, or, for the first one, --trust with the root.',
      });
    }
    if (last !== undefined && options.text('threshold') !== undefined) {
      throw usage('--threshold goes with --trust', { hint: 'With --last, that bundle says how many must sign.' });
    }
    if (last === undefined && options.texts('via').length > 0) throw usage('--via goes with --last');
    const at = options.text('at');
    const atSeconds = at === undefined ? context.atSeconds : parseTime(at);
    const bundle = acceptBundle({
      bundle: bundleFile(first(args)),
      held: last === undefined ? { pins: trust.pins, threshold: thresholdOf(options) } : { last: bundleFile(last) },
      via: options.texts('via').map(bundleFile),
      known: [...trust.credentials, ...options.texts('with').map((file) => readCredential(file, ['as_credential']))],
      expectedDomain: options.text('domain'),
      atSeconds,
      engines: await context.engines(),
    });
    const { payload } = bundle;
    const { roots, intermediates, revoked } = bundleLists(bundle);
    const signers = bundle.signers.map(({ fingerprint }) => fingerprint);
    const json = {
      code: 'valid',
      message: 'valid',
      file: absolute(first(args)),
      sequence: payload.sequence,
      ...timeJson('issued_at', payload.issuedAt),
      ...timeJson('expires_at', payload.expiresAt),
      signers,
      as_domain: payload.asDomain,
      as_credentials: roots,
      as_intermediate_credentials: intermediates,
      revoked_certs: revoked,
      threshold: payload.threshold,
      next_roots: payload.nextRoots.map(toHex),
      unchanged: bundle.unchanged,
    };
    result(context.options, json, () => {
      const rows = [
        ['domain', payload.asDomain],
        ['sequence', `${String(payload.sequence)}${bundle.unchanged ? ' (the one that you hold)' : ''}`],
        ['issued at', formatTime(payload.issuedAt)],
        ['expires at', formatTime(payload.expiresAt)],
        ...roots.map((root) => ['root', root] as const),
        ...intermediates.map((one) => ['intermediate', one] as const),
        ...revoked.map((one) => ['revoked', one] as const),
        ...bundle.signers.map(
          ({ fingerprint, notCounted }) =>
            [
              'signed by',
              notCounted === undefined ? fingerprint : `${fingerprint} (not counted: ${notCounted})`,
            ] as const,
        ),
      ] as const;
      return `${paint(context.options)('green', 'valid')} at ${formatTime(atSeconds)}, by both engines\n\n${fields(rows)}`;
    });
  },
};
