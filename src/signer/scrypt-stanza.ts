/**
 * age's passphrase recipient (age-encryption.org/v1, "The scrypt recipient type") with OpenSSL's scrypt instead of the
 * age package's own. This way the passphrase stays in bytes that are wiped (the package takes a string), the event loop
 * keeps running meanwhile, and files of work factor 21 and 22 open, which the package refuses.
 */
import { createCipheriv, createDecipheriv, scrypt } from 'node:crypto';
import { concatBytes, fromBase64, toBase64, utf8, wipe } from '../common/bytes.js';
import { couldNot } from '../common/errors.js';

const SALT_LENGTH = 16;
const TAG_LENGTH = 16;
const LABEL = utf8('age-encryption.org/v1/scrypt');
const CIPHER = 'chacha20-poly1305';

/** The stanza's parts: `scrypt <salt> <work factor>`, and the wrapped file key as its body. */
export interface ScryptStanza {
  readonly args: string[];
  readonly body: Uint8Array;
}

/** Wraps a file key. `workFactor` is the base-2 logarithm of scrypt's N; `salt` has 16 random bytes. */
export async function wrapFileKey(
  fileKey: Uint8Array,
  passphrase: Uint8Array,
  workFactor: number,
  salt: Uint8Array,
): Promise<ScryptStanza> {
  const key = await stretch(passphrase, salt, workFactor);
  const cipher = createCipheriv(CIPHER, key, new Uint8Array(12), { authTagLength: TAG_LENGTH });
  const body = concatBytes(
    new Uint8Array(cipher.update(fileKey)),
    new Uint8Array(cipher.final()),
    new Uint8Array(cipher.getAuthTag()),
  );
  wipe(key);
  return { args: ['scrypt', toBase64(salt).replaceAll('=', ''), String(workFactor)], body };
}

/**
 * Returns the file key, or undefined if the passphrase is wrong. The stanza's form has been checked (age-header.ts).
 */
export async function unwrapFileKey(stanza: ScryptStanza, passphrase: Uint8Array): Promise<Uint8Array | undefined> {
  const salt = fromBase64(`${stanza.args[1] ?? ''}==`);
  if (salt?.length !== SALT_LENGTH) return undefined;
  const key = await stretch(passphrase, salt, Number(stanza.args[2]));
  const decipher = createDecipheriv(CIPHER, key, new Uint8Array(12), { authTagLength: TAG_LENGTH });
  const tagAt = stanza.body.length - TAG_LENGTH;
  try {
    decipher.setAuthTag(stanza.body.subarray(tagAt));
    const fileKey = decipher.update(stanza.body.subarray(0, tagAt));
    decipher.final();
    return new Uint8Array(fileKey);
  } catch {
    return undefined;
  } finally {
    wipe(key);
  }
}

function stretch(passphrase: Uint8Array, salt: Uint8Array, workFactor: number): Promise<Uint8Array> {
  const N = 2 ** workFactor;
  // scrypt needs 128 * r * N bytes, and a little more.
  const options = { N, r: 8, p: 1, maxmem: 1024 * (N + 1024) };
  return new Promise((resolve, reject) => {
    scrypt(passphrase, concatBytes(LABEL, salt), 32, options, (error, key) => {
      if (error === null) {
        resolve(new Uint8Array(key.buffer, key.byteOffset, key.length));
      } else {
        const size = `${String(2 ** (workFactor - 10))} MiB`;
        reject(
          couldNot('out-of-memory', `scrypt at work factor ${String(workFactor)} needs ${size} of memory, and failed`, {
            hint: 'Close other programs, or use a machine with more memory.',
            cause: error,
          }),
        );
      }
    });
  });
}
