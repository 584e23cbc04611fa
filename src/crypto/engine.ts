/** What a verification engine is, and how the verdicts of several are made one. */
import { cut } from '../common/cut.js';
import { arrayIn, bytesIn, wrongInput } from '../common/door.js';
import { refused } from '../common/errors.js';
import { schemeIn, type SchemeInfo } from './ciphersuite.js';

/**
 * One implementation of all five schemes. `verify` gives the strict verdict of the wire format on an EdDSA raw or ECDSA
 * DER signature over `message`; high S is allowed here, since canonical form is the caller's check.
 * Bad input of any kind is false, never an exception. The verdict is there when `verify` returns: a promise is none.
 */
export interface VerificationEngine {
  readonly name: string;
  verify(scheme: SchemeInfo, publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
}

export type Engines = readonly VerificationEngine[];

/** Lists that came through the door already. */
const taken = new WeakSet();

/** Engines as they are now, at least one. Error: `usage`. */
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

/** What an object or its class has; what every object inherits is nobody's engine. */
function memberOf(value: unknown, key: keyof VerificationEngine): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  const isRoot = (one: object): boolean => one !== value && Object.getPrototypeOf(one) === null;
  for (let one: object | null = value; one !== null && !isRoot(one); one = Object.getPrototypeOf(one) as object | null)
    if (Object.hasOwn(one, key)) return Reflect.get(one, key, value);
  return undefined;
}

/** An engine of our own: what is no key, message or signature at all is false too. */
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
 * The verdict of every engine, where they agree. Errors: `engines-disagree`, which means that one of the
 * implementations is at fault; `bad-verdict` for one that gives anything but true or false; `usage` for no engine at
 * all.
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

/** Each engine gets bytes of its own, which it may change without the next one's seeing it. */
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
