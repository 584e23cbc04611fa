/** Checks a private key, and changes its passphrase. */
import type { Authority, HeldKeyRecord } from '../../authority/authority.js';
import type { AnyHeld } from '../../authority/find-credential.js';
import { readInside } from '../../authority/ground/inside.js';
import { applyChange } from '../../authority/store.js';
import { parseKeyUri } from '../../codec/key-uri.js';
import { equalBytes, toHex, wipe } from '../../common/bytes.js';
import { refused, usage } from '../../common/errors.js';
import { hash } from '../../crypto/hash.js';
import { MAX_KEY_FILE } from '../../signer/age-header.js';
import type { HsmUse } from '../../signer/pkcs11/use.js';
import { resealSoftwareKey } from '../../signer/software-key.js';
import type { OperationContext } from '../context/operation-context.js';
import { keyWarnings } from './key-rows.js';
import { checkKeyLives, keyFilePath, openKeyAt, openWithPassphrase, recordNamed, sweepBeside } from './open-key.js';

/** Returns the record of the key that a person names by its URI or its name. Error: `unknown-key`. */
export function theRecord(authority: Authority, text: string): HeldKeyRecord {
  const record = recordNamed(authority, text);
  if (record === undefined) {
    const known = authority.keyRecords.map(({ name }) => name).join(', ') || 'none';
    throw refused('unknown-key', `the authority has no key ${JSON.stringify(text)}`, {
      hint: `Its keys are: ${known}.`,
    });
  }
  return record;
}

export interface VerifiedKey {
  readonly uri: string;
  readonly publicKey: Uint8Array;
  /** The credential of this key, if it has one. */
  readonly credential: AnyHeld | undefined;
  /** For a key in an HSM, as it was read back just now. */
  readonly hsm: HsmUse | undefined;
}

/**
 * Opens a key, compares it with its record, and has it sign a random message that has no use in any protocol. Errors:
 * `unknown-key`, `key-mismatch`, and those of the key.
 */
export async function verifyKey(
  context: Pick<OperationContext, 'authority' | 'secrets' | 'random' | 'hsm' | 'keys'>,
  text: string,
): Promise<VerifiedKey> {
  const { uri, publicKey } = theRecord(context.authority, text);
  const signer = await openKeyAt(context, uri, publicKey, { anew: true });
  try {
    await signer.sign(testMessage(context.random));
  } finally {
    await signer.close();
  }
  const held: readonly AnyHeld[] = [...context.authority.roots, ...context.authority.intermediates];
  const credential = held.find((one) => equalBytes(one.credential.payload.publicKey, publicKey));
  return { uri, publicKey, credential, hsm: signer.hsm };
}

/**
 * Returns what a key signs to show that it can. It has no use in any protocol: no SignContent, Sig_structure or SSHSIG
 * begins with 0xff.
 */
export function testMessage(random: OperationContext['random']): Uint8Array {
  const message = random(33);
  message[0] = 0xff;
  return message;
}

/**
 * Puts a software key under a new passphrase. The new file is opened once before it replaces the old one. Returns the
 * key's URI.
 */
export async function changePassphrase(context: OperationContext, text: string): Promise<string> {
  const { authority, secrets, atSeconds } = context;
  const { uri, publicKey, end } = theRecord(authority, text);
  checkKeyLives(uri, end);
  const key = parseKeyUri(uri);
  if (key.kind === 'pkcs11') {
    throw usage(`${uri} has no passphrase: it is in an HSM`, {
      hint: "Change the token's PIN with the vendor's tool.",
    });
  }
  const path = keyFilePath(authority, key);
  const ageFile = readInside(authority.dir, key.path, MAX_KEY_FILE);
  await context.confirm({
    title: `New passphrase for ${uri}`,
    rows: [
      ['key', uri],
      ['key file', path],
      ['scrypt work factor', String(authority.settings.keyWorkFactor)],
    ],
    warnings: keyWarnings(authority, key),
    changes: [
      'the key file is replaced by one under the new passphrase',
      'backups of the old file keep the old passphrase',
    ],
  });
  const { signer, passphrase } = await openWithPassphrase(context, key, ageFile, publicKey);
  await signer.close();
  let newPassphrase: Uint8Array | undefined;
  try {
    newPassphrase = await secrets.passphrase(key, 'new');
    if (equalBytes(passphrase, newPassphrase)) {
      throw refused('same-passphrase', `the new passphrase of ${uri} is the old one; nothing was changed`, {
        hint: 'Choose another.',
        remedies: [{ option: 'new-passphrase-file' }],
      });
    }
    const workFactor = authority.settings.keyWorkFactor;
    const resealed = await resealSoftwareKey({ uri, ageFile, passphrase, newPassphrase, workFactor });
    sweepBeside(context, key);
    const file = { path: key.path, bytes: resealed, mode: 0o600, secret: true };
    applyChange(authority, {
      operation: 'key change-passphrase',
      files: [{ ...file, replaces: toHex(hash('sha256', ageFile)) }],
      events: [{ event: 'key', fields: { what: 'new passphrase', key: uri } }],
      atSeconds,
      recordIn: context.recordIn,
    });
    return uri;
  } finally {
    wipe(passphrase, newPassphrase);
  }
}
