/** Keys in SoftHSM, through the process that holds the module. */
import { createHash } from 'node:crypto';
import { describe, expect } from '@jest/globals';
import { parsePkcs11Uri, type Pkcs11KeyUri } from '../../../src/codec/pkcs11-uri.js';
import { type SchemeInfo, SCHEMES } from '../../../src/crypto/ciphersuite.js';
import { nobleEngine } from '../../../src/crypto/noble-engine.js';
import { isCanonicalSignature } from '../../../src/crypto/signature-encoding.js';
import { adoptHsmKey, generateHsmKey, openHsmKey } from '../../../src/signer/pkcs11/hsm-key.js';
import { destroyKeys, keysInTheWay } from '../../../src/signer/pkcs11/in-the-way.js';
import { HsmSession } from '../../../src/signer/pkcs11/session.js';
import type { Signer } from '../../../src/signer/signer.js';
import { GOOD_ATTRIBUTES } from '../../support/keys/key-attributes.js';
import {
  addToken,
  keyUri,
  listedObjects,
  MEANS,
  must,
  newStore,
  PIN,
  SOFTHSM,
  softHsmTest,
  TestPins,
} from '../../support/keys/softhsm.js';
import { couldNotError, random } from '../../support/keys/software-keys.js';

const refusal = (code: string, message = ''): unknown =>
  expect.objectContaining({ kind: 'refused', code, message: expect.stringContaining(message) as unknown });

async function loggedIn(uri: Pkcs11KeyUri, pins = new TestPins()): Promise<HsmSession> {
  const session = await HsmSession.open(uri, MEANS);
  await session.login(uri, pins).catch(async (error: unknown) => {
    await session.close();
    throw error;
  });
  return session;
}

/** What `action` gives in a session of its own. */
async function within<T>(uri: string, action: (session: HsmSession, uri: Pkcs11KeyUri) => Promise<T>): Promise<T> {
  const parsed = parsePkcs11Uri(uri);
  const session = await loggedIn(parsed);
  try {
    return await action(session, parsed);
  } finally {
    await session.close();
  }
}

function make(uri: string, scheme: SchemeInfo, backup: 'none' | 'wrapped' = 'none'): Promise<Signer> {
  return within(uri, async (session, parsed) => (await generateHsmKey(session, parsed, scheme, backup, random)).signer);
}

const ED25519 = SCHEMES.find(({ name }) => name === 'ed25519') ?? SCHEMES[0];
const P256 = SCHEMES.find(({ name }) => name === 'p256') ?? SCHEMES[0];
if (ED25519 === undefined || P256 === undefined) throw new Error('no schemes');

describe('SoftHSM', () => {
  for (const scheme of SCHEMES) {
    softHsmTest(`makes a key of ${scheme.name}, which signs, and is found again`, async () => {
      newStore();
      const uri = keyUri('root-1');
      const { publicKey, hsm } = await make(uri, scheme);
      expect(hsm).toMatchObject({
        manufacturer: 'SoftHSM project',
        model: 'SoftHSM v2',
        serial: expect.stringMatching(/^[0-9a-f]{16}$/) as unknown,
        firmware: expect.stringMatching(/^\d+\.\d+$/) as unknown,
        token: 'AS Root',
        label: 'root-1',
        mechanism: scheme.digest === undefined ? 'CKM_EDDSA' : 'CKM_ECDSA',
        public_key_sha256: createHash('sha256').update(publicKey).digest('hex'),
        origin: 'generated',
        backup: 'none',
        unproven: [],
        attributes: GOOD_ATTRIBUTES,
      });
      await within(uri, async (session, parsed) => {
        const signer = await openHsmKey(session, parsed, { origin: 'generated', backup: 'none', publicKey });
        expect(signer.publicKey).toEqual(publicKey);
        // Half of the token's ECDSA signatures have a high s.
        for (let i = 0; i < 12; i++) {
          const message = random(i * 100 + 1);
          const signature = await signer.sign(message);
          expect(nobleEngine.verify(scheme, publicKey, message, signature)).toBe(true);
          expect(isCanonicalSignature(scheme, signature)).toBe(true);
        }
      });
      // The probe left nothing behind.
      const listed = listedObjects();
      expect(listed.match(/label: +\S+/g)?.map((line) => line.replace(/label: +/, ''))).toEqual(['root-1', 'root-1']);
    });
  }

  softHsmTest('what is extractable under wrap says so, and is refused if it should not be', async () => {
    newStore();
    const uri = keyUri('root-1');
    const { publicKey, hsm } = await make(uri, ED25519, 'wrapped');
    expect(hsm).toMatchObject({
      backup: 'wrapped',
      unproven: [],
      attributes: { sensitive: true, extractable: true, always_sensitive: true, wrap_with_trusted: true },
    });
    await within(uri, async (session, parsed) => {
      const open = { origin: 'generated', publicKey } as const;
      await expect(openHsmKey(session, parsed, { ...open, backup: 'none' })).rejects.toEqual(
        refusal('key-attributes', 'EXTRACTABLE is true'),
      );
      await openHsmKey(session, parsed, { ...open, backup: 'wrapped' });
    });
  });

  softHsmTest('a key that others made can be adopted, if it can do nothing but sign', async () => {
    newStore();
    const tool = ['--module', SOFTHSM, '--token-label', 'AS Root', '--login', '--pin', PIN];
    must('pkcs11-tool', ...tool, '--keypairgen', '--key-type', 'EC:prime256v1', '--label', 'loose', '--id', '01');
    await within(keyUri('loose'), async (session, uri) => {
      await expect(adoptHsmKey(session, uri, P256, 'none', random)).rejects.toEqual(
        refusal('key-attributes', 'DECRYPT'),
      );
      await expect(adoptHsmKey(session, uri, ED25519, 'none', random)).rejects.toEqual(refusal('key-mismatch'));
    });
    // Made here, written down nowhere: as a crash leaves it.
    const { publicKey } = await make(keyUri('orphan'), P256);
    await within(keyUri('orphan'), async (session, uri) => {
      const signer = await adoptHsmKey(session, uri, P256, 'none', random);
      expect(signer.publicKey).toEqual(publicKey);
      expect(signer.hsm).toMatchObject({ origin: 'adopted', unproven: [] });
    });
  });

  softHsmTest('an imported key is adopted with what it cannot prove', async () => {
    const { folder } = newStore();
    must('openssl', 'genpkey', '-algorithm', 'ED25519', '-outform', 'DER', '-out', `${folder}/k.der`);
    must(
      'openssl',
      'pkcs8',
      '-topk8',
      '-nocrypt',
      '-inform',
      'DER',
      '-in',
      `${folder}/k.der`,
      '-out',
      `${folder}/k.pem`,
    );
    must(
      'softhsm2-util',
      '--import',
      `${folder}/k.pem`,
      '--token',
      'AS Root',
      '--label',
      'in',
      '--id',
      '0a',
      '--pin',
      PIN,
    );
    await within(keyUri('in'), async (session, uri) => {
      const [key] = await session.privateKeys(uri);
      const usage = [0x105, 0x107, 0x10c, 0x109].map((type) => [type, '00'] as const);
      await session.process.ask({ op: 'set', object: key?.handle ?? '', template: usage }, 'taking usages away');
      const { hsm } = await adoptHsmKey(session, uri, ED25519, 'none', random);
      expect(hsm?.unproven.join('\n')).toMatch(
        /made in this token.*\n.*never readable.*\n.*never extractable.*\n.*CKM_EC_EDWARDS/,
      );
    });
  });

  softHsmTest('labels and IDs that are taken are seen, and public keys alone too', async () => {
    newStore();
    const uri = parsePkcs11Uri(keyUri('root-1').replace('?', ';id=%07%08?'));
    await make(uri.uri, ED25519);
    await within(keyUri('other').replace('?', ';id=%07%08?'), async (session, other) => {
      expect((await keysInTheWay(session, other))?.keys.map(({ label }) => label)).toEqual(['root-1']);
      const there = await keysInTheWay(session, uri);
      expect(there).toMatchObject({ keys: [{ label: 'root-1' }], publicKeys: [expect.any(String)] });
      expect(await keysInTheWay(session, parsePkcs11Uri(keyUri('free')))).toBeUndefined();
      await session.destroy(there?.keys[0]?.handle ?? '');
      const alone = await keysInTheWay(session, uri);
      expect(alone).toMatchObject({ keys: [], publicKeys: [expect.any(String)] });
      if (alone !== undefined) await destroyKeys(session, alone);
      expect(await keysInTheWay(session, uri)).toBeUndefined();
    });
  });

  softHsmTest('a foreign public key in the record is a mismatch', async () => {
    newStore();
    await make(keyUri('root-1'), ED25519);
    await within(keyUri('root-1'), async (session, uri) => {
      const wanted = { origin: 'generated', backup: 'none', publicKey: random(32) } as const;
      await expect(openHsmKey(session, uri, wanted)).rejects.toEqual(refusal('key-mismatch'));
    });
  });

  softHsmTest('keys and tokens that are not there, or there twice, are said with what is there', async () => {
    newStore();
    await make(keyUri('root-1').replace('?', ';id=%01?'), ED25519);
    await make(keyUri('root-1').replace('?', ';id=%02?'), P256);
    await within(keyUri('root-1'), async (session, uri) => {
      const twice = expect.objectContaining({
        code: 'ambiguous-key-uri',
        hint: expect.stringMatching(/id 01.*id 02.*on record.*another name/) as unknown,
      });
      await expect(session.theKey(uri)).rejects.toEqual(twice);
      const none = expect.objectContaining({
        code: 'hsm-key-not-found',
        hint: expect.stringContaining('"root-1"') as unknown,
      });
      await expect(session.theKey(parsePkcs11Uri(keyUri('nobody')))).rejects.toEqual(none);
      expect((await session.theKey(parsePkcs11Uri(keyUri('root-1').replace('?', ';id=%02?')))).scheme).toBe(P256);
    });
    addToken('AS Root');
    const ambiguous = expect.objectContaining({
      code: 'ambiguous-key-uri',
      kind: 'refused',
      hint: expect.stringMatching(/serial.*on record.*only one of them be plugged in/) as unknown,
    });
    await expect(HsmSession.open(parsePkcs11Uri(keyUri('root-1')), MEANS)).rejects.toEqual(ambiguous);
    const unknown = HsmSession.open(parsePkcs11Uri(keyUri('root-1', SOFTHSM, 'Nobody')), MEANS);
    await expect(unknown).rejects.toEqual(couldNotError('hsm-token-not-found', 'Nobody'));
  });

  softHsmTest('a token is found by every attribute, and by none that is wrong', async () => {
    newStore();
    const first = await HsmSession.open(parsePkcs11Uri(keyUri('a')), MEANS);
    const { token, slot, library } = first.found;
    await first.close();
    const fitting = [
      `serial=${token.serial}`,
      'manufacturer=SoftHSM%20project;token=AS%20Root',
      `model=SoftHSM%20v2;serial=${token.serial}`,
      `token=AS%20Root;slot-id=${String(Buffer.from(slot.slot, 'hex').readBigUInt64LE(0))}`,
      `token=AS%20Root;library-version=${library.version};library-manufacturer=SoftHSM`,
      `token=AS%20Root;slot-description=${encodeURIComponent(slot.description)}`,
    ];
    for (const path of fitting) {
      const session = await HsmSession.open(parsePkcs11Uri(`pkcs11:${path}?module-path=${SOFTHSM}`), MEANS);
      await session.close();
    }
    for (const wrong of [
      'serial=0',
      'token=AS%20Root;model=x',
      'token=AS%20Root;slot-id=99',
      'token=AS%20Root;library-version=9',
    ]) {
      const open = HsmSession.open(parsePkcs11Uri(`pkcs11:${wrong}?module-path=${SOFTHSM}`), MEANS);
      await expect(open).rejects.toEqual(couldNotError('hsm-token-not-found'));
    }
  });

  softHsmTest('a wrong PIN is tried once, said, and wiped; the next request is warned', async () => {
    newStore();
    const wrong = new TestPins('000000');
    await expect(loggedIn(parsePkcs11Uri(keyUri('a')), wrong)).rejects.toEqual(
      couldNotError('wrong-pin', 'the PIN is wrong'),
    );
    expect(wrong.asked).toHaveLength(1);
    expect(wrong.given[0]).toEqual(new Uint8Array(6));
    const right = new TestPins();
    const session = await loggedIn(parsePkcs11Uri(keyUri('a')), right);
    await session.close();
    expect(right.asked[0]?.warnings).toEqual([expect.stringContaining('few tries are left')]);
    expect(right.given[0]).toEqual(new Uint8Array(6));
  });

  softHsmTest('a library that is no PKCS#11 module, and one that is no library', async () => {
    const { folder } = newStore();
    for (const path of ['/lib/x86_64-linux-gnu/libc.so.6', `${folder}/softhsm2.conf`]) {
      const means = { ...MEANS, trust: { ...MEANS.trust, named: [path] } };
      const open = HsmSession.open(parsePkcs11Uri(`pkcs11:token=a?module-path=${path}`), means);
      await expect(open).rejects.toEqual(couldNotError('hsm-module', path));
    }
  });
});
