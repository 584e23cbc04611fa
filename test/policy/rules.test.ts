/** Each rule by itself: one below, at and one above its limit, in a proposal that no other rule objects to. */
import { describe, expect, test } from '@jest/globals';
import { commitmentOf } from '../../src/bundle/commitment.js';
import { toHex } from '../../src/common/bytes.js';
import { parseDuration } from '../../src/common/time.js';
import { fingerprintOf } from '../../src/credential/fingerprint-of.js';
import { HASHES, SCHEMES } from '../../src/crypto/ciphersuite.js';
import { isEdwards } from '../../src/crypto/curves.js';
import { withOtherS } from '../../src/crypto/signature-encoding.js';
import { findingsOf } from '../../src/policy/all-rules.js';
import type { PolicyContext, Proposal } from '../../src/policy/rule.js';
import {
  AT,
  bundleProposal,
  CONTEXT,
  DAY,
  DOMAIN,
  findings,
  issue,
  issueProposal,
  makeRequest,
  makeRoot,
  NEW_VALIDITY,
  requestProposal,
  ROOT_VALIDITY,
  rootProposal,
  suite,
} from './support.js';

const CREDENTIALS = [
  ['root', rootProposal],
  ['request', requestProposal],
  ['issue', issueProposal],
] as const;

test('nobody objects to what is in order', () => {
  for (const [, propose] of CREDENTIALS) expect(findings(propose())).toEqual([]);
  expect(findings(bundleProposal())).toEqual([]);
  expect(findings(bundleProposal(), { newestSeconds: undefined })).toEqual([]);
});

describe('proof-of-possession', () => {
  const flip = (signature: Uint8Array): Uint8Array => signature.map((byte, i) => (i === 40 ? byte ^ 1 : byte));

  test.each(SCHEMES.map(({ name }) => name))('%s', (name) => {
    const ciphersuite = CONTEXT.allowedCiphersuites.find((one) => one.startsWith(`${name}-`)) ?? '';
    expect(findings(issueProposal({ ciphersuite }))).toEqual([]);
    expect(findings(issueProposal({ ciphersuite, spoil: flip }))).toEqual(['proof-of-possession: bad-self-signature']);
    if (isEdwards(name)) return;
    const turn = (signature: Uint8Array): Uint8Array => withOtherS(suite(ciphersuite).scheme, signature);
    expect(findings(issueProposal({ ciphersuite, spoil: turn }))).toEqual([
      'proof-of-possession: non-canonical-signature',
    ]);
  });

  test('a stand-in for a self signature is none of its business', () => {
    expect(findings(requestProposal({ spoil: flip }))).toEqual([]);
  });

  test('engines that differ are an objection', () => {
    const other = { name: 'other', verify: () => false };
    expect(findings(issueProposal(), { engines: [...CONTEXT.engines, other] })).toEqual([
      'proof-of-possession: engines-disagree',
    ]);
  });

  test('a fault of the program is none', () => {
    const broken = {
      name: 'broken',
      verify: () => {
        throw new TypeError('a fault');
      },
    };
    expect(() => findings(issueProposal(), { engines: [broken] })).toThrow(TypeError);
  });
});

describe('validity-nesting', () => {
  const signer = makeRoot({ validity: { notBefore: AT - 60, notAfter: AT + 50 * DAY } });
  const refused = ['validity-nesting: validity-not-nested'];
  test.each([
    ['request', requestProposal],
    ['issue', issueProposal],
  ] as const)('%s', (_act, propose) => {
    const within = (notBefore: number, notAfter: number): readonly string[] =>
      findings(propose({ validity: { notBefore, notAfter } }, signer));
    expect(within(AT - 60, AT + 50 * DAY)).toEqual([]);
    expect(within(AT - 59, AT + 50 * DAY - 1)).toEqual([]);
    expect(within(AT - 61, AT + 50 * DAY)).toEqual(refused);
    expect(within(AT - 60, AT + 50 * DAY + 1)).toEqual(refused);
    expect(within(AT - 61, AT + 50 * DAY + 1)).toEqual(refused);
  });
});

describe('signer-usable', () => {
  const signer = makeRoot();
  const fingerprint = toHex(fingerprintOf(signer));
  const { notBefore, notAfter } = ROOT_VALIDITY;
  const quiet = {
    newestSeconds: undefined,
    buildSeconds: 0,
    maxima: { ...CONTEXT.maxima, intermediate: parseDuration('P3Y') },
  };
  const only = (list: readonly string[]): readonly string[] => list.filter((one) => one.startsWith('signer-usable'));

  test.each([
    [notBefore - 1, ['signer-usable: not-yet-valid']],
    [notBefore, []],
    [notBefore + 1, []],
    [notAfter - 1, []],
    [notAfter, []],
    [notAfter + 1, ['signer-usable: expired']],
  ])('at %d', (atSeconds, expected) => {
    expect(only(findings(issueProposal({ validity: ROOT_VALIDITY }, signer), { ...quiet, atSeconds }))).toEqual(
      expected,
    );
    const bundle = bundleProposal({ issuedAt: atSeconds, expiresAt: atSeconds + DAY, signers: [signer] });
    expect(only(findings(bundle, { ...quiet, atSeconds }))).toEqual(expected);
    // A request may be made for a root whose time is yet to come; the root is asked again when it signs.
    expect(only(findings(requestProposal({ validity: ROOT_VALIDITY }, signer), { ...quiet, atSeconds }))).toEqual([]);
  });

  test('revoked', () => {
    const revoked = new Set([fingerprint]);
    const refused = ['signer-usable: revoked'];
    expect(findings(issueProposal({}, signer), { revoked })).toEqual(refused);
    expect(findings(requestProposal({}, signer), { revoked })).toEqual(refused);
    const other = makeRoot({ seed: 7 });
    expect(findings(bundleProposal({ signers: [other, signer] }), { revoked })).toEqual(refused);
    expect(findings(bundleProposal({ signers: [other] }), { revoked })).toEqual([]);
    expect(findings(rootProposal(), { revoked })).toEqual([]);
  });

  test('retired: it issues no more, and may sign for clients that trust nobody else', () => {
    const retired = new Set([fingerprint]);
    const refused = ['signer-usable: policy'];
    expect(findings(issueProposal({}, signer), { retired })).toEqual(refused);
    expect(findings(requestProposal({}, signer), { retired })).toEqual(refused);
    expect(findings(issueProposal({}, makeRoot({ seed: 7 })), { retired })).toEqual([]);
    expect(findings(bundleProposal({ signers: [signer] }), { retired })).toEqual([]);
  });
});

describe('domain', () => {
  test.each(['example.com', 'sub.example.org', 'org', 'example.orga'])('%s is another', (asDomain) => {
    const refused = ['domain: domain-mismatch'];
    expect(findings(rootProposal({ asDomain }))).toEqual(refused);
    expect(findings(requestProposal({}, makeRoot({ asDomain })))).toEqual(refused);
    expect(findings(issueProposal({}, makeRoot({ asDomain })))).toEqual(refused);
    expect(findings(bundleProposal({ asDomain }))).toEqual(refused);
  });

  test('a rehearsal, and what only looks like one', () => {
    const refused = ['domain: domain-mismatch'];
    const own = (asDomain: string): readonly string[] => findings(rootProposal({ asDomain }), { domain: asDomain });
    expect(own('a.rehearsal.invalid')).toEqual(refused);
    expect(own('a.b.rehearsal.invalid')).toEqual(refused);
    expect(own('arehearsal.invalid')).toEqual([]);
    expect(own('rehearsal.invalid.org')).toEqual([]);
    expect(findings(rootProposal({ asDomain: 'a.rehearsal.invalid' }), { domain: DOMAIN })).toHaveLength(2);
    expect(findings(bundleProposal({ asDomain: 'a.rehearsal.invalid' }), { domain: 'a.rehearsal.invalid' })).toEqual(
      refused,
    );
  });

  test('in a rehearsal, only a domain that does not exist', () => {
    const domain = 'example.org.rehearsal.invalid';
    expect(findings(rootProposal({ asDomain: domain }), { domain, rehearsal: true })).toEqual([]);
    expect(findings(rootProposal(), { rehearsal: true })).toEqual(['domain: domain-mismatch']);
  });
});

describe('not-over', () => {
  // The rest may object to a clock that is moved; this looks at one rule.
  const only = (list: readonly string[]): readonly string[] => list.filter((one) => one.startsWith('not-over'));
  const { notAfter } = NEW_VALIDITY;

  test.each(CREDENTIALS)('%s', (_act, propose) => {
    expect(only(findings(propose(), { atSeconds: notAfter - 1 }))).toEqual([]);
    expect(only(findings(propose(), { atSeconds: notAfter + 1 }))).toEqual(['not-over: expired']);
  });

  test('bundle', () => {
    const propose = (expiresAt: number): readonly string[] => only(findings(bundleProposal({ expiresAt })));
    expect(propose(AT + 1)).toEqual([]);
    expect(propose(AT - 1)).toEqual(['not-over: bundle-expired']);
  });
});

describe('bundle-within-signers', () => {
  const validity = { notBefore: AT - 10, notAfter: AT + 5 * DAY };
  const short = makeRoot({ seed: 5, validity });
  const refused = ['bundle-within-signers: untrusted'];
  const at = (issuedAt: number, expiresAt: number): readonly string[] =>
    findings(bundleProposal({ issuedAt, expiresAt, signers: [short] }));

  test('each end', () => {
    expect(at(AT - 10, AT + 5 * DAY)).toEqual([]);
    expect(at(AT - 9, AT + 5 * DAY - 1)).toEqual([]);
    expect(at(AT - 11, AT + 5 * DAY)).toEqual(refused);
    expect(at(AT - 10, AT + 5 * DAY + 1)).toEqual(refused);
  });

  test('where another root counts, one that is too short does no harm', () => {
    const issuedAt = AT - 11;
    expect(findings(bundleProposal({ issuedAt, signers: [short, makeRoot()] }))).toEqual([]);
    expect(findings(bundleProposal({ issuedAt, signers: [short], departing: [makeRoot()] }))).toEqual([]);
  });

  test('every signer that is too short is named', () => {
    const signers = [short, makeRoot({ seed: 6, validity })];
    expect(findings(bundleProposal({ expiresAt: AT + 6 * DAY, signers }))).toEqual([...refused, ...refused]);
  });
});

describe('request-reissue and fresh-key', () => {
  const signer = makeRoot();
  const request = makeRequest(signer);
  const earlier = issue(signer, request);
  const intermediate = { fingerprint: 'aa', asDomain: undefined };
  const used = { scheme: 'ed25519', publicKey: request.payload.publicKey, holder: 'it', ...intermediate };

  test('the same request, and another one with the same key', () => {
    const issued = [{ selfSignedBytes: earlier.selfSignedBytes, holder: 'it' }];
    expect(findings(issueProposal({}, signer), { issued })).toEqual(['request-reissue: policy']);
    expect(findings(issueProposal({ seed: 3 }, signer), { issued })).toEqual([]);
    const again = { validity: { ...NEW_VALIDITY, notAfter: NEW_VALIDITY.notAfter + 1 } };
    expect(findings(issueProposal(again, signer), { issued })).toEqual([]);
    expect(findings(issueProposal(again, signer), { issued, usedKeys: [used] })).toEqual(['fresh-key: policy']);
    expect(findings(requestProposal({}, signer), { issued })).toEqual([]);
  });

  test('a key that is on record as destroyed gets no credential', () => {
    const endedKeys = [{ scheme: 'ed25519', publicKey: request.payload.publicKey, holder: 'file:keys/a.age' }];
    expect(findings(issueProposal({}, signer), { endedKeys })).toEqual(['fresh-key: policy']);
    expect(findings(requestProposal({}, signer), { endedKeys })).toEqual(['fresh-key: policy']);
    expect(findings(issueProposal({ seed: 3 }, signer), { endedKeys })).toEqual([]);
  });

  test('a key that is committed to is kept for a root', () => {
    const { ciphersuite, publicKey } = request.payload;
    const committed = new Set([toHex(commitmentOf(ciphersuite.scheme, publicKey))]);
    expect(findings(issueProposal({}, signer), { committed })).toEqual(['fresh-key: policy']);
    expect(findings(requestProposal({}, signer), { committed })).toEqual(['fresh-key: policy']);
    const root = rootProposal().candidate.payload;
    const own = new Set([toHex(commitmentOf(root.ciphersuite.scheme, root.publicKey))]);
    expect(findings(rootProposal(), { committed: own })).toEqual([]);
  });

  test('one that is older than a rebuilt authority, which does not know what was answered before', () => {
    const { notBefore } = request.payload.expirationData;
    const since = (rebuiltSeconds: number): readonly string[] =>
      findings(issueProposal({}, signer), { rebuiltSeconds });
    expect(since(notBefore + 1)).toEqual(['request-reissue: policy']);
    expect(since(notBefore)).toEqual([]);
  });

  test.each(CREDENTIALS)('fresh-key: %s', (_act, propose) => {
    const { publicKey } = propose().candidate.payload;
    const usedKeys = [{ ...used, publicKey }];
    expect(findings(propose(), { usedKeys })).toEqual(['fresh-key: policy']);
    expect(findings(propose(), { usedKeys: [...usedKeys, ...usedKeys] })).toHaveLength(2);
    expect(findings(propose(), { usedKeys: [{ ...used, publicKey: new Uint8Array(32) }] })).toEqual([]);
    expect(findings(propose(), { usedKeys: [{ ...used, publicKey, scheme: 'ed448' }] })).toEqual([]);
  });

  describe('the one exception: a committed key, whose AS credential somebody else has revoked', () => {
    const proposal = { ...rootProposal(), again: true };
    const { publicKey, ciphersuite, asDomain } = proposal.candidate.payload;
    const first = { scheme: 'ed25519', publicKey, holder: 'root-2', fingerprint: 'aa', asDomain };
    const context = {
      usedKeys: [first],
      revokedByOthers: new Set(['aa']),
      committed: new Set([toHex(commitmentOf(ciphersuite.scheme, publicKey))]),
    };
    const objections = (change: Partial<PolicyContext>, of: Proposal = proposal): readonly string[] =>
      findingsOf(of, { ...CONTEXT, ...context, ...change }).map(({ rule, message }) => `${rule}: ${message}`);

    test('holds with all of its conditions', () => {
      expect(objections({})).toEqual([]);
    });

    test.each([
      ['nobody else revokes it', { revokedByOthers: new Set<string>() }, 'no bundle on record revokes'],
      ['the authority revokes it itself', { revokedByUs: new Set(['aa']) }, 'this authority has revoked itself'],
      ['no bundle commits to its key', { committed: new Set<string>() }, 'does not commit to it'],
      ['it was of another domain', { usedKeys: [{ ...first, asDomain: 'example.net' }] }, 'of this domain'],
      ['it was an intermediate', { usedKeys: [{ ...first, asDomain: undefined }] }, 'of this domain'],
      ['a third has its key', { usedKeys: [first, { ...first, fingerprint: 'bb' }] }, 'no bundle on record revokes'],
    ])('and not where %s', (_what, change, says) => {
      expect(objections(change)).toEqual([expect.stringContaining(`fresh-key: its key is already that of root-2, `)]);
      expect(objections(change)[0]).toContain(says);
    });

    test('and not unasked, nor for a request', () => {
      expect(objections({}, rootProposal())).toEqual(['fresh-key: its key is already that of root-2']);
      const { publicKey: key } = request.payload;
      const asked = requestProposal({}, signer);
      expect(objections({ usedKeys: [{ ...first, publicKey: key }] }, asked)).toHaveLength(1);
    });
  });

  test('a bundle is signed again and again with one key', () => {
    const usedKeys = [{ ...used, publicKey: signer.payload.publicKey }];
    expect(findings(bundleProposal(), { usedKeys })).toEqual([]);
  });
});

describe('lifetime-limit', () => {
  const { notBefore } = NEW_VALIDITY;
  const refused = ['lifetime-limit: policy'];

  test.each([
    ['root', rootProposal, 400],
    ['request', requestProposal, 200],
    ['issue', issueProposal, 200],
  ] as const)('%s', (_act, propose, days) => {
    const ending = (notAfter: number): readonly string[] => findings(propose({ validity: { notBefore, notAfter } }));
    // Both ends are inclusive, so a duration ends a second before it would begin anew.
    const last = notBefore + days * DAY - 1;
    expect(ending(last - 1)).toEqual([]);
    expect(ending(last)).toEqual([]);
    expect(ending(last + 1)).toEqual(refused);
  });

  test('bundle', () => {
    const last = AT + 10 * DAY - 1;
    expect(findings(bundleProposal({ expiresAt: last - 1 }))).toEqual([]);
    expect(findings(bundleProposal({ expiresAt: last }))).toEqual([]);
    expect(findings(bundleProposal({ expiresAt: last + 1 }))).toEqual(refused);
  });
});

describe('ciphersuite-allowed', () => {
  test.each(CREDENTIALS)('%s', (_act, propose) => {
    const wanted = { ciphersuite: 'p256-sha256' };
    expect(findings(propose(wanted), { allowedCiphersuites: ['p256-sha256'] })).toEqual([]);
    expect(findings(propose(wanted), { allowedCiphersuites: ['ed25519-sha256', 'p256-sha384'] })).toEqual([
      'ciphersuite-allowed: policy',
    ]);
    expect(findings(propose(wanted), { allowedCiphersuites: [] })).toEqual(['ciphersuite-allowed: policy']);
  });

  test('bundle', () => {
    expect(findings(bundleProposal(), { allowedCiphersuites: [] })).toEqual([]);
  });
});

describe('hash-strength', () => {
  const least = { ed25519: 32, p256: 32, p384: 48, p521: 64, ed448: 64 };
  const suites = SCHEMES.flatMap((scheme) => HASHES.map((hash) => [scheme.name, hash.name, hash.length] as const));
  test.each(suites)('%s with %s', (scheme, hash, length) => {
    const ciphersuite = `${scheme}-${hash}`;
    const allowedCiphersuites = [ciphersuite];
    const expected = length < least[scheme] ? ['hash-strength: policy'] : [];
    for (const [, propose] of CREDENTIALS) {
      expect(findings(propose({ ciphersuite }), { allowedCiphersuites })).toEqual(expected);
    }
  });
});

describe('request-age', () => {
  const refused = ['request-age: policy'];
  const MINUTE = 60;
  test.each([
    ['root', rootProposal, 15 * MINUTE],
    ['request', requestProposal, 15 * MINUTE],
    ['issue', issueProposal, 30 * DAY + 15 * MINUTE],
  ] as const)('%s', (_act, propose, age) => {
    const beginning = (notBefore: number): readonly string[] =>
      findings(propose({ validity: { notBefore, notAfter: AT + 100 * DAY } }));
    expect(beginning(AT - age + 1)).toEqual([]);
    expect(beginning(AT - age)).toEqual([]);
    expect(beginning(AT - age - 1)).toEqual(refused);
  });

  test('a bundle may have been prepared as long ago as a request', () => {
    const prepared = (issuedAt: number): readonly string[] => findings(bundleProposal({ issuedAt, expiresAt: AT + 1 }));
    expect(prepared(AT - 30 * DAY)).not.toContain(refused[0]);
    expect(prepared(AT - 30 * DAY - 1)).toContain(refused[0]);
  });

  test('no backdating at all, and a begin in the future', () => {
    const backdating = parseDuration('PT0S');
    const beginning = (notBefore: number): readonly string[] =>
      findings(rootProposal({ validity: { notBefore, notAfter: AT + 100 * DAY } }), { backdating });
    expect(beginning(AT)).toEqual([]);
    expect(beginning(AT - 1)).toEqual(refused);
    expect(beginning(AT + 50 * DAY)).toEqual([]);
  });
});

describe('successor-overlap', () => {
  const refused = ['successor-overlap: policy'];
  const [begin, end] = [AT + 20 * DAY, AT + 100 * DAY];
  test.each(CREDENTIALS)('%s', (_act, propose) => {
    const follows = (change: { notBefore?: number; notAfter?: number }, issuingDeadline: number): readonly string[] =>
      findings({
        ...propose({ validity: { notBefore: begin, notAfter: end + 1, ...change } }),
        predecessor: { name: 'root-0', notAfter: end, issuingDeadline },
      });
    // It begins while the one before can still issue, and ends after it.
    expect(follows({}, begin)).toEqual([]);
    expect(follows({}, begin - 1)).toEqual(refused);
    expect(follows({ notAfter: end }, begin)).toEqual(refused);
    expect(follows({ notAfter: end }, begin - 1)).toEqual([...refused, ...refused]);
    // Where that deadline has passed, it begins at once.
    expect(follows({ notBefore: AT }, AT - DAY)).toEqual([]);
    expect(follows({ notBefore: AT + 1 }, AT - DAY)).toEqual(refused);
  });

  test('without a predecessor nothing is to be followed', () => {
    expect(findings(rootProposal({ validity: { notBefore: begin, notAfter: end } }))).toEqual([]);
  });
});

describe('clock', () => {
  test('is what the clock says, not the time that validities are fixed at', () => {
    expect(findings(rootProposal(), { clockSeconds: AT + 10, newestSeconds: AT + 10 })).toEqual([]);
    expect(findings(rootProposal(), { clockSeconds: AT - 3, newestSeconds: AT - 2 })).toEqual(['clock: policy']);
  });

  const refused = ['clock: policy'];
  test.each([...CREDENTIALS, ['bundle', bundleProposal] as const])('%s', (_act, propose) => {
    const proposal = propose();
    expect(findings(proposal, { newestSeconds: AT - 1 })).toEqual([]);
    expect(findings(proposal, { newestSeconds: AT })).toEqual([]);
    expect(findings(proposal, { newestSeconds: AT + 1 })).toEqual(refused);
    expect(findings(proposal, { newestSeconds: undefined })).toEqual([]);
    expect(findings(proposal, { buildSeconds: AT - 1 })).toEqual([]);
    expect(findings(proposal, { buildSeconds: AT })).toEqual([]);
    expect(findings(proposal, { buildSeconds: AT + 1 })).toEqual(refused);
    expect(findings(proposal, { buildSeconds: AT + 1, newestSeconds: AT + 1 })).toEqual([...refused, ...refused]);
  });
});
