/**
 * Whatever goes wrong with a key file that was opened, its private key is overwritten: every call that wipes is
 * watched.
 */
import { expect, jest, test } from '@jest/globals';
import * as bytes from '../../src/common/bytes.js';

const wiped: string[] = [];
jest.unstable_mockModule('../../src/common/bytes.js', () => ({
  ...bytes,
  wipe: (...secrets: readonly (Uint8Array | undefined)[]) => {
    for (const secret of secrets) if (secret !== undefined) wiped.push(bytes.toHex(secret));
    bytes.wipe(...secrets);
  },
}));

const { newKeyPair } = await import('../support/keys/software-keys.js');
const { SCHEMES } = await import('../../src/crypto/ciphersuite.js');
const { sealKey } = await import('../../src/signer/age-file.js');
const { encodePkcs8 } = await import('../../src/signer/pkcs8.js');
const { encodeSecretPem } = await import('../../src/signer/secret-pem.js');
const { openSoftwareKey, REHEARSAL_LINE } = await import('../../src/signer/software-key.js');

const passphrase = (): Uint8Array => bytes.utf8('correct horse');
const scheme = SCHEMES.find(({ name }) => name === 'p256') ?? SCHEMES[0];
if (scheme === undefined) throw new TypeError('no scheme');
const [key, other] = [newKeyPair(scheme), newKeyPair(scheme)];
const fileOf = (publicKey: Uint8Array, mark = ''): Promise<Uint8Array> =>
  sealKey(
    bytes.concatBytes(bytes.utf8(mark), encodeSecretPem(encodePkcs8(scheme, key.privateKey.slice(), publicKey))),
    passphrase(),
    14,
  );

test.each([
  ['another key than the credential has', key.publicKey, '', { expectedPublicKey: other.publicKey }, 'key-mismatch'],
  ['the key of a rehearsal', key.publicKey, REHEARSAL_LINE, {}, 'rehearsal-key'],
  ['a real key in a rehearsal', key.publicKey, '', { rehearsal: true }, 'real-key'],
  ['a public key that is of another one', other.publicKey, '', {}, 'bad-key-file'],
])('%s', async (_what, publicKey, mark, options, code) => {
  const ageFile = await fileOf(publicKey, mark);
  wiped.length = 0;
  const opening = openSoftwareKey({ uri: 'file:keys/it.age', ageFile, passphrase: passphrase(), ...options });
  await expect(opening).rejects.toMatchObject({ code });
  expect(wiped).toContain(bytes.toHex(key.privateKey));
});

test('the key that was asked for, once it is closed and not before', async () => {
  const ageFile = await fileOf(key.publicKey);
  wiped.length = 0;
  const expectedPublicKey = key.publicKey;
  const signer = await openSoftwareKey({
    uri: 'file:keys/it.age',
    ageFile,
    passphrase: passphrase(),
    expectedPublicKey,
  });
  expect(wiped).not.toContain(bytes.toHex(key.privateKey));
  await signer.close();
  expect(wiped).toContain(bytes.toHex(key.privateKey));
});
