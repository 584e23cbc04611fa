/** What a client trusts before it verifies a bundle: the last accepted one (L), or pins. */
import { decodeBundle, type UnverifiedBundle } from '../bundle/bundle.js';
import { isFaulty } from '../bundle/listed-credential.js';
import type { BundlePayload } from '../bundle/payload.js';
import { MALFORMED } from '../bundle/payload-fields.js';
import { toHex } from '../common/bytes.js';
import { refused, usage } from '../common/errors.js';
import type { AsCredential } from '../credential/as-credential.js';
import { fingerprintOf } from '../credential/fingerprint-of.js';

export type HeldTrust =
  /** The bytes of the last accepted bundle. It was verified when it was accepted; only its form is checked again. */
  | { readonly last: Uint8Array }
  /**
   * Fingerprints of AS credentials that were learnt in another way, and how many of them must sign. A single pin needs
   * one signature. For two or more the number must be given, because with 1, whoever steals any of their keys speaks
   * for all.
   */
  | { readonly pins: readonly Uint8Array[]; readonly threshold?: number | undefined };

/** The last accepted bundle. */
export interface LastBundle {
  readonly payload: BundlePayload;
  readonly payloadBytes: Uint8Array;
}

/** What a client trusts. Fingerprints are hex. */
export interface Trust {
  readonly last: LastBundle | undefined;
  /** Those whose signatures may count: L's roots, or the pinned ones. */
  readonly trusted: ReadonlySet<string>;
  /** The fingerprints that L revokes, of these and of all others. */
  readonly revoked: ReadonlySet<string>;
  readonly threshold: number;
  /** AS credentials that kids may name though the bundle doesn't list them: L's, then the given files. */
  readonly others: ReadonlyMap<string, AsCredential>;
}

/**
 * Returns what a client trusts. Errors: `usage` for two pins without a threshold, or a threshold that is not a positive
 * integer; `bundle-malformed` for a last bundle that is not one.
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

/** Returns whether `last` is the object's own: something added to a prototype is nobody's last bundle. */
function holdsLast(held: HeldTrust): held is Extract<HeldTrust, { readonly last: Uint8Array }> {
  return Object.hasOwn(held, 'last');
}

/**
 * Returns a threshold of 1 if the pins are one root. A fingerprint given twice counts once, and so do two credentials
 * with the same key. Error: `usage`.
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

/** Returns a name for the key: one key is one signer, however many credentials it has. */
export function keyName({ payload: { ciphersuite, publicKey } }: AsCredential): string {
  return `${ciphersuite.scheme.name} ${toHex(publicKey)}`;
}

/** Returns the trust in L. Once L is held, pins no longer count. */
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

/** Returns the payload with its credentials decoded, or throws the fault of the first one, in the bundle's order. */
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
        hint: 'It was fine when it was accepted: restore it from a backup, or start again with pinned fingerprints.',
        cause: error,
      },
    );
  }
}

function byFingerprint(credentials: readonly AsCredential[]): Map<string, AsCredential> {
  return new Map(credentials.map((credential) => [toHex(fingerprintOf(credential)), credential]));
}
