/**
 * Finds out what a token can do for a scheme, with a key that exists only during the session, before a permanent key is
 * made.
 */
import { fromHex } from '../../common/bytes.js';
import { CeremonyError, couldNot, refused } from '../../common/errors.js';
import type { SchemeInfo } from '../../crypto/ciphersuite.js';
import { hash } from '../../crypto/hash.js';
import { isGoodSignature } from '../tested-engines.js';
import { type KeyName, templatesFor } from './attributes.js';
import { mechanismName } from './constants.js';
import { CKA } from './constants.js';
import { keyTypeOf, publicKeyOfPoint, signatureFromToken } from './key-types.js';
import { failureError } from './pkcs11-errors.js';
import type { WireFailure, WireMechanism } from './protocol.js';
import type { HsmSession } from './session.js';
import type { KeyBackup } from './use.js';

/** How this token makes a key of the scheme. */
export interface Capability {
  /** CKA_EC_PARAMS, in hex. */
  readonly parameters: string;
  /** Which of `templatesFor` it accepts. */
  readonly variant: number;
  /** Whether a session key was made and has signed; some tokens have none. */
  readonly tried: boolean;
}

/** Tokens without session keys refuse CKA_TOKEN = false with one of these. */
const NO_SESSION_KEYS: readonly number[] = [0x10, 0x12, 0x13, 0xd1, 0x54];
const PROBE_LABEL = 'as-ceremony probe';

/** Returns why the token's own list of mechanisms rules the scheme out, or undefined if it does not. */
export function missingMechanism(scheme: SchemeInfo, mechanisms: readonly WireMechanism[]): string | undefined {
  const { generate, sign, bits } = keyTypeOf(scheme);
  for (const wanted of [generate, sign]) {
    const mechanism = mechanisms.find(({ type }) => type === wanted);
    if (mechanism === undefined) return `it has no ${mechanismName(wanted)}`;
    const { min, max } = mechanism;
    // Tokens don't agree on how to count the bits of Edwards curves.
    if (scheme.digest !== undefined && max !== 0 && (bits < min || bits > max)) {
      return `its ${mechanismName(wanted)} takes ${String(min)} to ${String(max)} bits, and ${scheme.name} has ${String(bits)}`;
    }
  }
  return undefined;
}

export async function mechanismsOf({ process, found, name }: HsmSession): Promise<readonly WireMechanism[]> {
  return (await process.ask({ op: 'mechanisms', slot: found.slot.slot }, `asking what ${name} can do`)).value;
}

/**
 * Tries a scheme with a session key, which signs a random message and is destroyed again. The session must be logged
 * in. Errors: `hsm-unsupported`, `signature-check-failed`, and those of the module.
 */
export async function probe(
  session: HsmSession,
  scheme: SchemeInfo,
  backup: KeyBackup,
  random: (length: number) => Uint8Array,
): Promise<Capability> {
  const missing = missingMechanism(scheme, await mechanismsOf(session));
  if (missing !== undefined) throw unsupported(session, scheme, missing);
  const type = keyTypeOf(scheme);
  const name: KeyName = { label: PROBE_LABEL, id: random(8) };
  const failures: WireFailure[] = [];
  for (const parameters of type.parameters) {
    for (const [variant, templates] of templatesFor(name, { parameters, backup, onToken: false }).entries()) {
      const made = await session.process.try(
        { op: 'generate', mechanism: type.generate, ...templates },
        `trying a session key in ${session.name}`,
      );
      if (!made.ok) {
        failures.push(made.failure);
        continue;
      }
      try {
        await trySignature(session, scheme, made.value, random);
      } finally {
        await session.destroy(made.value.privateKey);
        await session.destroy(made.value.publicKey);
      }
      return { parameters, variant, tried: true };
    }
  }
  if (failures.some((failure) => failure.kind === 'rv' && NO_SESSION_KEYS.includes(failure.rv))) {
    return { parameters: type.parameters[0] ?? '', variant: 0, tried: false };
  }
  const [first] = failures;
  const why =
    first === undefined ? 'no reason' : failureError(first, 'making a session key', session.process.path).message;
  throw unsupported(session, scheme, why);
}

async function trySignature(
  session: HsmSession,
  scheme: SchemeInfo,
  { publicKey, privateKey }: { readonly publicKey: string; readonly privateKey: string },
  random: (length: number) => Uint8Array,
): Promise<void> {
  const [point = null] = await session.read(publicKey, [CKA.ecPoint]);
  const key = publicKeyOfPoint(scheme, fromHex(point ?? '') ?? new Uint8Array());
  if (key === undefined) throw unsupported(session, scheme, 'its public key has an unknown form');
  const message = testMessage(random);
  const signature = await signIn(session, scheme, privateKey, message);
  if (!isGoodSignature(scheme, key, message, signature)) {
    throw refused('signature-check-failed', `a signature of a test key in ${session.name} does not verify`, {
      hint: 'Use another token: this one, or its module, does not sign correctly.',
    });
  }
}

/** Returns a random message that begins with 0xff, as no SignContent, Sig_structure or SSHSIG does. */
export function testMessage(random: (length: number) => Uint8Array): Uint8Array {
  const message = random(33);
  message[0] = 0xff;
  return message;
}

/**
 * Returns a token's signature in this program's encoding, not verified yet. Errors: `signature-check-failed`, and those
 * of the token.
 */
export async function signIn(
  { process, name }: HsmSession,
  scheme: SchemeInfo,
  object: string,
  message: Uint8Array,
): Promise<Uint8Array> {
  const type = keyTypeOf(scheme);
  const data = scheme.digest === undefined ? message : hash(scheme.digest, message);
  const doing = `signing in ${name}`;
  let failure: WireFailure | undefined;
  for (const parameter of type.signParameters) {
    const request = {
      op: 'sign',
      object,
      mechanism: type.sign,
      ...(parameter === undefined ? {} : { parameter }),
    } as const;
    const tried = await process.try(request, doing, data);
    if (tried.ok) return encoded(name, scheme, tried.body);
    failure ??= tried.failure;
    // Go on only if the token asks for the kind of EdDSA.
    if (tried.failure.kind !== 'rv' || ![0x07, 0x70, 0x71].includes(tried.failure.rv)) break;
  }
  throw failureError(failure ?? { kind: 'other', what: 'no way to sign' }, doing, process.path);
}

/**
 * Returns the signature in this program's encoding. Error: `signature-check-failed` if it is not r and s at fixed
 * width.
 */
function encoded(name: string, scheme: SchemeInfo, answer: Uint8Array): Uint8Array {
  try {
    return signatureFromToken(scheme, answer);
  } catch (error) {
    if (!(error instanceof CeremonyError) || error.code !== 'bad-signature-encoding') throw error;
    throw refused('signature-check-failed', `${name} signs in another form: ${error.message}; it was thrown away`, {
      hint: 'Sign nothing with this token: it is at fault, or its module is.',
      cause: error,
    });
  }
}

function unsupported(session: HsmSession, scheme: SchemeInfo, why: string): Error {
  return couldNot('hsm-unsupported', `${session.name} cannot hold a key of ${scheme.name}: ${why}`, {
    hint: 'Choose another ciphersuite; see what this token can do.',
    remedies: [{ option: 'ciphersuite' }, { command: 'hsm check', args: [session.uri] }],
  });
}
