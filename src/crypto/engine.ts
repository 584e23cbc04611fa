/** What a verification engine is, and how the verdicts of several are made one. */
import { refused } from '../common/errors.js';
import type { SchemeInfo } from './ciphersuite.js';

/**
 * One implementation of all five schemes. `verify` gives the strict verdict of the wire format on an EdDSA raw or ECDSA
 * DER signature over `message`; high S is allowed here, since canonical form is the caller's check.
 * Bad input of any kind is false, never an exception.
 */
export interface VerificationEngine {
  readonly name: string;
  verify(scheme: SchemeInfo, publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
}

/**
 * The verdict of every engine, where they agree. Error: `engines-disagree`, which means that one of the
 * implementations is at fault; no engine at all is a programming error.
 */
export function verifyWithAll(
  engines: readonly VerificationEngine[],
  scheme: SchemeInfo,
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  const verdicts = engines.map((engine) => engine.verify(scheme, publicKey, message, signature));
  const [first] = verdicts;
  if (first === undefined) throw new RangeError('no verification engine was given');
  if (verdicts.some((verdict) => verdict !== first)) {
    const said = engines.map((engine, i) => `${engine.name} ${verdicts[i] === true ? 'accepts' : 'refuses'} it`);
    throw refused(
      'engines-disagree',
      `two implementations disagree on one ${scheme.name} signature: ${said.join(', ')}`,
      {
        hint: 'Trust neither: keep the input, sign nothing on this machine, and have the software examined.',
      },
    );
  }
  return first;
}
