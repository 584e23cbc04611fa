/** A message's signature under a leaf's key; the vectors of phase 10 are in chain.test.ts. */
import { expect, test } from '@jest/globals';
import { toHex, utf8 } from '../../src/common/bytes.js';
import { fingerprintOf } from '../../src/credential/fingerprint-of.js';
import type { AnyCredential } from '../../src/credential/kinds.js';
import { nobleEngine } from '../../src/crypto/noble-engine.js';
import { nodeEngine } from '../../src/crypto/node-engine.js';
import { sign } from '../../src/crypto/private-key.js';
import { signContent } from '../../src/crypto/sign-with-label.js';
import { type VerifiedChain, verifyChain } from '../../src/verify/chain.js';
import { verifyMessage } from '../../src/verify/message.js';
import { outcome } from '../bundle/support.js';
import { ownChain, ownVectors } from '../credential/vectors.js';

const ENGINES = [nobleEngine, nodeEngine];

function chainTo(name: string, last: 'leaf' | 'client' | 'intermediate' | 'root'): VerifiedChain {
  const { at, ...all } = ownChain(name);
  const atHand: AnyCredential[] = [all.root, all.intermediate, all.client];
  const trusted = new Set([toHex(fingerprintOf(all.root))]);
  return verifyChain({
    subject: all[last],
    atHand,
    trusted,
    published: 'any',
    revoked: new Set(),
    atSeconds: at,
    engines: ENGINES,
  });
}

test.each(ownVectors('credentials').map(({ name }) => name))('%s: signed and verified, and nothing else', (name) => {
  const { leaf, privateKeys } = ownChain(name);
  const chain = chainTo(name, 'leaf');
  const message = utf8('hello');
  const signature = sign(leaf.payload.ciphersuite.scheme, privateKeys.leaf, signContent('LeafNodeTBS', message));
  const verify = (change: { label?: string; message?: Uint8Array; signature?: Uint8Array }): string =>
    outcome(() => verifyMessage(chain, { label: 'LeafNodeTBS', message, signature, ...change }, ENGINES));
  expect(verify({})).toBe('valid');
  expect(verify({ label: 'LeafNodeTBs' })).toBe('bad-signature');
  expect(verify({ label: 'MLS 1.0 LeafNodeTBS' })).toBe('bad-signature');
  expect(verify({ message: utf8('hellp') })).toBe('bad-signature');
  expect(verify({ message: new Uint8Array() })).toBe('bad-signature');
  expect(verify({ signature: signature.slice(0, -1) })).toBe('bad-signature');
  expect(verify({ signature: new Uint8Array() })).toBe('bad-signature');
});

test.each(['client', 'intermediate', 'root'] as const)('a chain that ends with the %s signs no message', (last) => {
  const chain = chainTo('ed25519-sha256', last);
  const about = { label: 'L', message: new Uint8Array(), signature: new Uint8Array(64) };
  expect(outcome(() => verifyMessage(chain, about, ENGINES))).toBe('wrong-kind');
});
