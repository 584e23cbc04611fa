/** Software keys: a private key in an age file, in this process's memory only while it is used. */
import { concatBytes, equalBytes, toHex, utf8, wipe } from '../common/bytes.js';
import { CeremonyError, couldNot, refused } from '../common/errors.js';
import type { SchemeInfo } from '../crypto/ciphersuite.js';
import { derivePublicKey, generatePrivateKey, sign } from '../crypto/private-key.js';
import { openKey, sealKey } from './age-file.js';
import { decodePkcs8, encodePkcs8 } from './pkcs8.js';
import { decodeSecretPem, encodeSecretPem } from './secret-pem.js';
import type { Signer } from './signer.js';
import { isGoodSignature, selfTest } from './tested-engines.js';

/** The line before the PEM of a key that was made in a rehearsal; OpenSSL skips it. */
export const REHEARSAL_LINE = 'REHEARSAL: this key was made to be thrown away, and no real authority accepts it.\n';

const MARK = utf8(REHEARSAL_LINE);

export interface NewSoftwareKey {
  /** What to write to the key's file; it has been opened once. */
  readonly ageFile: Uint8Array;
  readonly publicKey: Uint8Array;
  /** Ready to sign; the caller closes it. */
  readonly signer: Signer;
}

/**
 * Makes a key, after the known-answer tests of both engines; nothing is written. Errors: `self-test-failed`, `usage`
 * (work factor), `bad-passphrase`, `key-file-unreadable`, `out-of-memory`.
 */
export async function createSoftwareKey(options: {
  readonly uri: string;
  readonly scheme: SchemeInfo;
  readonly random: (length: number) => Uint8Array;
  readonly passphrase: Uint8Array;
  /** The base-2 logarithm of scrypt's N, 14 to 22. */
  readonly workFactor: number;
  /** Marks the key as one that no real authority accepts. */
  readonly rehearsal?: boolean;
}): Promise<NewSoftwareKey> {
  selfTest(options.scheme);
  const privateKey = generatePrivateKey(options.scheme, options.random);
  try {
    const publicKey = derivePublicKey(options.scheme, privateKey);
    const key = { scheme: options.scheme, privateKey, publicKey, rehearsal: options.rehearsal === true };
    const ageFile = await sealPrivateKey(key, options.passphrase, options.workFactor);
    return { ageFile, publicKey, signer: new SoftwareSigner(options.uri, options.scheme, publicKey, privateKey) };
  } catch (error) {
    wipe(privateKey);
    throw error;
  }
}

/**
 * Returns the signer of a key file, after the known-answer tests. The caller closes it. Whoever can write the file
 * could have replaced the key, so give `expectedPublicKey` (the credential's) whenever there is one. Errors:
 * `self-test-failed`, `bad-key-file`, `wrong-passphrase`, `key-mismatch`, `out-of-memory`; `rehearsal-key` for the key
 * of a rehearsal in a real ceremony, `real-key` for the reverse.
 */
export async function openSoftwareKey(options: {
  readonly uri: string;
  readonly ageFile: Uint8Array;
  readonly passphrase: Uint8Array;
  readonly expectedPublicKey?: Uint8Array;
  /** Whether this is a rehearsal; a real ceremony if not given. */
  readonly rehearsal?: boolean;
}): Promise<Signer> {
  const opened = await openPrivateKey(options.uri, options.ageFile, options.passphrase);
  const { scheme, privateKey, publicKey } = opened;
  const { expectedPublicKey, rehearsal = false } = options;
  if (opened.rehearsal !== rehearsal) {
    wipe(privateKey);
    throw rehearsal
      ? refused('real-key', `${options.uri} is a real key, and this is a rehearsal`, {
          hint: 'Keep real keys away from rehearsals; a rehearsal makes its own.',
        })
      : refused('rehearsal-key', `${options.uri} is the key of a rehearsal`, {
          hint: 'It was made to be thrown away. Use the key of the real authority, or make one.',
        });
  }
  if (expectedPublicKey !== undefined && !equalBytes(publicKey, expectedPublicKey)) {
    wipe(privateKey);
    throw refused(
      'key-mismatch',
      `${options.uri} holds another key: its public key is ${toHex(publicKey)}, the credential's ${toHex(expectedPublicKey)}`,
      { hint: 'Name the key that belongs to the credential; if this should be it, find out who changed the file.' },
    );
  }
  return new SoftwareSigner(options.uri, scheme, publicKey, privateKey);
}

/**
 * Returns the same key in a new age file under another passphrase. Errors: as for `openSoftwareKey`, and `usage` (work
 * factor), `bad-passphrase`, `key-file-unreadable`.
 */
export async function resealSoftwareKey(options: {
  readonly uri: string;
  readonly ageFile: Uint8Array;
  readonly passphrase: Uint8Array;
  readonly newPassphrase: Uint8Array;
  readonly workFactor: number;
}): Promise<Uint8Array> {
  const opened = await openPrivateKey(options.uri, options.ageFile, options.passphrase);
  try {
    return await sealPrivateKey(opened, options.newPassphrase, options.workFactor);
  } finally {
    wipe(opened.privateKey);
  }
}

async function sealPrivateKey(
  { scheme, privateKey, publicKey, rehearsal }: OpenedKey,
  passphrase: Uint8Array,
  workFactor: number,
): Promise<Uint8Array> {
  const der = encodePkcs8(scheme, privateKey, publicKey);
  const pem = encodeSecretPem(der);
  const text = rehearsal ? concatBytes(MARK, pem) : pem;
  try {
    return await sealKey(text, passphrase, workFactor);
  } finally {
    wipe(der, pem, text);
  }
}

interface OpenedKey {
  readonly scheme: SchemeInfo;
  readonly privateKey: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly rehearsal: boolean;
}

async function openPrivateKey(uri: string, ageFile: Uint8Array, passphrase: Uint8Array): Promise<OpenedKey> {
  const bad = (what: string, cause?: unknown): CeremonyError =>
    couldNot('bad-key-file', `${uri}: ${what}`, { hint: 'Use a backup of the key file.', cause });
  const pem = await openKey(ageFile, passphrase, uri);
  let der: Uint8Array | undefined;
  let privateKey: Uint8Array | undefined;
  try {
    const rehearsal = equalBytes(pem.subarray(0, MARK.length), MARK);
    der = decodeSecretPem(rehearsal ? pem.subarray(MARK.length) : pem);
    const key = decodePkcs8(der);
    privateKey = key.privateKey;
    selfTest(key.scheme);
    const publicKey = publicKeyOf(key.scheme, privateKey, bad);
    if (key.claimedPublicKey !== undefined && !equalBytes(publicKey, key.claimedPublicKey)) {
      throw bad('the public key inside does not belong to the private key');
    }
    return { scheme: key.scheme, privateKey, publicKey, rehearsal };
  } catch (error) {
    wipe(privateKey);
    throw error;
  } finally {
    wipe(pem, der);
  }
}

function publicKeyOf(
  scheme: SchemeInfo,
  privateKey: Uint8Array,
  bad: (what: string, cause: unknown) => Error,
): Uint8Array {
  try {
    return derivePublicKey(scheme, privateKey);
  } catch (error) {
    // Without the library's own message, which might show a part of the key.
    throw bad(`the private key is not one of ${scheme.name}`, error);
  }
}

class SoftwareSigner implements Signer {
  #privateKey: Uint8Array | undefined;

  constructor(
    readonly uri: string,
    readonly scheme: SchemeInfo,
    readonly publicKey: Uint8Array,
    privateKey: Uint8Array,
  ) {
    this.#privateKey = privateKey;
  }

  sign(message: Uint8Array): Promise<Uint8Array> {
    return new Promise((resolve) => {
      resolve(this.#signAndCheck(message));
    });
  }

  close(): Promise<void> {
    wipe(this.#privateKey);
    this.#privateKey = undefined;
    return Promise.resolve();
  }

  #signAndCheck(message: Uint8Array): Uint8Array {
    if (this.#privateKey === undefined) {
      throw couldNot('key-closed', `${this.uri} was closed, and its private key wiped`, {
        hint: 'Open the key again.',
      });
    }
    const signature = sign(this.scheme, this.#privateKey, message);
    if (!isGoodSignature(this.scheme, this.publicKey, message, signature)) {
      // A faulty signature can give the private key away, so it must not leave.
      throw refused('signature-check-failed', `a signature of ${this.uri} does not verify; it was thrown away`, {
        hint: 'Sign nothing more on this machine: its memory or processor may be at fault.',
      });
    }
    return signature;
  }
}
