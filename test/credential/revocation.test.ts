/** P-521 credentials may have either S: a revocation of one encoding reaches the others, and no other scheme's. */
import { describe, expect, test } from '@jest/globals';
import { toHex } from '../../src/common/bytes.js';
import { checkSelfSignature, checkSignature } from '../../src/credential/checks.js';
import { fingerprintOf } from '../../src/credential/fingerprint.js';
import { KINDS, type AnyCredential } from '../../src/credential/kinds.js';
import { isRevoked } from '../../src/credential/revocation.js';
import { attachSignature } from '../../src/credential/self-signed.js';
import { isEdwards } from '../../src/crypto/curves.js';
import type { SchemeInfo } from '../../src/crypto/ciphersuite.js';
import { hash } from '../../src/crypto/hash.js';
import { nobleEngine } from '../../src/crypto/noble-engine.js';
import { nodeEngine } from '../../src/crypto/node-engine.js';
import { withOtherS } from '../../src/crypto/signature-encoding.js';
import { outcome } from '../bundle/support.js';
import { ownChain, ownVectors } from './vectors.js';

const ENGINES = [nobleEngine, nodeEngine];

interface Placed {
  readonly credential: AnyCredential;
  readonly signer?: AnyCredential;
}

function placed(name: string): readonly Placed[] {
  const { root, intermediate, client, leaf } = ownChain(name);
  return [
    { credential: root },
    { credential: intermediate, signer: root },
    { credential: client, signer: intermediate },
    { credential: leaf, signer: client },
  ];
}

const turned = (scheme: SchemeInfo, signature: Uint8Array): Uint8Array =>
  isEdwards(scheme.name) ? signature : withOtherS(scheme, signature);

/** The encoding with the other S in one signature or in both. */
function sibling({ credential, signer }: Placed, self: boolean, outer: boolean): Uint8Array {
  const own = credential.payload.ciphersuite.scheme;
  const selfSignature = self ? turned(own, credential.selfSignature) : credential.selfSignature;
  const selfSigned = attachSignature(credential.payloadBytes, selfSignature);
  if (credential.kind === 'as_credential' || signer === undefined) return selfSigned;
  const above = signer.payload.ciphersuite.scheme;
  return attachSignature(selfSigned, outer ? turned(above, credential.signature) : credential.signature);
}

const nameOf = ({ credential }: Placed, encoded: Uint8Array): string =>
  toHex(hash(credential.payload.ciphersuite.hash.name, encoded));

const revokedBy = (one: Placed, fingerprint: string): boolean =>
  isRevoked(one.credential, one.signer?.payload.ciphersuite.scheme, new Set(['00'.repeat(32), fingerprint]));

describe.each(ownVectors('credentials').map(({ name }) => name))('%s', (name) => {
  test.each(placed(name).map((one) => [one.credential.kind, one] as const))('%s', (_kind, one) => {
    const { credential, signer } = one;
    expect(isRevoked(credential, signer?.payload.ciphersuite.scheme, new Set())).toBe(false);
    expect(revokedBy(one, '11'.repeat(32))).toBe(false);
    expect(revokedBy(one, toHex(fingerprintOf(credential)))).toBe(true);

    const tolerant = (scheme: SchemeInfo | undefined): boolean => scheme?.name === 'p521';
    const self = tolerant(credential.payload.ciphersuite.scheme);
    const outer = tolerant(signer?.payload.ciphersuite.scheme);
    for (const [inSelf, inOuter] of [
      [true, false],
      [false, true],
      [true, true],
    ] as const) {
      const encoded = sibling(one, inSelf, inOuter);
      if (toHex(encoded) === toHex(credential.encoded)) continue;
      const reached = toHex(encoded) === toHex(sibling(one, inSelf && self, inOuter && outer));
      expect([inSelf, inOuter, revokedBy(one, nameOf(one, encoded))]).toEqual([inSelf, inOuter, reached]);
    }
  });
});

describe('siblings as credentials of their own', () => {
  test('a P-521 sibling is good, and revoked with the other', () => {
    const [root, intermediate] = placed('p521-sha512');
    if (root === undefined || intermediate === undefined) throw new TypeError('the chain is short');
    const twin = KINDS.as_credential.decode(sibling(root, true, false)) as AnyCredential;
    checkSelfSignature(twin, ENGINES);
    const original = toHex(fingerprintOf(root.credential));
    expect(toHex(fingerprintOf(twin))).not.toBe(original);
    expect(isRevoked(twin, undefined, new Set([original]))).toBe(true);

    const child = KINDS.intermediate_as_credential.decode(sibling(intermediate, false, true)) as AnyCredential;
    if (child.kind !== 'intermediate_as_credential') throw new TypeError('another kind');
    checkSignature(child, root.credential, ENGINES);
    const scheme = root.credential.payload.ciphersuite.scheme;
    const first = toHex(fingerprintOf(intermediate.credential));
    expect(isRevoked(child, scheme, new Set([first]))).toBe(true);
    // Without the signer above, only what is certain: its own encoding, and the other S of its own key.
    expect(isRevoked(child, undefined, new Set([first]))).toBe(false);
  });

  test.each(['p256-sha256', 'p384-sha384'])('a sibling of %s is not good, so nothing needs to reach it', (name) => {
    const [root, intermediate] = placed(name);
    if (root === undefined || intermediate === undefined) throw new TypeError('the chain is short');
    const twin = KINDS.as_credential.decode(sibling(root, true, false)) as AnyCredential;
    expect(outcome(() => checkSelfSignature(twin, ENGINES))).toBe('non-canonical-signature');
    const child = KINDS.intermediate_as_credential.decode(sibling(intermediate, false, true)) as AnyCredential;
    if (child.kind !== 'intermediate_as_credential') throw new TypeError('another kind');
    expect(outcome(() => checkSignature(child, root.credential, ENGINES))).toBe('non-canonical-signature');
  });
});
