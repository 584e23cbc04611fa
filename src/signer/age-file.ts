/** Software keys at rest: an age file under one passphrase, which `age -d` can open too. */
import { concatBytes, randomBytes } from '@noble/hashes/utils.js';
import type { Stanza as AgeStanza } from 'age-encryption';
import { equalBytes, fromUtf8, utf8, wipe } from '../common/bytes.js';
import { CeremonyError, couldNot, usage } from '../common/errors.js';
import { checkPassphrase } from '../common/passphrase.js';
import { unseenIn } from '../common/printable.js';
import { MAX_KEY_FILE, MAX_WORK_FACTOR, MIN_WORK_FACTOR, readAgeFile } from './age-header.js';
import { unwrapFileKey, wrapFileKey } from './scrypt-stanza.js';

/** Well below the limit on the file, whose armor adds a third. */
const MAX_PLAINTEXT = MAX_KEY_FILE / 2;

/**
 * Returns the armored age file of `pkcs8Pem` under `passphrase`, at scrypt work factor 14 to 22. It is opened once
 * before it is returned, since a key that cannot be opened is lost. The age package draws the file key and the nonce
 * from the system's randomness itself, so the salt comes from there too. The caller wipes both arguments. Errors:
 * `usage` (work factor), `bad-passphrase`, `key-file-unreadable`.
 */
export async function sealKey(pkcs8Pem: Uint8Array, passphrase: Uint8Array, workFactor: number): Promise<Uint8Array> {
  if (!Number.isInteger(workFactor) || workFactor < MIN_WORK_FACTOR || workFactor > MAX_WORK_FACTOR) {
    throw usage(`scrypt work factor ${String(workFactor)} is not one of 14 to 22`, {
      hint: 'Use 18, or more where memory allows.',
    });
  }
  if (pkcs8Pem.length > MAX_PLAINTEXT) throw new RangeError(`a private key of ${String(pkcs8Pem.length)} bytes`);
  checkPassphrase(passphrase);
  const { Encrypter, Stanza, armor } = await import('age-encryption');
  const encrypter = new Encrypter();
  encrypter.addRecipient({
    wrapFileKey: async (fileKey) => {
      const { args, body } = await wrapFileKey(fileKey, passphrase, workFactor, randomBytes(16));
      return [new Stanza(args, body)];
    },
  });
  const file = utf8(armor.encode(await readAll(await encrypter.encrypt(streamOf(pkcs8Pem)))));
  const opened = await openKey(file, passphrase);
  const same = equalBytes(opened, pkcs8Pem);
  wipe(opened);
  if (!same) {
    throw couldNot('key-file-unreadable', 'the encrypted key does not open to what went into it', {
      hint: 'Nothing was written. Do not trust the memory of this machine; use another one.',
    });
  }
  return file;
}

/**
 * Returns what is inside a key file; the caller wipes it. `name` is what messages call the file. The pieces from the
 * package's stream are wiped; its internal copies are out of reach, but small and short-lived. Errors: `bad-key-file`
 * (its form, checked before anything is computed, or damage), `wrong-passphrase`, `out-of-memory`.
 */
export async function openKey(ageFile: Uint8Array, passphrase: Uint8Array, name = 'the key file'): Promise<Uint8Array> {
  const { binary } = readAgeFile(ageFile, name);
  const { Decrypter } = await import('age-encryption');
  const decrypter = new Decrypter();
  decrypter.addIdentity({
    unwrapFileKey: async ([stanza]: AgeStanza[]) => {
      const fileKey = stanza === undefined ? undefined : await unwrapFileKey(stanza, passphrase);
      if (fileKey !== undefined) return fileKey;
      const unseen = unseenIn(fromUtf8(passphrase) ?? '');
      throw couldNot('wrong-passphrase', `the passphrase does not open ${name}`, {
        hint:
          unseen === undefined
            ? 'Check spaces, capitals and the keyboard layout. A damaged header of the file looks the same.'
            : `What was given has ${unseen}. Give it without, if the paper does not say otherwise.`,
      });
    },
  });
  try {
    return await readAll(await decrypter.decrypt(streamOf(binary)));
  } catch (error) {
    if (error instanceof CeremonyError) throw error;
    throw couldNot(
      'bad-key-file',
      `${name} is damaged: its passphrase is right, and its content was changed or cut short`,
      {
        hint: 'Use a backup of the key file.',
        cause: error,
      },
    );
  }
}

/** Returns the bytes as a stream. Given bytes, the package would load Node's HTTP client to collect its output. */
function streamOf(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start: (controller) => {
      controller.enqueue(bytes);
      controller.close();
    },
  });
}

async function readAll(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  const reader = stream.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) pieces.push(next.value);
  const all = concatBytes(...pieces);
  wipe(...pieces);
  return all;
}
