/** Looking after a private key. */
import { wipe } from '../common/bytes.js';
import { refused } from '../common/errors.js';
import { readFile } from '../common/files.js';
import { prepareReplacement } from '../common/new-files.js';
import type { Authority, HeldKeyRecord } from '../authority/authority.js';
import type { AnyHeld } from '../authority/find-credential.js';
import { applyChange } from '../authority/store.js';
import { equalBytes } from '../common/bytes.js';
import { MAX_KEY_FILE } from '../signer/age-header.js';
import { parseKeyUri } from '../signer/key-uri.js';
import { openSoftwareKey, resealSoftwareKey } from '../signer/software-key.js';
import type { Desk } from './desk.js';
import { keyFilePath, keyWarnings, openKeyAt } from './keys.js';

/** The record of the key that a person names by its URI or its name. Error: `unknown-key`. */
function recordNamed(authority: Authority, text: string): HeldKeyRecord {
  const record = authority.keyRecords.find(({ uri, name }) => text === uri || text === name);
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
}

/**
 * Opens a key, compares it with its record, and lets it sign a random message that no protocol has a use for.
 * Errors: `unknown-key`, `key-mismatch`, and those of the key.
 */
export async function verifyKey(
  desk: Pick<Desk, 'authority' | 'secrets' | 'random'>,
  text: string,
): Promise<VerifiedKey> {
  const { uri, publicKey } = recordNamed(desk.authority, text);
  const signer = await openKeyAt(desk, uri, publicKey);
  try {
    // 0xff begins no SignContent, no Sig_structure and no SSHSIG.
    const message = desk.random(33);
    message[0] = 0xff;
    await signer.sign(message);
  } finally {
    await signer.close();
  }
  const held: readonly AnyHeld[] = [...desk.authority.roots, ...desk.authority.intermediates];
  const credential = held.find((one) => equalBytes(one.credential.payload.publicKey, publicKey));
  return { uri, publicKey, credential };
}

/** Puts a software key under a new passphrase; the new file is opened once before it takes the old one's place. Returns the key's URI. */
export async function changePassphrase(desk: Desk, text: string): Promise<string> {
  const { authority, secrets, atSeconds } = desk;
  const { uri, publicKey } = recordNamed(authority, text);
  const key = parseKeyUri(uri);
  const path = keyFilePath(authority, key);
  const ageFile = readFile(path, MAX_KEY_FILE);
  const passphrase = await secrets.passphrase(key, 'open');
  let newPassphrase: Uint8Array | undefined;
  try {
    const signer = await openSoftwareKey({ uri, ageFile, passphrase, expectedPublicKey: publicKey });
    await signer.close();
    await desk.confirm({
      title: `New passphrase for ${uri}`,
      rows: [
        ['key file', path],
        ['scrypt work factor', String(authority.settings.keyWorkFactor)],
      ],
      warnings: keyWarnings(authority),
      changes: [
        'the key file is replaced by one under the new passphrase',
        'backups of the old file keep the old passphrase',
      ],
    });
    newPassphrase = await secrets.passphrase(key, 'new');
    if (equalBytes(passphrase, newPassphrase)) {
      throw refused('same-passphrase', `the new passphrase of ${uri} is the old one; nothing was changed`, {
        hint: 'Choose another, with --new-passphrase-file where no person types it.',
      });
    }
    const workFactor = authority.settings.keyWorkFactor;
    const resealed = await resealSoftwareKey({ uri, ageFile, passphrase, newPassphrase, workFactor });
    const replacement = prepareReplacement(path, resealed, 0o600);
    try {
      applyChange(authority, {
        operation: 'key change-passphrase',
        files: [],
        events: [{ event: 'key', fields: { what: 'new passphrase', key: uri } }],
        atSeconds,
        writer: desk.writer,
      });
      replacement.finish();
    } finally {
      replacement.discard();
    }
    return uri;
  } finally {
    wipe(passphrase, newPassphrase);
  }
}
