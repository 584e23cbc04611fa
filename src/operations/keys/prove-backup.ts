/** Proves a key from its backup, so that people know before they need it that it can be restored. */
import type { HeldKeyRecord } from '../../authority/authority.js';
import { isOneFile, type Medium, mediumOf, onOneDisk } from '../../authority/ground/medium.js';
import { liesInside } from '../../authority/ground/outside.js';
import { applyChange } from '../../authority/store.js';
import { type FileKeyUri, parseKeyUri } from '../../codec/key-uri.js';
import { toHex } from '../../common/bytes.js';
import { refused } from '../../common/errors.js';
import { hash } from '../../crypto/hash.js';
import type { HsmUse } from '../../signer/pkcs11/use.js';
import type { Signer } from '../../signer/signer.js';
import type { OperationContext } from '../context/operation-context.js';
import { moduleRows } from './key-rows.js';
import { keyFilePath, openKeyAt } from './open-key.js';
import { testMessage, theRecord } from './verify-key.js';

export interface ProvenKey {
  readonly uri: string;
  readonly from: string;
  readonly publicKey: Uint8Array;
  /** For a backup in a token, as it was read back just now. */
  readonly hsm: HsmUse | undefined;
  /** The medium of a backup in a file, as far as the system shows it. */
  readonly medium: (Medium & { readonly same_disk?: boolean }) | undefined;
}

/**
 * Opens the backup at the URI `from`, and compares its public key with the record of the key that `text` names. A key
 * file gives its public key by itself, and signs nothing. A token has to show that it holds the private key: it signs a
 * test message. Errors: `unknown-key`, `key-destroyed`, `not-a-backup`, `key-mismatch`, `declined`, and those of the
 * key.
 */
export async function proveFromBackup(context: OperationContext, text: string, from: string): Promise<ProvenKey> {
  const { authority } = context;
  const record = theRecord(authority, text);
  const { uri, publicKey } = record;
  const backup = parseKeyUri(from);
  // A rehearsal made its keys a moment ago, and nobody has copied them elsewhere.
  if (backup.kind === 'file' && context.rehearsal !== true) checkIsApart(context, record, backup);
  await context.confirm({
    title: 'A key is proven from its backup',
    rows: [['key', uri], ['public key', toHex(publicKey)], ['backup', backup.uri], ...moduleRows(context, backup)],
    changes: [
      backup.kind === 'file'
        ? 'the key file is opened, and its public key compared; it signs nothing'
        : 'the token signs a test message that no protocol has a use for; no credential and no bundle is signed',
    ],
  });
  const signer = await openKeyAt(context, backup.uri, publicKey, { anew: true });
  const medium = backup.kind === 'file' ? mediumOfBackup(context, backup) : undefined;
  try {
    if (signer.hsm !== undefined) {
      if (signer.hsm.serial === record.hsm?.facts.serial && context.rehearsal !== true)
        throw notABackup(from, `is the key ${uri} itself`);
      await signer.sign(testMessage(context.random));
    }
  } finally {
    await signer.close();
  }
  putOnRecord(context, record, signer, medium);
  return { uri, from: backup.uri, publicKey, hsm: signer.hsm, medium };
}

/**
 * Compares by file rather than by name, since other spellings, links and bind mounts lead to the same one. Error:
 * `not-a-backup`.
 */
function checkIsApart({ authority }: OperationContext, { uri }: HeldKeyRecord, backup: FileKeyUri): void {
  const path = keyFilePath(authority, backup);
  const own = parseKeyUri(uri);
  if (backup.uri === uri || (own.kind === 'file' && isOneFile(path, keyFilePath(authority, own))))
    throw notABackup(backup.uri, `is the key ${uri} itself`);
  if (liesInside(authority.dir, path)) throw notABackup(backup.uri, 'is inside the authority');
}

function mediumOfBackup({ authority }: OperationContext, backup: FileKeyUri): ProvenKey['medium'] {
  const path = keyFilePath(authority, backup);
  const medium = mediumOf(path);
  const same = onOneDisk(path, authority.dir);
  return medium === undefined ? undefined : { ...medium, ...(same === undefined ? {} : { same_disk: same }) };
}

function putOnRecord(
  { authority, atSeconds, recordIn }: OperationContext,
  { uri, publicKey }: HeldKeyRecord,
  signer: Signer,
  medium: ProvenKey['medium'],
): void {
  const { hsm } = signer;
  applyChange(authority, {
    operation: 'key verify',
    files: [],
    events: [
      {
        event: 'key',
        fields: {
          what: 'proven from a backup',
          key: uri,
          from: signer.uri,
          public_key_sha256: toHex(hash('sha256', publicKey)),
          ...(medium === undefined ? {} : { medium: { ...medium } }),
          ...(hsm === undefined ? {} : { hsm }),
        },
      },
    ],
    atSeconds,
    recordIn,
  });
}

function notABackup(from: string, what: string): Error {
  return refused('not-a-backup', `${from} ${what}, and proves no backup`, {
    hint: 'Name the copy: a file on another medium, or a key in another token.',
  });
}
