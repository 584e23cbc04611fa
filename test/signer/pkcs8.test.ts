import { spawnSync } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { concatBytes, equalBytes } from '../../src/common/bytes.js';
import { schemeByName, type SchemeInfo, SCHEMES } from '../../src/crypto/ciphersuite.js';
import { derivePublicKey } from '../../src/crypto/private-key.js';
import { decodePkcs8, encodePkcs8 } from '../../src/signer/pkcs8.js';
import { decodeSecretPem, encodeSecretPem } from '../../src/signer/secret-pem.js';
import { couldNotError, newKeyPair } from '../support/keys/software-keys.js';
import { toolTest } from '../support/machine/tools.js';

const GENPKEY: Readonly<Record<string, string[]>> = {
  ed25519: ['-algorithm', 'ED25519'],
  ed448: ['-algorithm', 'ED448'],
  p256: ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  p384: ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384'],
  p521: ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-521'],
};

function openssl(args: string[], input: Uint8Array = new Uint8Array()): Uint8Array {
  const { status, stdout, stderr } = spawnSync('openssl', args, { input });
  if (status !== 0) throw new Error(stderr.toString());
  return new Uint8Array(stdout);
}

function genpkey(scheme: SchemeInfo): Uint8Array {
  return openssl(['genpkey', ...(GENPKEY[scheme.name] ?? [])]);
}

describe.each(SCHEMES.map((scheme) => [scheme.name, scheme] as const))('PKCS#8 of %s', (_, scheme) => {
  const { privateKey, publicKey } = newKeyPair(scheme);
  const der = encodePkcs8(scheme, privateKey, publicKey);

  test('there and back', () => {
    const decoded = decodePkcs8(der);
    expect(decoded.scheme).toBe(scheme);
    expect(decoded.privateKey).toEqual(privateKey);
    expect(decoded.claimedPublicKey).toEqual(scheme.fieldBytes === undefined ? undefined : publicKey);
  });

  test('Node reads it, and writes the same bytes', () => {
    const key = createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8' });
    expect(new Uint8Array(key.export({ format: 'der', type: 'pkcs8' }))).toEqual(der);
    expect(new TextDecoder().decode(encodeSecretPem(der))).toBe(key.export({ format: 'pem', type: 'pkcs8' }));
  });

  toolTest('openssl', 'openssl pkey shows our public key', () => {
    const spki = openssl(['pkey', '-pubout', '-outform', 'DER'], encodeSecretPem(der));
    expect(spki.slice(-publicKey.length)).toEqual(publicKey);
  });

  toolTest('openssl', 'a key of openssl genpkey is read, and written again to the byte', () => {
    const pem = genpkey(scheme);
    const theirs = decodePkcs8(decodeSecretPem(pem));
    expect(theirs.scheme).toBe(scheme);
    const derived = derivePublicKey(scheme, theirs.privateKey);
    expect(openssl(['pkey', '-pubout', '-outform', 'DER'], pem).slice(-derived.length)).toEqual(derived);
    expect(encodeSecretPem(encodePkcs8(scheme, theirs.privateKey, derived))).toEqual(pem);
  });

  test('any change outside of the keys, and any leftover, is refused', () => {
    const keys = [privateKey, ...(scheme.fieldBytes === undefined ? [] : [publicKey])];
    const inKey = (at: number): boolean =>
      keys.some((key) => {
        for (let i = Math.max(0, at - key.length + 1); i <= at; i++)
          if (equalBytes(der.subarray(i, i + key.length), key)) return true;
        return false;
      });
    for (let at = 0; at < der.length; at++) {
      const changed = der.map((byte, i) => (i === at ? byte ^ 1 : byte));
      if (inKey(at)) expect(decodePkcs8(changed).scheme).toBe(scheme);
      else expect(() => decodePkcs8(changed)).toThrow(couldNotError('bad-key-file'));
      expect(() => decodePkcs8(der.slice(0, at))).toThrow(couldNotError('bad-key-file'));
    }
    expect(() => decodePkcs8(concatBytes(der, Uint8Array.of(0)))).toThrow(couldNotError('bad-key-file'));
  });

  test('keys of a wrong length are not encoded', () => {
    expect(() => encodePkcs8(scheme, privateKey.slice(1), publicKey)).toThrow(RangeError);
    expect(() => encodePkcs8(scheme, concatBytes(privateKey, Uint8Array.of(0)), publicKey)).toThrow(RangeError);
    expect(() => encodePkcs8(scheme, privateKey, publicKey.slice(1))).toThrow(RangeError);
  });
});

describe('other private keys', () => {
  toolTest('openssl', 'RSA, X25519, another curve, explicit parameters, no public key: refused', () => {
    const p256 = openssl(['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256']);
    const others = [
      openssl(['genpkey', '-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:1024']),
      openssl(['genpkey', '-algorithm', 'X25519']),
      openssl(['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:secp256k1']),
      openssl([
        'genpkey',
        '-algorithm',
        'EC',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-pkeyopt',
        'ec_param_enc:explicit',
      ]),
      openssl(['pkcs8', '-topk8', '-nocrypt'], openssl(['ec', '-no_public'], p256)),
    ];
    for (const pem of others)
      expect(() => decodePkcs8(decodeSecretPem(pem))).toThrow(couldNotError('bad-key-file', 'ed25519, ed448'));
    expect(schemeByName('p256')).toBeDefined();
  });

  toolTest('openssl', 'SEC1 and encrypted blocks say how to convert them', () => {
    const p256 = openssl(['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256']);
    expect(() => decodeSecretPem(openssl(['ec'], p256))).toThrow(couldNotError('bad-key-file', 'EC PRIVATE KEY'));
    const encrypted = openssl(['pkcs8', '-topk8', '-passout', 'pass:x'], p256);
    expect(() => decodeSecretPem(encrypted)).toThrow(couldNotError('bad-key-file', 'ENCRYPTED PRIVATE KEY'));
  });
});
