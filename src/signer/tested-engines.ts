/**
 * Both verification engines, after their known-answer tests. Every signature is verified by them before it leaves a
 * signer.
 */
import type { SchemeInfo } from '../crypto/ciphersuite.js';
import { type VerificationEngine, verifyWithAll } from '../crypto/engine.js';
import { nobleEngine } from '../crypto/noble-engine.js';
import { nodeEngine } from '../crypto/node-engine.js';
import { runKnownAnswerTests } from '../crypto/self-test.js';
import { isCanonicalSignature } from '../crypto/signature-encoding.js';

const ENGINES: readonly VerificationEngine[] = [nobleEngine, nodeEngine];

const tested = new Set<string>();

/**
 * Runs the known-answer tests of a key's scheme, once in a process and before the key is used. Error:
 * `self-test-failed`.
 */
export function selfTest(scheme: SchemeInfo): void {
  if (!tested.has(scheme.name)) runKnownAnswerTests(ENGINES, scheme);
  tested.add(scheme.name);
}

/**
 * Returns whether both engines accept a signature, and it is canonical. Errors: `engines-disagree`,
 * `bad-signature-encoding`.
 */
export function isGoodSignature(
  scheme: SchemeInfo,
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  return verifyWithAll(ENGINES, scheme, publicKey, message, signature) && isCanonicalSignature(scheme, signature);
}
