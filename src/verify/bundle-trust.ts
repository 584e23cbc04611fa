/** What a verifier holds before it looks at a bundle: the last accepted one (L), or pins. */
import { decodeBundle, type UnverifiedBundle } from '../bundle/bundle.js';
import { isFaulty } from '../bundle/listed-credential.js';
import type { BundlePayload } from '../bundle/payload.js';
import { MALFORMED } from '../bundle/payload-fields.js';
import { toHex } from '../common/bytes.js';
import { refused, usage } from '../common/errors.js';
import type { AsCredential } from '../credential/as-credential.js';
import { fingerprintOf } from '../credential/fingerprint-of.js';

export type HeldTrust =
  /**
   * The bytes of the last accepted bundle. It was verified when it was accepted, and only its form is looked at again.
   */
  | { readonly last: Uint8Array }
  /**
   * Fingerprints of AS credentials, learnt by another way, and how many of them must sign: 1 where there is one, and of
   * two or more it must be said, because with 1 whoever steals any one of them speaks for all.
   */
  | { readonly pins: readonly Uint8Array[]; readonly threshold?: number | undefined };

/** The last accepted bundle. */
export interface LastBundle {
  readonly payload: BundlePayload;
  readonly payloadBytes: Uint8Array;
}

/** Fingerprints are hex. */
export interface Trust {
  readonly last: LastBundle | undefined;
  /** Whose signatures may count: L's roots, or the pinned ones. */
  readonly trusted: ReadonlySet<string>;
  /** Of these, and of all others, L revokes those. */
  readonly revoked: ReadonlySet<string>;
  readonly threshold: number;
  /** AS credentials that kids may name though the bundle doesn't list them: L's, then given files. */
  readonly others: ReadonlyMap<string, AsCredential>;
}

/**
 * Errors: `usage` for two pins without a threshold, and one that is no positive integer; `bundle-malformed` for a last
 * bundle that isn't one.
 */
export function trustFrom(held: HeldTrust, known: readonly AsCredential[]): Trust {
  if (holdsLast(held)) return trustInLast(readLast(held.last), known);
  const trusted = new Set(held.pins.map(toHex));
  const others = byFingerprint(known);
  const said = Object.hasOwn(held, 'threshold') ? held.threshold : undefined;
  const threshold = said ?? onlyOf(trusted, others);
  if (!Number.isSafeInteger(threshold) || threshold < 1) {
    throw usage(`the threshold is ${String(threshold)}, and 1 or more signatures are needed`, {
      hint: 'Leave it out for 1.',
    });
  }
  return {
    last: undefined,
    trusted,
    revoked: new Set(),
    threshold,
    others,
  };
}

/** Its own, since what a prototype was given is nobody's last bundle. */
function holdsLast(held: HeldTrust): held is Extract<HeldTrust, { readonly last: Uint8Array }> {
  return Object.hasOwn(held, 'last');
}

/**
 * 1, where the pins are one root: a fingerprint given twice, or two credentials at hand with one key, are one. Error:
 * `usage`.
 */
function onlyOf(pins: ReadonlySet<string>, others: ReadonlyMap<string, AsCredential>): number {
  const keys = [...pins].map((pin) => {
    const credential = others.get(pin);
    return credential === undefined ? pin : keyName(credential);
  });
  const count = new Set(keys).size;
  if (count < 2) return 1;
  throw usage(`${String(count)} AS credentials are pinned, and it is not said how many of them must have signed`, {
    hint: `Give the threshold: ${String(count)} for all of them. With 1 any one is enough, for whoever steals it too.`,
    remedies: [{ option: 'threshold' }],
  });
}

/** One key is one signer, under however many credentials. */
export function keyName({ payload: { ciphersuite, publicKey } }: AsCredential): string {
  return `${ciphersuite.scheme.name} ${toHex(publicKey)}`;
}

/** Once L is held, pins no longer count. */
export function trustInLast(last: LastBundle, known: readonly AsCredential[]): Trust {
  const { asCredentials, revokedCerts, threshold } = last.payload;
  const roots = byFingerprint(asCredentials);
  return {
    last,
    trusted: new Set(roots.keys()),
    revoked: new Set(revokedCerts.map(({ fingerprint }) => toHex(fingerprint))),
    threshold,
    others: new Map([...byFingerprint(known), ...roots]),
  };
}

/** The payload with its credentials decoded; throws the first one's fault, in the bundle's order. */
export function payloadOf({ payload }: Pick<UnverifiedBundle, 'payload'>): BundlePayload {
  return {
    ...payload,
    asCredentials: payload.asCredentials.map((listed) => {
      if (isFaulty(listed)) throw listed.fault;
      return listed.credential;
    }),
    asIntermediateCredentials: payload.asIntermediateCredentials.map((listed) => {
      if (isFaulty(listed)) throw listed.fault;
      return listed.credential;
    }),
  };
}

function readLast(bytes: Uint8Array): LastBundle {
  try {
    const bundle = decodeBundle(bytes);
    return { payload: payloadOf(bundle), payloadBytes: bundle.payloadBytes };
  } catch (error) {
    throw refused(
      MALFORMED,
      `the last accepted bundle can't be read: ${error instanceof Error ? error.message : String(error)}`,
      {
        hint: 'It was fine when it was accepted: take it from a backup, or start again with pinned fingerprints.',
        cause: error,
      },
    );
  }
}

function byFingerprint(credentials: readonly AsCredential[]): Map<string, AsCredential> {
  return new Map(credentials.map((credential) => [toHex(fingerprintOf(credential)), credential]));
}
