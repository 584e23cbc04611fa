/** Defines a verification engine, and combines the verdicts of several. */
import { cut } from '../common/cut.js';
import { arrayIn, bytesIn, wrongInput } from '../common/door.js';
import { refused } from '../common/errors.js';
import { schemeIn, type SchemeInfo } from './ciphersuite.js';

/**
 * One implementation of all five schemes. `verify` gives the strict verdict of the wire format on an EdDSA raw or ECDSA
 * DER signature over `message`. High S is allowed here, since the caller checks the canonical form. Bad input of any
 * kind gives false, never an exception. `verify` returns the verdict itself, not a promise.
 */
export interface VerificationEngine {
  readonly name: string;
  verify(scheme: SchemeInfo, publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
}

export type Engines = readonly VerificationEngine[];

/** Lists that `enginesIn` has already checked. */
const taken = new WeakSet();

/** Returns a copy of the list of engines, which has at least one. Error: `usage`. */
export function enginesIn(value: unknown): Engines {
  if (typeof value === 'object' && value !== null && taken.has(value)) return value as Engines;
  const engines = Object.freeze(arrayIn('engines', value, engineIn));
  if (engines.length === 0) throw wrongInput('engines', 'is empty, and without an engine nothing is verified');
  taken.add(engines);
  return engines;
}

function engineIn(name: string, value: unknown): VerificationEngine {
  const [its, verify] = [memberOf(value, 'name'), memberOf(value, 'verify')];
  if (typeof its !== 'string' || typeof verify !== 'function')
    throw wrongInput(name, 'is not an engine: those have a name and a function verify');
  return { name: cut(its), verify: (...given) => Reflect.apply(verify, value, given) as boolean };
}

/** Returns a member of an object or of its class, but not one that every object inherits. */
function memberOf(value: unknown, key: keyof VerificationEngine): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  const isRoot = (one: object): boolean => one !== value && Object.getPrototypeOf(one) === null;
  for (let one: object | null = value; one !== null && !isRoot(one); one = Object.getPrototypeOf(one) as object | null)
    if (Object.hasOwn(one, key)) return Reflect.get(one, key, value);
  return undefined;
}

/**
 * Makes one of our own engines, which also returns false for anything that is not a key, message or signature at all.
 */
export function makeEngine(name: string, verify: VerificationEngine['verify']): VerificationEngine {
  return Object.freeze<VerificationEngine>({
    name,
    verify: (scheme, publicKey, message, signature) => {
      try {
        return verify(
          schemeIn('the scheme', scheme),
          bytesIn('the public key', publicKey),
          bytesIn('the message', message),
          bytesIn('the signature', signature),
        );
      } catch {
        return false;
      }
    },
  });
}

/**
 * Returns the verdict on which all engines agree. Errors: `engines-disagree`, which means that one of the
 * implementations is at fault; `bad-verdict` if one returns anything but true or false; `usage` if there are no
 * engines.
 */
export function verifyWithAll(
  engines: Engines,
  scheme: SchemeInfo,
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  const asked = enginesIn(engines);
  const known = schemeIn('the scheme', scheme);
  const inputs = [
    bytesIn('the public key', publicKey),
    bytesIn('the message', message),
    bytesIn('the signature', signature),
  ] as const;
  const verdicts = asked.map((engine) => verdictOf(engine, known, ...inputs));
  if (new Set(verdicts).size > 1) {
    const said = asked.map(({ name }, i) => `${name} ${verdicts[i] === true ? 'accepts' : 'refuses'} it`);
    throw refused(
      'engines-disagree',
      `two implementations disagree on one ${known.name} signature: ${said.join(', ')}`,
      {
        hint: 'Trust neither: keep the input, sign nothing on this machine, and have the software examined.',
      },
    );
  }
  return verdicts[0] === true;
}

/** Gives an engine its own copies of the bytes, so that it cannot change what the next one sees. */
function verdictOf(
  engine: VerificationEngine,
  scheme: SchemeInfo,
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  const verdict: unknown = engine.verify(scheme, publicKey.slice(), message.slice(), signature.slice());
  if (typeof verdict === 'boolean') return verdict;
  throw refused(
    'bad-verdict',
    `the engine ${engine.name} gave no verdict: neither true nor false, but a ${typeof verdict}`,
    {
      hint: 'An engine says true or false at once: one that gives a promise, as those on WebCrypto do, is of no use here.',
    },
  );
}
