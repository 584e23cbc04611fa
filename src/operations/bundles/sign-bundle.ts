/**
 * Signs unsigned bundles with one root. Its key is opened once, every signature goes on record, and two different
 * bundles with one sequence are never signed silently.
 */
import type { Authority, HeldRoot } from '../../authority/authority.js';
import type { NewEvent } from '../../authority/events/event.js';
import { type BundleSignature, bundleSignature } from '../../bundle/bundle.js';
import { toHex } from '../../common/bytes.js';
import { refused } from '../../common/errors.js';
import { fingerprintOf } from '../../credential/fingerprint-of.js';
import { hash } from '../../crypto/hash.js';
import type { Planned } from '../context/operation-context.js';
import { openKeyAt, openKeyOf } from '../keys/open-key.js';
import { keyUsed } from '../signing/ready-key.js';
import { contentFor, signersOf, type UnsignedBundle } from './dry-run-bundle.js';

/** A signature on one of the unsigned bundles. */
export interface MadeSignature {
  readonly unsigned: UnsignedBundle;
  readonly signature: BundleSignature;
}

export interface RootSignatures {
  readonly signatures: readonly MadeSignature[];
  /** For the transcript. */
  readonly events: readonly NewEvent[];
}

/** Returns the bundles that a root has to sign. */
export function toSignBy(root: HeldRoot, unsigned: readonly UnsignedBundle[]): readonly UnsignedBundle[] {
  return unsigned.filter((one) => signersOf(one).some(({ fingerprint }) => fingerprint === root.fingerprint));
}

/**
 * Returns all signatures of one root, each verified by all engines. `keyUri` says where its key is if that isn't on
 * record. Errors: those of the key.
 */
export async function signBundles(
  context: Planned,
  root: HeldRoot,
  unsigned: readonly UnsignedBundle[],
  keyUri?: string,
): Promise<RootSignatures> {
  const { credential, file, fingerprint: kid } = root;
  const { publicKey, ciphersuite } = credential.payload;
  const signer = await (keyUri === undefined
    ? openKeyOf(context, publicKey, file)
    : openKeyAt(context, keyUri, publicKey));
  try {
    const events: NewEvent[] = [...keyUsed(signer)];
    const signatures: MadeSignature[] = [];
    for (const one of toSignBy(root, unsigned)) {
      const content = contentFor(credential, one.proposal.payloadBytes);
      const signature = bundleSignature(fingerprintOf(credential), ciphersuite.scheme, await signer.sign(content));
      signatures.push({ unsigned: one, signature });
      const { sequence } = one.payload;
      events.push({
        event: 'sign',
        fields: { what: 'bundle', sequence, kid, signed_sha256: toHex(hash('sha256', content)) },
      });
    }
    return { signatures, events };
  } finally {
    await signer.close();
  }
}

/**
 * Returns the sequences for which this root has already signed a different payload, as far as the transcripts here
 * know.
 */
export function signedOtherwise(
  { bundleSignatures }: Authority,
  root: HeldRoot,
  unsigned: readonly UnsignedBundle[],
): readonly number[] {
  return toSignBy(root, unsigned)
    .filter(({ payload, proposal }) => {
      const signed = toHex(hash('sha256', contentFor(root.credential, proposal.payloadBytes)));
      return bundleSignatures.some(
        (one) => one.kid === root.fingerprint && one.sequence === payload.sequence && one.signedSha256 !== signed,
      );
    })
    .map(({ payload }) => payload.sequence);
}

/** Checks that there are none. Error: `signed-otherwise`. */
export function checkNotSignedOtherwise(
  authority: Authority,
  root: HeldRoot,
  unsigned: readonly UnsignedBundle[],
): void {
  const [first] = signedOtherwise(authority, root, unsigned);
  if (first === undefined) return;
  throw refused(
    'signed-otherwise',
    `${root.file} (${root.fingerprint.slice(0, 16)}) has signed another bundle ${String(first)} already: whoever holds one of the two refuses the other`,
    {
      hint: 'Assemble the one that is signed; or, if it never goes out, have this one prepared with a higher number. Only where there is no other way, sign a second one.',
      remedies: [{ option: 'anew' }],
    },
  );
}
