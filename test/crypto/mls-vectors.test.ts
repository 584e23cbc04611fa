import { expect, test } from '@jest/globals';
import { toHex } from '../../src/common/bytes.js';
import type { SchemeName } from '../../src/crypto/ciphersuite.js';
import { verifyWithAll } from '../../src/crypto/engine.js';
import { nobleEngine } from '../../src/crypto/noble-engine.js';
import { nodeEngine } from '../../src/crypto/node-engine.js';
import { derivePublicKey, sign } from '../../src/crypto/private-key.js';
import { refHash } from '../../src/crypto/ref-hash.js';
import { signContent } from '../../src/crypto/sign-with-label.js';
import { isCanonicalSignature } from '../../src/crypto/signature-encoding.js';
import { describeWithVectors } from '../support/shared-vectors.js';
import { bytes, scheme } from './vectors.js';

const ENGINES = [nobleEngine, nodeEngine];

/** Signature schemes of the MLS ciphersuites, RFC 9420 §17.1. */
const SCHEME_OF: Readonly<Record<number, SchemeName>> = {
  1: 'ed25519',
  2: 'p256',
  3: 'ed25519',
  4: 'ed448',
  5: 'p521',
  6: 'ed448',
  7: 'p384',
};
/** Those whose hash is SHA-256, which RefHash has here. */
const SHA256_SUITES = [1, 2, 3];

interface CryptoBasics {
  readonly cipher_suite: number;
  readonly sign_with_label: Readonly<Record<'priv' | 'pub' | 'content' | 'label' | 'signature', string>>;
  readonly ref_hash: Readonly<Record<'label' | 'value' | 'out', string>>;
}

describeWithVectors('mls/crypto-basics.json', (suites: readonly CryptoBasics[]) => {
  test.each(suites)('SignWithLabel, ciphersuite $cipher_suite', ({ cipher_suite: suite, sign_with_label: vector }) => {
    const info = scheme(SCHEME_OF[suite] ?? '');
    const [publicKey, signature] = [bytes(vector.pub), bytes(vector.signature)];
    const content = signContent(vector.label, bytes(vector.content));
    expect(verifyWithAll(ENGINES, info, publicKey, content, signature)).toBe(true);
    const other = signContent(`${vector.label}s`, bytes(vector.content));
    expect(verifyWithAll(ENGINES, info, publicKey, other, signature)).toBe(false);
    expect(derivePublicKey(info, bytes(vector.priv))).toEqual(publicKey);
    if (info.digest === undefined) expect(sign(info, bytes(vector.priv), content)).toEqual(signature);
  });

  test('one of them has high s, which a message signature may', () => {
    const high = suites.filter(
      ({ cipher_suite: suite, sign_with_label: vector }) =>
        !isCanonicalSignature(scheme(SCHEME_OF[suite] ?? ''), bytes(vector.signature)),
    );
    expect(high.length).toBeGreaterThan(0);
  });

  test.each(suites.filter(({ cipher_suite: suite }) => SHA256_SUITES.includes(suite)))(
    'RefHash, ciphersuite $cipher_suite',
    ({ ref_hash: vector }) => {
      expect(toHex(refHash(vector.label, bytes(vector.value)))).toBe(vector.out);
    },
  );
});

interface Chain {
  readonly name: string;
  readonly [kind: string]: unknown;
}
interface Credential {
  readonly ciphersuite: { readonly signature_scheme: number };
  readonly private_key: string;
  readonly public_key: string;
  readonly payload: string;
  readonly encoded: string;
}
const KINDS = {
  as_credential: 'AsCredential',
  intermediate_as_credential: 'IntermediateAsCredential',
  client_credential: 'ClientCredential',
  leaf_credential: 'LeafCredential',
};

describeWithVectors('phoenix/credentials.json', (chains: readonly Chain[]) => {
  test.each(chains)('self signatures of $name', (chain) => {
    const info = scheme(chain.name.split('-')[0] ?? '');
    for (const [kind, label] of Object.entries(KINDS)) {
      const { private_key: d, public_key: q, payload, encoded } = chain[kind] as Credential;
      const privateKey = bytes(d);
      expect(toHex(derivePublicKey(info, privateKey))).toBe(q);
      const content = signContent(`${label}Payload`, bytes(payload));
      const signature = sign(info, privateKey, content);
      expect(verifyWithAll(ENGINES, info, bytes(q), content, signature)).toBe(true);
      if (info.digest === undefined) expect(encoded).toContain(toHex(signature));
    }
  });
});
