import { spawnSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import { utf8 } from '../../src/common/bytes.js';
import { schemeByName, SCHEMES } from '../../src/crypto/ciphersuite.js';
import { verifyWithAll } from '../../src/crypto/engine.js';
import { nobleEngine } from '../../src/crypto/noble-engine.js';
import { nodeEngine } from '../../src/crypto/node-engine.js';
import { isCanonicalSignature } from '../../src/crypto/signature-encoding.js';
import { openKey, sealKey } from '../../src/signer/age-file.js';
import { encodePkcs8 } from '../../src/signer/pkcs8.js';
import { encodeSecretPem } from '../../src/signer/secret-pem.js';
import { createSoftwareKey, openSoftwareKey, resealSoftwareKey } from '../../src/signer/software-key.js';
import { couldNotError, newKeyPair, random } from '../support/keys/software-keys.js';
import { toolTest } from '../support/machine/tools.js';

function missing(): never {
  throw new Error('no such scheme');
}

const URI = 'file:keys/root-1.age';
const ENGINES = [nobleEngine, nodeEngine];
const passphrase = utf8('correct horse');
const workFactor = 14;

describe.each(SCHEMES.map((scheme) => [scheme.name, scheme] as const))('a software key of %s', (_, scheme) => {
  const created = createSoftwareKey({ uri: URI, scheme, random, passphrase, workFactor });

  test('signs when it is new and when it is opened again', async () => {
    const { ageFile, publicKey, signer } = await created;
    expect(signer).toMatchObject({ uri: URI, scheme, publicKey });
    const opened = await openSoftwareKey({ uri: URI, ageFile, passphrase, expectedPublicKey: publicKey });
    expect(opened).toMatchObject({ uri: URI, scheme, publicKey });
    for (const message of [new Uint8Array(), utf8('message'), random(5000)]) {
      for (const key of [signer, opened]) {
        const signature = await key.sign(message);
        expect(verifyWithAll(ENGINES, scheme, publicKey, message, signature)).toBe(true);
        expect(isCanonicalSignature(scheme, signature)).toBe(true);
      }
    }
    await opened.close();
  });

  test('does not sign once it is closed, which may happen twice', async () => {
    const { ageFile } = await created;
    const signer = await openSoftwareKey({ uri: URI, ageFile, passphrase });
    await signer.close();
    await signer.close();
    await expect(signer.sign(utf8('message'))).rejects.toEqual(couldNotError('key-closed', URI));
  });

  test('a signature that does not verify never leaves', async () => {
    const { ageFile } = await created;
    const signer = await openSoftwareKey({ uri: URI, ageFile, passphrase });
    // Stands for a fault: the key that it signs with is no longer that of its public key.
    signer.publicKey.set(newKeyPair(scheme).publicKey);
    await expect(signer.sign(utf8('message'))).rejects.toMatchObject({
      kind: 'refused',
      code: 'signature-check-failed',
    });
    await signer.close();
  });

  test('another key in its file is noticed', async () => {
    const { ageFile } = await created;
    const expectedPublicKey = newKeyPair(scheme).publicKey;
    await expect(openSoftwareKey({ uri: URI, ageFile, passphrase, expectedPublicKey })).rejects.toMatchObject({
      kind: 'refused',
      code: 'key-mismatch',
    });
  });

  toolTest('openssl', 'openssl pkey shows its public key', async () => {
    const { ageFile, publicKey } = await created;
    const input = await openKey(ageFile, passphrase);
    const { stdout } = spawnSync('openssl', ['pkey', '-pubout', '-outform', 'DER'], { input });
    expect(new Uint8Array(stdout).slice(-publicKey.length)).toEqual(publicKey);
  });

  test('under another passphrase it is the same key', async () => {
    const { ageFile, publicKey } = await created;
    const newPassphrase = utf8('battery staple');
    const resealed = await resealSoftwareKey({ uri: URI, ageFile, passphrase, newPassphrase, workFactor: 15 });
    await expect(openSoftwareKey({ uri: URI, ageFile: resealed, passphrase })).rejects.toEqual(
      couldNotError('wrong-passphrase', URI),
    );
    const signer = await openSoftwareKey({
      uri: URI,
      ageFile: resealed,
      passphrase: newPassphrase,
      expectedPublicKey: publicKey,
    });
    expect(await openKey(resealed, newPassphrase)).toEqual(await openKey(ageFile, passphrase));
    await signer.close();
  });
});

describe('wiping', () => {
  const scheme = schemeByName('ed25519') ?? missing();

  /** For Ed25519 the private key is the very buffer that randomness gave. */
  function observed(): { buffers: Uint8Array[]; random: (length: number) => Uint8Array } {
    const buffers: Uint8Array[] = [];
    const keep = (length: number): Uint8Array => {
      const buffer = random(length);
      buffers.push(buffer);
      return buffer;
    };
    return { buffers, random: keep };
  }

  test('the private key is zeros once its signer is closed', async () => {
    const { buffers, random } = observed();
    const { signer } = await createSoftwareKey({ uri: URI, scheme, random, passphrase, workFactor });
    expect(buffers).toHaveLength(1);
    expect(buffers[0]).not.toEqual(new Uint8Array(32));
    await signer.close();
    expect(buffers[0]).toEqual(new Uint8Array(32));
  });

  test('and if the key could not be sealed', async () => {
    const { buffers, random } = observed();
    const creating = createSoftwareKey({ uri: URI, scheme, random, passphrase: utf8('a\n'), workFactor });
    await expect(creating).rejects.toEqual(couldNotError('bad-passphrase'));
    expect(buffers).toEqual([new Uint8Array(32)]);
  });
});

describe('key files with wrong insides', () => {
  const seal = (pem: Uint8Array): Promise<Uint8Array> => sealKey(pem, passphrase, workFactor);
  const ecdsa = SCHEMES.filter((scheme) => scheme.fieldBytes !== undefined);

  test('no key, or something around it', async () => {
    for (const plaintext of [utf8('AGE-SECRET-KEY-1'), encodeSecretPem(random(48)), utf8('\n')]) {
      const ageFile = await seal(plaintext);
      await expect(openSoftwareKey({ uri: URI, ageFile, passphrase })).rejects.toEqual(couldNotError('bad-key-file'));
    }
  });

  test.each(ecdsa.map((scheme) => [scheme.name, scheme] as const))(
    '%s: a public key of another key; a scalar out of range',
    async (_, scheme) => {
      const one = newKeyPair(scheme);
      const mixed = await seal(encodeSecretPem(encodePkcs8(scheme, one.privateKey, newKeyPair(scheme).publicKey)));
      await expect(openSoftwareKey({ uri: URI, ageFile: mixed, passphrase })).rejects.toEqual(
        couldNotError('bad-key-file', 'does not belong'),
      );
      for (const fill of [0, 0xff]) {
        const scalar = new Uint8Array(one.privateKey.length).fill(fill);
        const outside = await seal(encodeSecretPem(encodePkcs8(scheme, scalar, one.publicKey)));
        await expect(openSoftwareKey({ uri: URI, ageFile: outside, passphrase })).rejects.toEqual(
          couldNotError('bad-key-file', scheme.name),
        );
      }
    },
  );
});
