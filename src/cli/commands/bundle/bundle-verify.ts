import { toHex } from '../../../common/bytes.js';
import { usage } from '../../../common/errors.js';
import { formatTime, parseTime, timeJson } from '../../../common/time.js';
import { fingerprintOf } from '../../../credential/fingerprint-of.js';
import { readCredential } from '../../../operations/context/read-credential.js';
import { acceptBundle, type AcceptedBundle } from '../../../verify/accept-bundle.js';
import { absolute, first, readTrust } from '../../options/file-arguments.js';
import { addHeldOptions, bundleFile, heldIn } from '../../options/held-options.js';
import { collect, type CommandModule } from '../../program/command.js';
import { paint, result } from '../../terminal/output.js';
import { fields } from '../../terminal/render.js';

/** Returns the lists of a bundle, in hex. */
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
    addHeldOptions(
      command
        .argument('<file>', 'the bundle')
        .option(
          '--trust <fingerprint|file>',
          'an AS credential that you trust: its file, or its whole fingerprint (repeatable)',
          collect,
        ),
    )
      .option(
        '--with <file>',
        "a root that signed but is no longer listed; that doesn't make it trusted (repeatable)",
        collect,
      )
      .option('--domain <domain>', 'the domain that you expect')
      .option('--at <time>', 'the time to verify for (default: now)');
  },
  run: async (context, args, options) => {
    const last = options.text('last');
    const trust = await readTrust(options.texts('trust'));
    if ((last === undefined) === (trust.pins.length === 0)) {
      throw usage(last === undefined ? 'neither --trust nor --last is given' : '--trust and --last are both given', {
        hint: 'Give --last with the last bundle that you accepted, or, for the first one, --trust with the root.',
      });
    }
    const at = options.text('at');
    const atSeconds = at === undefined ? context.atSeconds : parseTime(at);
    const bundle = acceptBundle({
      ...heldIn(options, trust.pins),
      bundle: bundleFile(first(args)),
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
