/**
 * Puts a key that comes back from a backup, or in its token, on record again beside the credential that it belongs to.
 */
import type { Authority } from '../../authority/authority.js';
import type { AnyHeld } from '../../authority/find-credential.js';
import { encodeKeyRecord, keyRecordPath } from '../../authority/formats/small-files.js';
import { existsInside, readInside } from '../../authority/ground/inside.js';
import { inAuthority } from '../../authority/ground/layout.js';
import { applyChange } from '../../authority/store.js';
import { commitmentOf } from '../../bundle/commitment.js';
import { type FileKeyUri, parseKeyUri, type Pkcs11KeyUri } from '../../codec/key-uri.js';
import { equalBytes, toHex, wipe } from '../../common/bytes.js';
import { refused } from '../../common/errors.js';
import { fileError } from '../../common/files.js';
import type { SchemeInfo } from '../../crypto/ciphersuite.js';
import { hash } from '../../crypto/hash.js';
import { MAX_KEY_FILE } from '../../signer/age-header.js';
import type { OperationContext } from '../context/operation-context.js';
import { historyOf, lastNotWithdrawn } from '../lifecycle/bundle-history.js';
import type { KeyOptions, ReadyKey } from '../signing/ready-key.js';
import { checkKeyPath, newHsmKeyUri } from './new-key-name.js';
import { openWithPassphrase } from './open-key.js';

export interface AttachedKey {
  readonly uri: string;
  /** The key record's file, relative to the authority. */
  readonly file: string;
  /** What the key belongs to: a credential's file and fingerprint, or a commitment. */
  readonly owner: string;
}

/**
 * Opens a key of which the authority has no record, finds the credential (or the commitment) that it belongs to, and
 * writes its record. Errors: `key-mismatch`, `key-on-record`, `file-exists`, `declined`, and those of the key.
 */
export async function attachKey(context: OperationContext, uri: string, wanted: KeyOptions = {}): Promise<AttachedKey> {
  const key = parseKeyUri(uri);
  const { owner, ready } =
    key.kind === 'file'
      ? await softwareKey(context, key)
      : await hsmKey(context, newHsmKeyUri(context.authority, key), wanted);
  const [record] = ready.files;
  if (record === undefined) throw new TypeError('a key without its record');
  const { publicKey, scheme } = ready.signer;
  await ready.signer.close();
  applyChange(context.authority, {
    operation: 'key attach',
    files: ready.files,
    events: [
      ...ready.events,
      {
        event: 'key',
        fields: {
          what: 'attached',
          key: key.uri,
          scheme: scheme.name,
          public_key_sha256: toHex(hash('sha256', publicKey)),
          belongs_to: owner,
        },
      },
    ],
    atSeconds: context.atSeconds,
    recordIn: context.recordIn,
  });
  return { uri: key.uri, file: record.path, owner };
}

interface FoundKey {
  readonly owner: string;
  readonly ready: ReadyKey;
}

async function softwareKey(context: OperationContext, key: FileKeyUri): Promise<FoundKey> {
  const { authority, atSeconds } = context;
  checkKeyPath(authority, key);
  const record = keyRecordPath(key.name);
  if (existsInside(authority.dir, record)) throw fileError(inAuthority(authority.dir, record), { code: 'EEXIST' });
  const ageFile = readInside(authority.dir, key.path, MAX_KEY_FILE);
  const { signer, passphrase } = await openWithPassphrase(context, key, ageFile, undefined);
  wipe(passphrase);
  const { scheme, publicKey } = signer;
  try {
    const owner = ownerOf(authority, key.uri, scheme, publicKey);
    await context.confirm({
      title: 'A key comes back under the care of this authority',
      rows: [
        ['key', key.uri],
        ['public key', toHex(publicKey)],
        ['belongs to', owner],
      ],
      changes: [`${record} is written; the key file stays where it is`],
    });
    const bytes = encodeKeyRecord({ uri: key.uri, scheme, publicKey, madeAtSeconds: atSeconds });
    const nothing = (): void => undefined;
    return {
      owner,
      ready: { signer, files: [{ path: record, bytes }], events: [], keep: nothing },
    };
  } catch (error) {
    await signer.close();
    throw error;
  }
}

async function hsmKey(
  context: OperationContext,
  key: Pkcs11KeyUri,
  { backup = 'none' }: KeyOptions,
): Promise<FoundKey> {
  const { attachHsmKey } = await import('./authority-hsm-keys.js');
  const ready = await attachHsmKey(context, key, backup, ({ scheme, publicKey }) =>
    ownerOf(context.authority, key.uri, scheme, publicKey),
  );
  const { scheme, publicKey } = ready.signer;
  return { owner: ownerOf(context.authority, key.uri, scheme, publicKey), ready };
}

/** Returns what a key belongs to. Errors: `key-on-record`, `key-mismatch`. */
function ownerOf(authority: Authority, uri: string, scheme: SchemeInfo, publicKey: Uint8Array): string {
  const record = authority.keyRecordFor(publicKey);
  if (record !== undefined) {
    throw refused('key-on-record', `${uri} is the key of ${record.file} already (${record.uri})`, {
      hint: 'Nothing is left to do; a record is never changed.',
    });
  }
  const all: readonly AnyHeld[] = [...authority.roots, ...authority.intermediates];
  const held = all.find(
    ({ credential: { payload } }) => payload.ciphersuite.scheme === scheme && equalBytes(payload.publicKey, publicKey),
  );
  if (held !== undefined) return `${held.file} (${held.fingerprint})`;
  const commitment = commitmentOf(scheme, publicKey);
  const committed = lastNotWithdrawn(historyOf(authority))?.payload.nextRoots ?? [];
  if (committed.some((one) => equalBytes(one, commitment)))
    return `the next root, by the commitment ${toHex(commitment)}`;
  throw refused(
    'key-mismatch',
    `${uri} holds a key that no credential here has: its public key is ${toHex(publicKey)}`,
    {
      hint: 'Compare it with what inspect shows of the credentials; this is the backup of another key.',
    },
  );
}
