/** Chains and their verdicts, with both engines and with noble's alone. */
import { describe, expect, test } from '@jest/globals';
import { toHex } from '../../src/common/bytes.js';
import { VERIFYING_CODES } from '../../src/common/codes.js';
import type { CeremonyError } from '../../src/common/errors.js';
import { fingerprintOf } from '../../src/credential/fingerprint-of.js';
import type { AnyCredential } from '../../src/credential/kinds.js';
import { nobleEngine } from '../../src/crypto/noble-engine.js';
import { nodeEngine } from '../../src/crypto/node-engine.js';
import { type ChainQuestion, examineChain, verifyChain } from '../../src/verify/chain.js';
import { verifyMessage } from '../../src/verify/message.js';
import { hex, outcome } from '../bundle/support.js';
import { type ChainVector, decodeKind, ownChain, ownVectors } from '../credential/vectors.js';
import { describeWithVectors } from '../support/shared-vectors.js';

const ENGINES = [
  ['both engines', [nobleEngine, nodeEngine]],
  ['noble alone', [nobleEngine]],
  ['node alone', [nodeEngine]],
] as const;

function outcomeOf(vector: ChainVector, engines: ChainQuestion['engines']): string {
  return outcome(() => {
    const roots = vector.as_credentials.map((one) => decodeKind('as_credential', one));
    const others = [
      ...vector.intermediate_as_credentials.map((one) => decodeKind('intermediate_as_credential', one)),
      ...vector.client_credentials.map((one) => decodeKind('client_credential', one)),
    ];
    const chain = verifyChain({
      subject: decodeKind('leaf_credential', vector.leaf_credential),
      atHand: [...others, ...roots],
      trusted: new Set(vector.trusted ?? roots.map((root) => toHex(fingerprintOf(root)))),
      published: vector.published === undefined ? 'any' : new Set(vector.published),
      revoked: new Set(vector.revoked),
      atSeconds: vector.at,
      engines,
    });
    expect(chain.map(({ credential }) => credential.kind)).toEqual([
      'as_credential',
      'intermediate_as_credential',
      'client_credential',
      'leaf_credential',
    ]);
    if (vector.message === undefined) return;
    const { label, content, signature } = vector.message;
    verifyMessage(chain, { label, message: hex(content), signature: hex(signature) }, engines);
  });
}

function defineTests(vectors: readonly ChainVector[]): void {
  describe.each(ENGINES)('%s', (_name, engines) => {
    test.each(vectors.map((vector) => [vector.name, vector.expect, vector] as const))(
      '%s: %s',
      (_title, expected, vector) => {
        expect(outcomeOf(vector, engines)).toBe(expected);
      },
    );
  });
}

describe('own vectors', () => {
  const vectors = ownVectors('chains');

  test('every verifying code is there, in every phase that gives it', () => {
    const found = new Set(vectors.map(({ phase, expect: code }) => `${String(phase)} ${code}`));
    expect([...found].filter((one) => !one.endsWith(' valid')).sort()).toEqual(
      [
        '1 trailing-bytes',
        '2 unknown-signer',
        '3 bad-self-signature',
        '3 non-canonical-signature',
        '4 bad-signature',
        '4 bad-signature-encoding',
        '4 non-canonical-signature',
        '5 validity-not-nested',
        '6 revoked',
        '7 expired',
        '7 not-yet-valid',
        '8 untrusted',
        '9 domain-mismatch',
        '10 bad-signature',
      ].sort(),
    );
    expect(VERIFYING_CODES.filter((code) => ![...found].some((one) => one.endsWith(` ${code}`)))).toEqual([]);
  });

  test('each pair of neighbouring phases has its order', () => {
    const pairs = vectors.flatMap(({ name }) => /^(\d+) before (\d+)/.exec(name)?.slice(1).join('<') ?? []);
    expect([...new Set(pairs)]).toEqual(['1<2', '2<3', '3<4', '4<5', '5<6', '6<7', '7<8', '8<9', '9<10']);
  });

  defineTests(vectors);
});

describeWithVectors('phoenix/chains.json', (vectors: readonly ChainVector[]) => {
  test('all 80', () => {
    expect(vectors).toHaveLength(80);
  });
  defineTests(vectors);
});

describe('shorter chains and what is read of them', () => {
  const { at, root, intermediate, client, leaf } = ownChain('mixed, hashes falling');
  const ask = (subject: AnyCredential, more: Partial<ChainQuestion> = {}): ChainQuestion => ({
    subject,
    atHand: [client, root, leaf, intermediate],
    trusted: new Set([toHex(fingerprintOf(root))]),
    published: 'any',
    revoked: new Set(),
    atSeconds: at,
    engines: [nobleEngine, nodeEngine],
    ...more,
  });

  test.each([root, intermediate, client, leaf].map((one, i) => [one.kind, one, i + 1] as const))(
    'the chain of the %s ends with it',
    (_kind, subject, length) => {
      const chain = verifyChain(ask(subject));
      expect(chain).toHaveLength(length);
      expect(chain.at(-1)?.credential).toBe(subject);
      expect(chain.map(({ fingerprint }) => fingerprint)).toEqual(
        chain.map(({ credential }) => toHex(fingerprintOf(credential))),
      );
    },
  );

  test('a root is refused by the same phases', () => {
    expect(outcome(() => verifyChain(ask(root, { trusted: new Set() })))).toBe('untrusted');
    expect(outcome(() => verifyChain(ask(root, { revoked: new Set([toHex(fingerprintOf(root))]) })))).toBe('revoked');
  });

  test('nothing at hand but the subject', () => {
    const { links, faults } = examineChain(ask(client, { atHand: [] }));
    expect(links).toHaveLength(1);
    expect([...faults].map(({ code }) => code)).toEqual(['unknown-signer']);
  });

  test('all faults, in the order of the phases', () => {
    const faults: CeremonyError[] = [
      ...examineChain(
        ask(leaf, {
          trusted: new Set(),
          published: new Set(),
          revoked: new Set([toHex(fingerprintOf(client))]),
          atSeconds: leaf.payload.expirationData.notAfter + 1,
        }),
      ).faults,
    ];
    expect(faults.map(({ code }) => code)).toEqual(['revoked', 'expired', 'untrusted', 'untrusted']);
  });

  test('faults are looked for only as far as they are read', () => {
    const engine = {
      name: 'none',
      verify: () => {
        throw new Error('nobody should verify anything');
      },
    };
    const { faults } = examineChain(ask(leaf, { atHand: [], engines: [engine] }));
    for (const { code } of faults) {
      expect(code).toBe('unknown-signer');
      break;
    }
  });

  test('engines that differ are no verdict', () => {
    const other = { name: 'other', verify: () => false };
    expect(outcome(() => verifyChain(ask(leaf, { engines: [nobleEngine, other] })))).toBe('engines-disagree');
  });
});
