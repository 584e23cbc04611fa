/** Both verification engines, after their known-answer tests: what every signature goes through before it leaves a signer. */
import type { SchemeInfo } from '../crypto/ciphersuite.js';
import { verifyWithAll, type VerificationEngine } from '../crypto/engine.js';
import { nobleEngine } from '../crypto/noble-engine.js';
import { nodeEngine } from '../crypto/node-engine.js';
import { runKnownAnswerTests } from '../crypto/self-test.js';
import { isCanonicalSignature } from '../crypto/signature-encoding.js';

const ENGINES: readonly VerificationEngine[] = [nobleEngine, nodeEngine];

let tested = false;

/** The known-answer tests, once in a process. Error: `self-test-failed`. */
export function selfTest(): void {
  if (!tested) runKnownAnswerTests(ENGINES);
  tested = true;
}

/** Whether both engines accept a signature, and it is canonical. Errors: `engines-disagree`, `bad-signature-encoding`. */
export function isGoodSignature(
  scheme: SchemeInfo,
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  return verifyWithAll(ENGINES, scheme, publicKey, message, signature) && isCanonicalSignature(scheme, signature);
}
