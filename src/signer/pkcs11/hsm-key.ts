/** Keys in an HSM: making, adopting, opening, and signing. The private key never leaves the token. */
import type { Pkcs11KeyUri } from '../../codec/pkcs11-uri.js';
import { equalBytes, toHex } from '../../common/bytes.js';
import { couldNot, type Finding, refused } from '../../common/errors.js';
import type { SchemeInfo } from '../../crypto/ciphersuite.js';
import { hash } from '../../crypto/hash.js';
import { checkPublicKey } from '../../crypto/public-key.js';
import type { Signer } from '../signer.js';
import { isGoodSignature, selfTest } from '../tested-engines.js';
import { judge, type Judgement, type KeyName, templatesFor } from './attributes.js';
import { mechanismName } from './constants.js';
import { keyTypeOf } from './key-types.js';
import { failureError } from './pkcs11-errors.js';
import { probe, signIn, testMessage } from './probe.js';
import type { WireFailure } from './protocol.js';
import { describe, type HsmSession, type KeyObject } from './session.js';
import { type HsmUse, type KeyBackup, type KeyOrigin, moduleUse } from './use.js';

type Random = (length: number) => Uint8Array;

/** A key that was just made, and can still be discarded until it is on record. */
export interface NewHsmKey {
  readonly signer: Signer;
  /** Destroys the new key, and its public key. */
  readonly discard: () => Promise<void>;
  /** Whether a session key was tried first; some tokens have none. */
  readonly probed: boolean;
}

/**
 * Makes a key after the probe, and reads it back; a key that is not as it must be is destroyed again. The session must
 * be logged in, and no other key may have the label or ID. The caller closes the signer, which closes the session.
 * Errors: `usage`, `hsm-unsupported`, `key-attributes`, and those of the module.
 */
export async function generateHsmKey(
  session: HsmSession,
  uri: Pkcs11KeyUri,
  scheme: SchemeInfo,
  backup: KeyBackup,
  random: Random,
): Promise<NewHsmKey> {
  selfTest(scheme);
  const capability = await probe(session, scheme, backup, random);
  const type = keyTypeOf(scheme);
  const name: KeyName = { label: uri.object ?? `key-${toHex(random(4))}`, id: uri.id ?? random(8) };
  const doing = `making ${uri.uri} in ${session.name}`;
  let failure: WireFailure = { kind: 'other', what: 'no way to make it' };
  for (const parameters of capability.tried ? [capability.parameters] : type.parameters) {
    const all = templatesFor(name, { parameters, backup, onToken: true });
    for (const templates of capability.tried ? all.slice(capability.variant) : all) {
      const made = await session.process.try({ op: 'generate', mechanism: type.generate, ...templates }, doing);
      if (!made.ok) {
        failure = made.failure;
        continue;
      }
      const discard = async (): Promise<void> => {
        await session.destroy(made.value.privateKey);
        await session.destroy(made.value.publicKey);
      };
      try {
        const publicKey = await session.publicKeyOf(scheme, made.value.publicKey);
        const key = await readBack(session, name, made.value.privateKey);
        const signer = signerFor(session, uri, { ...key, publicKey }, { origin: 'generated', backup, scheme });
        return { signer, discard, probed: capability.tried };
      } catch (error) {
        await discard().catch(() => undefined);
        throw error;
      }
    }
  }
  throw failureError(failure, doing, session.process.path);
}

/** Finds the key by its handle among those that the token lists. */
async function readBack(session: HsmSession, { label, id }: KeyName, handle: string): Promise<KeyObject> {
  const keys = await session.privateKeys({ object: label, id });
  const key = keys.find((one) => one.handle === handle);
  if (key !== undefined) return key;
  throw couldNot('hsm-error', `${session.name} does not find the key that it has just made`, {
    hint: 'Look at the token before you go on.',
    remedies: [{ command: 'hsm keys', args: [session.uri] }],
  });
}

export interface OpenOptions {
  readonly origin: KeyOrigin;
  readonly backup: KeyBackup;
  /** As in the key record or the credential; undefined for a key that is being adopted. */
  readonly publicKey?: Uint8Array;
  /** Undefined if any scheme will do. */
  readonly scheme?: SchemeInfo;
}

/**
 * Returns the signer of a key in the token. The session must be logged in. The key's attributes are read back and
 * judged first. Errors: `hsm-key-not-found`, `ambiguous-key-uri`, `key-mismatch`, `key-attributes`, and those of the
 * module.
 */
export async function openHsmKey(session: HsmSession, uri: Pkcs11KeyUri, wanted: OpenOptions): Promise<Signer> {
  const key = await session.theKey(uri);
  if (key.scheme === undefined || (wanted.scheme !== undefined && key.scheme !== wanted.scheme)) {
    throw refused(
      'key-mismatch',
      `${uri.uri} is ${describe(key)}, not a key of ${wanted.scheme?.name ?? 'a known scheme'}`,
      {
        hint: 'Name the right key, or the right ciphersuite.',
        remedies: [{ option: 'ciphersuite' }],
      },
    );
  }
  selfTest(key.scheme);
  const publicKey = key.publicKey ?? wanted.publicKey;
  if (wanted.publicKey !== undefined && publicKey !== undefined && !equalBytes(publicKey, wanted.publicKey)) {
    throw refused(
      'key-mismatch',
      `${uri.uri} names another key now: its public key is ${toHex(publicKey)}, the record's ${toHex(wanted.publicKey)}`,
      { hint: 'Find out who changed the token, or whether this is another one with the same label.' },
    );
  }
  return signerFor(session, uri, { ...key, publicKey }, { ...wanted, scheme: key.scheme });
}

/**
 * Adopts a key that others made, after it has signed a random message. Otherwise nothing would show that the public key
 * belongs to it. Errors: those of `openHsmKey`, and `signature-check-failed`.
 */
export async function adoptHsmKey(
  session: HsmSession,
  uri: Pkcs11KeyUri,
  scheme: SchemeInfo | undefined,
  backup: KeyBackup,
  random: Random,
): Promise<Signer> {
  const signer = await openHsmKey(session, uri, {
    origin: 'adopted',
    backup,
    ...(scheme === undefined ? {} : { scheme }),
  });
  await signer.sign(testMessage(random));
  return signer;
}

/**
 * Has a private key sign a random message that has no use in any protocol; its public key then shows which key it is.
 * Error: `signature-check-failed`.
 */
export async function proveHsmKey(
  session: HsmSession,
  handle: string,
  { scheme, publicKey }: { readonly scheme: SchemeInfo; readonly publicKey: Uint8Array },
  random: Random,
): Promise<void> {
  selfTest(scheme);
  const message = testMessage(random);
  const signature = await signIn(session, scheme, handle, message);
  if (isGoodSignature(scheme, publicKey, message, signature)) return;
  throw refused('signature-check-failed', `the key in ${session.name} does not sign as the one on record does`, {
    hint: 'It is another key, or the token is at fault; look at it.',
    remedies: [{ command: 'hsm keys', args: [session.uri] }],
  });
}

function signerFor(
  session: HsmSession,
  uri: Pkcs11KeyUri,
  key: KeyObject,
  { origin, backup, scheme }: { readonly origin: KeyOrigin; readonly backup: KeyBackup; readonly scheme: SchemeInfo },
): Signer {
  const { publicKey } = key;
  if (publicKey === undefined) {
    throw refused('key-attributes', `${session.name} does not show the public key of ${uri.uri}`, {
      hint: 'Put its public key object back beside it, with the same label and ID.',
    });
  }
  checkPublicKey(scheme, publicKey);
  const judgement = judge(key.attributes, { origin, backup, type: keyTypeOf(scheme) });
  if (judgement.faults.length > 0) throw badAttributes(uri, judgement, origin);
  return new Pkcs11Signer(session, uri.uri, scheme, publicKey, key.handle, {
    ...useOf(session, key),
    mechanism: mechanismName(keyTypeOf(scheme).sign),
    public_key_sha256: toHex(hash('sha256', publicKey)),
    origin,
    backup,
    attributes: key.attributes,
    unproven: judgement.unproven,
  });
}

function badAttributes({ uri }: Pkcs11KeyUri, { faults }: Judgement, origin: KeyOrigin): Error {
  const findings = faults.map((message): Finding => ({ rule: 'key-attributes', code: 'key-attributes', message }));
  return refused('key-attributes', `${uri} is not a key to sign with: ${faults.join('; ')}`, {
    findings,
    ...(origin === 'generated'
      ? { hint: 'Nothing was signed with it. The token did not do what was asked, or was changed.' }
      : {
          hint: 'Make a new key; or, if it is extractable under a wrapping key, say that it may be.',
          remedies: [{ option: 'backup', value: 'wrapped' }],
        }),
  });
}

function useOf(
  { found }: HsmSession,
  key: KeyObject,
): Omit<HsmUse, 'mechanism' | 'public_key_sha256' | 'origin' | 'backup' | 'attributes' | 'unproven'> {
  const { token, library, agreed } = found;
  return {
    ...moduleUse(agreed),
    library: `${library.manufacturer} ${library.description} ${library.version}`.trim(),
    manufacturer: token.manufacturer,
    model: token.model,
    serial: token.serial,
    firmware: token.firmware,
    token: token.label,
    label: key.label,
    id: toHex(key.id),
  };
}

class Pkcs11Signer implements Signer {
  constructor(
    readonly session: HsmSession,
    readonly uri: string,
    readonly scheme: SchemeInfo,
    readonly publicKey: Uint8Array,
    readonly handle: string,
    readonly hsm: HsmUse,
  ) {}

  async sign(message: Uint8Array): Promise<Uint8Array> {
    const signature = await signIn(this.session, this.scheme, this.handle, message);
    if (!isGoodSignature(this.scheme, this.publicKey, message, signature)) {
      // A faulty signature can give the private key away, so it must not leave.
      throw refused('signature-check-failed', `a signature of ${this.uri} does not verify; it was thrown away`, {
        hint: 'Sign nothing more with this token: it is at fault, or its module, or its public key is not the key’s own.',
      });
    }
    return signature;
  }

  close(): Promise<void> {
    return this.session.close();
  }
}
