/**
 * Rebuilds an authority whose disk is lost: a new one begins with what the last published bundle still says about it.
 */
import type { NewEvent } from '../../authority/events/event.js';
import { encodeRevocation, revocationPath } from '../../authority/formats/small-files.js';
import { existsInside } from '../../authority/ground/inside.js';
import { SETTINGS_FILE } from '../../authority/ground/layout.js';
import type { ChangeFile } from '../../authority/store.js';
import { decodeBundle } from '../../bundle/bundle.js';
import { checkSequence } from '../../bundle/limits.js';
import { compareBytes, toHex, utf8 } from '../../common/bytes.js';
import { CeremonyError, couldNot, refused, usage } from '../../common/errors.js';
import { formatTime } from '../../common/time.js';
import type { AsCredential } from '../../credential/as-credential.js';
import { encodeCredentialFile } from '../../credential/credential-file.js';
import { fingerprintOf } from '../../credential/fingerprint-of.js';
import type { IntermediateAsCredential } from '../../credential/intermediate-as-credential.js';
import type { VerificationEngine } from '../../crypto/engine.js';
import { hash } from '../../crypto/hash.js';
import { acceptBundle, type AcceptedBundle } from '../../verify/accept-bundle.js';
import { inWords } from '../bundles/bundle-preview.js';
import { bundleFile } from '../bundles/dry-run-bundle.js';
import { jumpWords } from '../bundles/numbers-said.js';
import { nextSequence } from '../bundles/sequence.js';
import type { Preview } from '../context/operation-context.js';
import { AHEAD, ENDED, endedIn, EXPIRED, FLOOR, NEWEST, UNNAMED, unnamedIn, warningsFor } from './rebuild-said.js';

export interface RebuildOptions {
  /** Absolute. */
  readonly dir: string;
  readonly domain: string;
  /** The file's bytes. */
  readonly bundle: Uint8Array;
  /** Fingerprints of roots that the person knows from another source. */
  readonly pins: readonly Uint8Array[];
  /** How many of them must have signed; required if there are two or more. */
  readonly threshold?: number;
  /** Roots that were given as files, for signers that the bundle doesn't list. */
  readonly known: readonly AsCredential[];
  /** The highest sequence that was ever signed, if that may be above the bundle's. */
  readonly sequenceFloor?: number;
  readonly atSeconds: number;
  readonly engines: readonly VerificationEngine[];
}

export interface Rebuild {
  readonly preview: Preview;
  readonly files: readonly ChangeFile[];
  readonly events: readonly NewEvent[];
  readonly sequence: number;
  /** Relative to the authority. */
  readonly credentials: readonly string[];
}

interface Accepted {
  readonly bundle: AcceptedBundle;
  /** What clients would say about it now, if that is not `valid`. */
  readonly but: 'bundle-expired' | 'not-yet-valid' | undefined;
}

/**
 * Verifies the bundle as a new client does that pinned the given roots, and returns what an authority that begins with
 * it holds. Nothing is written. Errors: those of `acceptBundle`, except for time; `authority-exists`;
 * `bundle-malformed` (a number, or a floor, that leaves none for the next); `usage`.
 */
export function rebuildFrom(wanted: RebuildOptions): Rebuild {
  const { dir, domain } = wanted;
  if (existsInside(dir, SETTINGS_FILE)) {
    throw couldNot('authority-exists', `${dir} is an authority already`, {
      hint: 'Nothing is rebuilt over one that is there; choose another folder.',
    });
  }
  const { bundle, but } = accept(wanted);
  const { payload } = bundle;
  const { sequence } = payload;
  const floor = wanted.sequenceFloor ?? sequence;
  if (floor < sequence) {
    throw usage(`the floor ${String(floor)} is below the bundle's own sequence, ${String(sequence)}`, {
      hint: 'Name the highest sequence that was ever signed, or leave it out where this bundle has it.',
    });
  }
  const next = nextSequence(floor, sequence);
  checkSequence(next, wanted.atSeconds, { hint: wanted.sequenceFloor === undefined ? AHEAD : FLOOR });
  const roots = numbered('root', [...payload.asCredentials, ...signersNotListed(bundle)]);
  const intermediates = numbered('intermediate', payload.asIntermediateCredentials);
  const files: ChangeFile[] = [
    ...roots,
    ...intermediates,
    ...payload.revokedCerts.map(({ fingerprint, revokedAt, reason }) => ({
      path: revocationPath(fingerprint),
      bytes: encodeRevocation({ fingerprint, revokedAtSeconds: revokedAt, reason }),
    })),
    { path: bundleFile(sequence), bytes: bundle.encoded },
  ];
  const sha256 = toHex(hash('sha256', bundle.encoded));
  const ended = endedIn(payload, wanted.pins);
  const unnamed = unnamedIn(payload, wanted.pins);
  const words = inWords(
    wanted.sequenceFloor === undefined ? NEWEST : undefined,
    but === 'bundle-expired' ? EXPIRED : undefined,
    jumpWords(nextSequence(floor, sequence), sequence),
    ended.length > 0 ? ENDED : undefined,
    unnamed.length > 0 ? UNNAMED : undefined,
  );
  return {
    preview: {
      title: `An authority for ${domain}, rebuilt from bundle ${String(sequence)}`,
      rows: [
        ['bundle (SHA-256)', sha256],
        ['sequence', String(sequence)],
        ['issued at', formatTime(payload.issuedAt)],
        ['expires at', formatTime(payload.expiresAt)],
        ...wanted.pins.map((pin) => ['verified with', toHex(pin)] as const),
        ...[...roots, ...intermediates].map(({ path, fingerprint }) => [path, fingerprint] as const),
        ['revocations', String(payload.revokedCerts.length)],
        ['next bundle', `sequence ${String(next)}`],
      ],
      changes: [
        'the record of transcripts starts again, and says that the earlier ones were lost',
        'keys come back one by one, each compared with its credential',
      ],
      warnings: warningsFor(payload, wanted.pins, but, wanted.sequenceFloor === undefined),
      // Nothing shows whether this is true: a person says so, and --yes cannot.
      ...words,
      typed: words.words !== undefined,
    },
    files: files.map(({ path, bytes }) => ({ path, bytes })),
    events: [
      {
        event: 'rebuild',
        fields: {
          what: 'the earlier transcripts are lost; this authority begins with a bundle',
          bundle_sha256: sha256,
          sequence,
          sequence_floor: floor,
          trusted: wanted.pins.map(toHex),
          ...(but === undefined ? {} : { clients_say: but }),
          vouched_to_be_newest: wanted.sequenceFloor === undefined,
        },
      },
    ],
    sequence,
    credentials: [...roots, ...intermediates].map(({ path }) => path),
  };
}

function accept(wanted: RebuildOptions): Accepted {
  const { bundle, pins, threshold, known, domain, atSeconds, engines } = wanted;
  const at = (seconds: number): AcceptedBundle =>
    acceptBundle({ bundle, held: { pins, threshold }, known, expectedDomain: domain, atSeconds: seconds, engines });
  try {
    return { bundle: at(atSeconds), but: undefined };
  } catch (error) {
    const code = error instanceof CeremonyError ? error.code : undefined;
    if (code === 'unknown-signer') {
      throw refused(code, `the bundle: ${(error as Error).message}`, {
        hint: 'A root that is no longer listed may have signed its own end. Name that root too, by its file.',
        remedies: [{ option: 'trust', value: 'FILE' }],
        cause: error,
      });
    }
    if (code !== 'bundle-expired' && code !== 'not-yet-valid') throw error;
    const { payload } = decodeBundle(bundle);
    return { bundle: at(code === 'bundle-expired' ? payload.expiresAt : payload.issuedAt), but: code };
  }
}

/**
 * Returns the signers that the bundle does not list, so that the bundle can still be verified; even a root that signed
 * its own end.
 */
function signersNotListed({ payload, signers }: AcceptedBundle): AsCredential[] {
  const listed = new Set(payload.asCredentials.map((one) => toHex(fingerprintOf(one))));
  return signers.map(({ credential }) => credential).filter((one) => !listed.has(toHex(fingerprintOf(one))));
}

interface NumberedFile extends ChangeFile {
  readonly fingerprint: string;
}

/** Numbers credentials; the oldest is number 1, as far as the bundle knows. */
function numbered(
  kind: 'root' | 'intermediate',
  credentials: readonly (AsCredential | IntermediateAsCredential)[],
): readonly NumberedFile[] {
  return [...credentials]
    .sort(
      (a, b) =>
        a.payload.expirationData.notBefore - b.payload.expirationData.notBefore ||
        compareBytes(fingerprintOf(a), fingerprintOf(b)),
    )
    .map((credential, i) => ({
      path: `credentials/${kind}-${String(i + 1)}.pem`,
      bytes: utf8(encodeCredentialFile(credential)),
      fingerprint: toHex(fingerprintOf(credential)),
    }));
}
