import { describe, expect, test } from '@jest/globals';
import { fromHex } from '../../../src/common/bytes.js';
import { schemeByName, type SchemeInfo, SCHEMES } from '../../../src/crypto/ciphersuite.js';
import { judge, type KeyAttributes, numberOf, templatesFor } from '../../../src/signer/pkcs11/attributes.js';
import { keyTypeOf, publicKeyOfPoint, schemeOfKey } from '../../../src/signer/pkcs11/key-types.js';
import { GOOD_ATTRIBUTES } from '../../support/keys/key-attributes.js';
import { newKeyPair } from '../../support/keys/software-keys.js';

function scheme(name: string): SchemeInfo {
  const found = schemeByName(name);
  if (found === undefined) throw new Error(name);
  return found;
}

const TYPE = keyTypeOf(scheme('p256'));
/** As NIST curves are made; `wrap_with_trusted` says nothing where a key can't be wrapped. */
const GOOD: KeyAttributes = {
  ...GOOD_ATTRIBUTES,
  wrap_with_trusted: false,
  key_gen_mechanism: 'CKM_EC_KEY_PAIR_GEN',
};
const generated = { origin: 'generated', backup: 'none', type: TYPE } as const;
const adopted = { origin: 'adopted', backup: 'none', type: TYPE } as const;

describe('a key that is read back', () => {
  test('as it must be has no faults, and leaves nothing to be believed', () => {
    expect(judge(GOOD, generated)).toEqual({ faults: [], unproven: [] });
  });

  test.each([
    ['token', false],
    ['token', null],
    ['private', false],
    ['sensitive', false],
    ['sensitive', null],
    ['extractable', true],
    ['extractable', null],
    ['sign', false],
    ['sign_recover', true],
    ['decrypt', true],
    ['unwrap', true],
    ['derive', true],
  ] as const)('%s %s is a fault, whoever made it', (name, value) => {
    for (const expected of [generated, adopted]) {
      expect(judge({ ...GOOD, [name]: value }, expected).faults).toEqual([
        expect.stringContaining(`${name.toUpperCase()} is ${value === null ? 'unknown' : String(value)}`),
      ]);
    }
  });

  test.each(['local', 'always_sensitive', 'never_extractable'] as const)('%s', (name) => {
    expect(judge({ ...GOOD, [name]: false }, generated).faults).toHaveLength(1);
    expect(judge({ ...GOOD, [name]: null }, generated)).toEqual({
      faults: [],
      unproven: [expect.stringContaining(name.toUpperCase())],
    });
    expect(judge({ ...GOOD, [name]: false }, adopted)).toEqual({
      faults: [],
      unproven: [expect.stringContaining(name.toUpperCase())],
    });
  });

  test('made by another mechanism', () => {
    const other = { ...GOOD, key_gen_mechanism: 'CKM_EC_EDWARDS_KEY_PAIR_GEN' };
    expect(judge(other, generated).faults).toHaveLength(1);
    expect(judge(other, adopted).unproven).toHaveLength(1);
    expect(judge({ ...GOOD, key_gen_mechanism: null }, generated)).toMatchObject({
      faults: [],
      unproven: [expect.anything()],
    });
  });

  test('usage flags that a token does not know are no faults; MODIFIABLE is only recorded', () => {
    const least = { ...GOOD, sign_recover: null, decrypt: null, unwrap: null, derive: null, modifiable: true };
    expect(judge(least, generated)).toEqual({ faults: [], unproven: [] });
  });

  test('for a wrapped backup it must be extractable, by a trusted wrapping key at best', () => {
    const wrapped = { ...GOOD, extractable: true, never_extractable: false, wrap_with_trusted: true };
    const expected = { ...generated, backup: 'wrapped' } as const;
    expect(judge(wrapped, expected)).toEqual({ faults: [], unproven: [] });
    expect(judge({ ...wrapped, wrap_with_trusted: null }, expected).unproven).toHaveLength(1);
    expect(judge(GOOD, expected).faults).toHaveLength(1);
    expect(judge(wrapped, generated).faults).toHaveLength(2);
  });
});

test('templates begin with the strictest, and none lets the key out', () => {
  const name = { label: 'a', id: Uint8Array.of(1) };
  for (const { privateTemplate } of templatesFor(name, { parameters: '06', backup: 'none', onToken: true })) {
    const flags = new Map(privateTemplate);
    expect([flags.get(0x01), flags.get(0x02), flags.get(0x103), flags.get(0x162), flags.get(0x108)]).toEqual([
      '01',
      '01',
      '01',
      '00',
      '01',
    ]);
  }
  const [strictest] = templatesFor(name, { parameters: '06', backup: 'none', onToken: true });
  const flags = new Map(strictest?.privateTemplate);
  for (const type of [0x105, 0x107, 0x10c, 0x109, 0x170]) expect(flags.get(type)).toBe('00');
});

test('a CK_ULONG is little-endian, and all ones is no number', () => {
  expect(numberOf('5510000000000000')).toBe(0x1055);
  expect(numberOf('55100000')).toBe(0x1055);
  for (const none of [null, undefined, '', '00', 'ff'.repeat(8)]) expect(numberOf(none)).toBeUndefined();
});

describe('CKA_EC_POINT', () => {
  test.each(SCHEMES)('of $name, bare, in an OCTET STRING, with a damaged length', (info) => {
    const { publicKey } = newKeyPair(info);
    const n = publicKey.length;
    const forms = [[], [0x04, n], [0x04, 0x81, n], [0x04, 0x82, 0, n], [0x03, n + 1, 0]].map((prefix) =>
      Uint8Array.of(...prefix, ...publicKey),
    );
    for (const form of forms) expect(publicKeyOfPoint(info, form)).toEqual(publicKey);
    for (const bad of [
      publicKey.slice(1),
      Uint8Array.of(0x30, n, ...publicKey),
      new Uint8Array(n + 6),
      new Uint8Array(),
    ]) {
      expect(publicKeyOfPoint(info, bad)).toBeUndefined();
    }
  });

  test.each(SCHEMES)('the scheme of a key of $name is known by either form of its curve', (info) => {
    const { keyType, parameters } = keyTypeOf(info);
    expect(parameters).toHaveLength(2);
    for (const one of parameters) expect(schemeOfKey(keyType, one)).toBe(info);
    expect(schemeOfKey(0, parameters[0] ?? '')).toBeUndefined();
    expect(schemeOfKey(keyType, null)).toBeUndefined();
  });

  test('the name of Ed25519 is the PrintableString that devices want', () => {
    expect(fromHex(keyTypeOf(scheme('ed25519')).parameters[1] ?? '')).toEqual(fromHex('130c656477617264733235353139'));
  });
});
