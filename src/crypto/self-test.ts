/** Known-answer tests of signing and of every verification engine, run before a key is used. */
import { equalBytes, fromHex } from '../common/bytes.js';
import { couldNot } from '../common/errors.js';
import { schemeByName, type SchemeInfo } from './ciphersuite.js';
import type { VerificationEngine } from './engine.js';
import { KNOWN_ANSWERS, type KnownAnswer } from './known-answers.js';
import { derivePublicKey, sign } from './private-key.js';
import { rawToDer, toLowS } from './signature-encoding.js';

function bytes(hex: string): Uint8Array {
  const decoded = fromHex(hex);
  if (decoded === undefined) throw new TypeError(`not hexadecimal: ${hex}`);
  return decoded;
}

function withLastBitFlipped(input: Uint8Array): Uint8Array {
  const flipped = Uint8Array.from(input);
  flipped[flipped.length - 1] = (flipped.at(-1) ?? 0) ^ 1;
  return flipped;
}

/** Returns what went wrong with one answer, or undefined. */
function faultOf(answer: KnownAnswer, scheme: SchemeInfo, engines: readonly VerificationEngine[]): string | undefined {
  const privateKey = bytes(answer.privateKey);
  const publicKey = bytes(answer.publicKey);
  const message = bytes(answer.message);
  const printed = bytes(answer.signature);
  const signature = scheme.digest === undefined ? printed : rawToDer(scheme, printed);
  if (!equalBytes(derivePublicKey(scheme, privateKey), publicKey)) return 'another public key was derived';
  const expected = scheme.digest === undefined ? signature : toLowS(scheme, signature);
  if (!equalBytes(sign(scheme, privateKey, message), expected)) return 'another signature was made';
  for (const engine of engines) {
    const { name } = engine;
    if (!engine.verify(scheme, publicKey, message, signature)) return `${name} refuses the good signature`;
    if (engine.verify(scheme, publicKey, withLastBitFlipped(message), signature))
      return `${name} accepts another message`;
    if (engine.verify(scheme, publicKey, message, withLastBitFlipped(signature)))
      return `${name} accepts a damaged signature`;
  }
  return undefined;
}

/**
 * Tests all five schemes, or `only` one: the private key gives the pinned public key and signature, and each engine
 * accepts that signature and refuses it with one bit flipped in the message or in the signature. Error:
 * `self-test-failed`.
 */
export function runKnownAnswerTests(engines: readonly VerificationEngine[], only?: SchemeInfo): void {
  for (const answer of KNOWN_ANSWERS) {
    if (only !== undefined && answer.scheme !== only.name) continue;
    const scheme = schemeByName(answer.scheme);
    const fault = scheme === undefined ? 'the scheme is unknown' : faultOf(answer, scheme, engines);
    if (fault === undefined) continue;
    throw couldNot(
      'self-test-failed',
      `the known-answer test of ${answer.scheme} (${answer.source}) failed: ${fault}`,
      {
        hint: 'Sign nothing with this installation: verify the package, and try it on another machine.',
      },
    );
  }
}
