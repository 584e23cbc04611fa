/** Pins say who is trusted, and of two or more how many must have signed: never which one of them a thief has. */
import { describe, expect, test } from '@jest/globals';
import { toHex } from '../../src/common/bytes.js';
import { decodeAsCredential, encodeAsCredentialPayload } from '../../src/credential/as-credential.js';
import { fingerprintOf } from '../../src/credential/fingerprint-of.js';
import { attachSignature, selfSignatureContent } from '../../src/credential/self-signed.js';
import { nodeEngine } from '../../src/crypto/node-engine.js';
import { sign } from '../../src/crypto/private-key.js';
import { acceptBundle } from '../../src/verify/accept-bundle.js';
import { bundleNamed, hex, outcome, vectors } from '../bundle/support.js';

const { making } = vectors;
const stranger = hex('ab'.repeat(32));
const question = { bundle: hex(making.bundle), atSeconds: 1_800_000_000, engines: [nodeEngine] };
const root = decodeAsCredential(hex(making.as_credential));

/** The same key and dates but one second: another credential, with another fingerprint. */
function twinOf(credential: typeof root): typeof root {
  const { expirationData, ciphersuite } = credential.payload;
  const dates = { ...expirationData, notAfter: expirationData.notAfter + 1 };
  const payloadBytes = encodeAsCredentialPayload({ ...credential.payload, expirationData: dates });
  const content = selfSignatureContent('AsCredential', payloadBytes);
  return decodeAsCredential(attachSignature(payloadBytes, sign(ciphersuite.scheme, hex(making.private), content)));
}

describe('two pins', () => {
  const pins = [hex(making.kid), stranger];

  test('need a threshold: any one of them would be enough for whoever steals it', () => {
    expect.assertions(3);
    try {
      acceptBundle({ ...question, held: { pins } });
    } catch (error) {
      expect(error).toMatchObject({ kind: 'usage', code: 'usage' });
      expect(String(error)).toContain('2 AS credentials are pinned');
      expect(error).toHaveProperty('hint', expect.stringContaining('threshold'));
    }
  });

  test('and with one, that many of them must have signed', () => {
    expect(outcome(() => acceptBundle({ ...question, held: { pins, threshold: 1 } }))).toBe('valid');
    expect(outcome(() => acceptBundle({ ...question, held: { pins, threshold: 2 } }))).toBe('untrusted');
  });

  test('are said to be too many before anything of the bundle is looked at', () => {
    expect(outcome(() => acceptBundle({ ...question, bundle: new Uint8Array(), held: { pins } }))).toBe('usage');
  });
});

describe('one pin', () => {
  test('needs none, however often it is given', () => {
    const [pin] = [hex(making.kid)];
    expect(outcome(() => acceptBundle({ ...question, held: { pins: [pin, pin] } }))).toBe('valid');
  });

  test('counts once, under two credentials of one key that are at hand', () => {
    const twin = twinOf(root);
    const pins = [root, twin].map(fingerprintOf);
    expect(new Set(pins.map(toHex)).size).toBe(2);
    expect(outcome(() => acceptBundle({ ...question, held: { pins }, known: [root, twin] }))).toBe('valid');
    const both = { pins, threshold: 2 };
    expect(outcome(() => acceptBundle({ ...question, held: both, known: [root, twin] }))).toBe('untrusted');
    // Where one of them is a number alone, nobody knows whose key it is.
    expect(outcome(() => acceptBundle({ ...question, held: { pins }, known: [root] }))).toBe('usage');
  });
});

test('what is held counts no pins: a bundle says its own threshold', () => {
  const two = bundleNamed('threshold 2, both sign');
  expect(outcome(() => acceptBundle({ ...question, bundle: two, held: { last: two } }))).toBe('valid');
});
