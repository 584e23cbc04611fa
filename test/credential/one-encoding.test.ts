/**
 * A credential has one encoding: the other S in any of its signatures is refused, on every curve, so that a revoked
 * fingerprint can't be dodged.
 */
import { describe, expect, test } from '@jest/globals';
import { checkSelfSignature, checkSignature } from '../../src/credential/checks.js';
import { type AnyCredential, KINDS } from '../../src/credential/kinds.js';
import { attachSignature } from '../../src/credential/self-signed.js';
import { isEdwards } from '../../src/crypto/curves.js';
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

const decoded = (like: AnyCredential, encoded: Uint8Array): AnyCredential =>
  KINDS[like.kind].decode(encoded) as AnyCredential;

describe.each(ownVectors('credentials').map(({ name }) => name))('%s', (name) => {
  test.each(placed(name).map((one) => [one.credential.kind, one] as const))('%s', (_kind, { credential, signer }) => {
    const { scheme } = credential.payload.ciphersuite;
    expect(outcome(() => checkSelfSignature(credential, ENGINES))).toBe('valid');
    if (!isEdwards(scheme.name)) {
      const turned = attachSignature(credential.payloadBytes, withOtherS(scheme, credential.selfSignature));
      const whole = credential.kind === 'as_credential' ? turned : attachSignature(turned, credential.signature);
      const twin = decoded(credential, whole);
      expect(outcome(() => checkSelfSignature(twin, ENGINES))).toBe('non-canonical-signature');
    }
    if (signer === undefined || credential.kind === 'as_credential') return;
    expect(outcome(() => checkSignature(credential, signer, ENGINES))).toBe('valid');
    const above = signer.payload.ciphersuite.scheme;
    if (isEdwards(above.name)) return;
    const turned = attachSignature(credential.selfSignedBytes, withOtherS(above, credential.signature));
    const twin = decoded(credential, turned);
    if (twin.kind === 'as_credential') throw new TypeError('another kind');
    expect(outcome(() => checkSignature(twin, signer, ENGINES))).toBe('non-canonical-signature');
  });
});
