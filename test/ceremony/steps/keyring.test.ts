/** Keys that stay open through a ceremony, and what becomes of them at its end. */
import { expect, test } from '@jest/globals';
import { Keyring } from '../../../src/ceremony/steps/keyring.js';
import { parseKeyUri } from '../../../src/codec/key-uri.js';
import { SCHEMES } from '../../../src/crypto/ciphersuite.js';
import type { ReadyKey } from '../../../src/operations/signing/ready-key.js';

const [SCHEME] = SCHEMES;
if (SCHEME === undefined) throw new Error('no schemes');

/** A key in a token, which is destroyed when its signer is closed, unless it is kept. */
function keyInToken(uri: string, publicKey: Uint8Array, log: string[]): ReadyKey {
  let isKept = false;
  return {
    signer: {
      uri,
      scheme: SCHEME ?? SCHEMES[0] ?? (undefined as never),
      publicKey,
      sign: () => Promise.resolve(new Uint8Array(64)),
      close: () => {
        log.push(`${uri} ${isKept ? 'closed' : 'destroyed'}`);
        return Promise.resolve();
      },
    },
    files: [],
    events: [],
    keep: () => {
      isKept = true;
    },
  };
}

async function withTwo(): Promise<{ readonly keyring: Keyring; readonly log: string[] }> {
  const keyring = new Keyring();
  const log: string[] = [];
  for (const [name, byte] of [
    ['a', 1],
    ['b', 2],
  ] as const) {
    const uri = parseKeyUri(`pkcs11:token=T;object=${name}`);
    const made = await keyring.make(
      uri,
      SCHEME ?? (undefined as never),
      () => Promise.resolve(keyInToken(name, Uint8Array.of(byte), log)),
      {},
    );
    // What an operation does that came to nothing.
    await made.signer.close();
  }
  expect(log).toEqual([]);
  return { keyring, log };
}

test('a key that was not used is destroyed if the ceremony is aborted, and no other', async () => {
  const { keyring, log } = await withTwo();
  const destroyed = await keyring.destroyUnless((publicKey) => publicKey[0] === 1);
  expect(destroyed).toEqual(['pkcs11:token=T;object=b']);
  expect(log).toEqual(['b destroyed']);
  await keyring.close();
  expect(log).toEqual(['b destroyed', 'a closed']);
});

test('if it is held or interrupted, all stay for whoever resumes', async () => {
  const { keyring, log } = await withTwo();
  await keyring.close();
  expect(log).toEqual(['a closed', 'b closed']);
  await keyring.close();
  expect(log).toHaveLength(2);
});
