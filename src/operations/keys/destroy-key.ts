/**
 * Destroys a private key in three steps, each of which survives a crash: a mark that it is to be destroyed, after which
 * it signs nothing; its destruction; and a mark that nothing of it is left here. After any interruption, the same
 * command continues where it stopped.
 */
import { type HeldKeyRecord, openAuthority } from '../../authority/authority.js';
import type { NewEvent } from '../../authority/events/event.js';
import type { AnyHeld } from '../../authority/find-credential.js';
import { encodeKeyMark, keyMarkPath, type KeyState } from '../../authority/formats/small-files.js';
import { destroyInside, existsInside, readInside } from '../../authority/ground/inside.js';
import { applyChange } from '../../authority/store.js';
import { type FileKeyUri, type KeyUri, parseKeyUri } from '../../codec/key-uri.js';
import { toHex, wipe } from '../../common/bytes.js';
import { CeremonyError, couldNot, refused } from '../../common/errors.js';
import { formatTime } from '../../common/time.js';
import { hash } from '../../crypto/hash.js';
import { MAX_KEY_FILE } from '../../signer/age-header.js';
import type { OperationContext, Row } from '../context/operation-context.js';
import type { Doomed } from './doomed-key.js';
import { hasKey, needsOf } from './key-needs.js';
import { moduleRows } from './key-rows.js';
import { keyFilePath, openWithPassphrase } from './open-key.js';
import { theRecord } from './verify-key.js';

export interface DestroyOptions {
  /** The key's URI or name. */
  readonly key: string;
  /** Whether to destroy it although something still needs it, because nothing is to be signed with it any more. */
  readonly endOfService: boolean;
  /**
   * Whether its passphrase is lost, its file damaged, or its file or token gone, so that nobody can prove which key it
   * is.
   */
  readonly unproved: boolean;
}

export interface DestroyedKey {
  readonly uri: string;
  /** What was done, in plain words. */
  readonly how: string;
  /** The mark, relative to the authority. */
  readonly file: string;
}

/**
 * Destroys a key. Errors: `unknown-key`, `key-needed` (a finding for each thing that needs it), `key-destroyed` if it
 * is destroyed already, `declined`, `file-not-found`, `key-mismatch`, and those of the key.
 */
export async function destroyKey(context: OperationContext, wanted: DestroyOptions): Promise<DestroyedKey> {
  const { authority, atSeconds } = context;
  const record = theRecord(authority, wanted.key);
  const { uri, name, end } = record;
  const key = parseKeyUri(uri);
  const isBack = key.kind === 'file' && existsInside(authority.dir, key.path);
  if (end?.state === 'destroyed' && !isBack) {
    throw refused('key-destroyed', `${uri} was destroyed already (recorded ${formatTime(end.atSeconds)})`, {
      hint: 'Nothing is left to do here. Destroy its backups too.',
    });
  }
  // Also checked if its end has begun: anybody who can write in the folder can write such a mark.
  const needs = needsOf(authority, record, atSeconds);
  if (needs.length > 0 && !wanted.endOfService) throw needed(uri, needs);
  await context.confirm({
    title: end === undefined ? 'A private key is destroyed, permanently' : 'A private key whose destruction had begun',
    rows: rowsOf(context, record, key),
    changes: [
      `${keyMarkPath(name, 'destroying')} is written first: from then on the key signs nothing more`,
      key.kind === 'file'
        ? 'its file is overwritten and removed'
        : 'the private key and its public key are destroyed in the token',
      `then ${keyMarkPath(name, 'destroyed')}; the key record stays`,
    ],
    warnings: [
      ...needs.map((need) => `still needed: ${need}`),
      ...(wanted.unproved ? ['Nobody has proved that this is the key on record: check twice.'] : []),
      key.kind === 'file'
        ? 'Backups keep the key, and so may flash media, snapshots and journals of the file system: destroy those too.'
        : "The vendor's backups of the token keep the key: destroy those too.",
      'Nothing brings it back.',
    ],
    words: needs.length > 0 ? `the service has ended: destroy ${name}` : `destroy ${name}`,
  });
  const doomed =
    key.kind === 'file'
      ? await softwareKey(context, record, key, wanted)
      : await (await import('./destroy-hsm-key.js')).doomedHsmKey(context, record, key, wanted.unproved);
  try {
    if (end === undefined) await mark(context, record, 'destroying', [...doomed.events, intent(record, needs, wanted)]);
    await doomed.destroy();
    const destroyed: NewEvent = { event: 'key', fields: { ...named(record), what: 'destroyed', how: doomed.how } };
    await mark(context, record, 'destroyed', [destroyed], end?.state);
  } finally {
    await doomed.close();
  }
  return { uri, how: doomed.how, file: keyMarkPath(name, 'destroyed') };
}

function needed(uri: string, needs: readonly string[]): Error {
  const [first = ''] = needs;
  return refused('key-needed', `${uri} is still needed: ${first}`, {
    findings: needs.map((message) => ({ rule: 'key-needed', code: 'key-needed', message })),
    hint: 'Retire or revoke what needs it, and wait until no client holds a bundle with it; or say that the whole service ends.',
    remedies: [{ option: 'end-of-service' }],
  });
}

function rowsOf({ authority, hsm }: OperationContext, record: HeldKeyRecord, key: KeyUri): Row[] {
  const { uri, publicKey, end } = record;
  const held: readonly AnyHeld[] = [...authority.roots, ...authority.intermediates];
  const owners = held.filter((one) => hasKey(one, record));
  return [
    ['key', uri],
    ['where', key.kind === 'file' ? keyFilePath(authority, key) : uri],
    ...moduleRows({ hsm }, key),
    ['public key', toHex(publicKey)],
    ...(owners.length === 0 ? [['credential', 'none; a request for one may be on its way'] as const] : []),
    ...owners.map(({ file, fingerprint }) => ['credential', `${file} (${fingerprint})`] as const),
    ...(end === undefined ? [] : [['begun', formatTime(end.atSeconds)] as const]),
  ];
}

async function softwareKey(
  context: OperationContext,
  { publicKey, end }: HeldKeyRecord,
  key: FileKeyUri,
  { unproved }: DestroyOptions,
): Promise<Doomed> {
  const { dir } = context.authority;
  const nothing = (): Promise<void> => Promise.resolve();
  if (!existsInside(dir, key.path)) {
    if (end === undefined && !unproved) {
      throw couldNot('file-not-found', `${keyFilePath(context.authority, key)} does not exist`, {
        hint: 'Plug in the medium that holds it. If the file was destroyed by other means, say so.',
        remedies: [{ option: 'unproved' }],
      });
    }
    return { how: 'no file was there any more', events: [], destroy: nothing, close: nothing };
  }
  if (!unproved) await prove(context, key, publicKey, end !== undefined);
  return {
    how: 'its file was overwritten and removed',
    events: [],
    destroy: () => {
      destroyInside(dir, key.path);
      return Promise.resolve();
    },
    close: nothing,
  };
}

/**
 * Opens the key, so that no other one is destroyed. A file that an interrupted run has begun to overwrite is no longer
 * a key: none begins with a zero byte.
 */
async function prove(context: OperationContext, key: FileKeyUri, publicKey: Uint8Array, begun: boolean): Promise<void> {
  const bytes = readInside(context.authority.dir, key.path, MAX_KEY_FILE);
  if (begun && (bytes[0] ?? 0) === 0) return;
  try {
    const { signer, passphrase } = await openWithPassphrase(context, key, bytes, publicKey);
    wipe(passphrase);
    await signer.close();
  } catch (error) {
    if (!(error instanceof CeremonyError) || error.code !== 'bad-key-file') throw error;
    throw couldNot('bad-key-file', error.message, {
      hint: 'It cannot be opened, so nobody can prove which key it is. If you know it, destroy it all the same.',
      remedies: [{ option: 'unproved' }],
      cause: error,
    });
  }
}

/** Returns the fields that say which key an event is about. */
function named({ uri, publicKey }: HeldKeyRecord): { readonly key: string; readonly public_key_sha256: string } {
  return { key: uri, public_key_sha256: toHex(hash('sha256', publicKey)) };
}

function intent(record: HeldKeyRecord, needs: readonly string[], { unproved, endOfService }: DestroyOptions): NewEvent {
  const because = needs.length === 0 ? {} : { end_of_service: endOfService, still_needed: needs };
  return { event: 'key', fields: { ...named(record), what: 'to be destroyed', proved: !unproved, ...because } };
}

/** Puts one step on record. The authority is opened again, since the step before has changed it. */
async function mark(
  context: OperationContext,
  { name, publicKey }: HeldKeyRecord,
  state: KeyState,
  events: readonly NewEvent[],
  before?: KeyState,
): Promise<void> {
  const { atSeconds, recordIn } = context;
  // A file that came back after its end is destroyed again, and has its mark already.
  const file = { path: keyMarkPath(name, state), bytes: encodeKeyMark({ state, atSeconds, publicKey }) };
  applyChange(await openAuthority(context.authority.dir), {
    operation: 'key destroy',
    files: before === 'destroyed' ? [] : [file],
    events,
    atSeconds,
    recordIn,
  });
}
