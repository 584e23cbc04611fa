/**
 * Node's Buffer is a Uint8Array whose slice is a view: inputs of that kind are judged the same, and left as they were.
 */
import { expect, test } from '@jest/globals';
import { toHex, utf8 } from '../../src/common/bytes.js';
import { decodeAsCredential, encodeAsCredentialPayload } from '../../src/credential/as-credential.js';
import { attachSignature, selfSignatureContent } from '../../src/credential/self-signed.js';
import { parseCiphersuite, SCHEMES } from '../../src/crypto/ciphersuite.js';
import { nobleEngine } from '../../src/crypto/noble-engine.js';
import { nodeEngine } from '../../src/crypto/node-engine.js';
import { derivePublicKey, generatePrivateKey, sign } from '../../src/crypto/private-key.js';

const ENGINES = [nobleEngine, nodeEngine];
const random = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));

test.each(SCHEMES)('$name: Buffers are judged as plain bytes are, and not changed', (scheme) => {
  const rounds = scheme.name === 'ed25519' ? 40 : 4;
  for (let i = 0; i < rounds; i++) {
    const privateKey = generatePrivateKey(scheme, random);
    const publicKey = Buffer.from(derivePublicKey(scheme, privateKey));
    const message = Buffer.from(utf8(`message ${String(i)}`));
    const signature = Buffer.from(sign(scheme, privateKey, message));
    const before = [publicKey, message, signature].map(toHex);
    for (const engine of ENGINES) expect(engine.verify(scheme, publicKey, message, signature)).toBe(true);
    expect([publicKey, message, signature].map(toHex)).toEqual(before);
    const half = signature.length / 2;
    if (scheme.digest === undefined) {
      // The sign bit of R.
      signature[half - 1] = (signature[half - 1] ?? 0) ^ 0x80;
      for (const engine of ENGINES) expect(engine.verify(scheme, publicKey, message, signature)).toBe(false);
    }
  }
});

test('a credential from a Buffer keeps nothing of the Buffer', () => {
  const ciphersuite = parseCiphersuite('ed25519-sha256');
  if (ciphersuite === undefined) throw new TypeError('no such ciphersuite');
  for (let i = 0; i < 20; i++) {
    const privateKey = generatePrivateKey(ciphersuite.scheme, random);
    const publicKey = derivePublicKey(ciphersuite.scheme, privateKey);
    const payload = { asDomain: 'example.org', expirationData: { notBefore: 1, notAfter: 2 }, ciphersuite, publicKey };
    const payloadBytes = encodeAsCredentialPayload(payload);
    const signature = sign(ciphersuite.scheme, privateKey, selfSignatureContent('AsCredential', payloadBytes));
    const encoded = attachSignature(payloadBytes, signature);
    const buffer = Buffer.from(encoded);
    const credential = decodeAsCredential(buffer);
    expect(toHex(buffer)).toBe(toHex(encoded));
    buffer.fill(0);
    expect(toHex(credential.encoded)).toBe(toHex(encoded));
    expect(toHex(credential.payload.publicKey)).toBe(toHex(publicKey));
  }
});
