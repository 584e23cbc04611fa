/**
 * What a token answers to CKM_ECDSA in another form than it should: r and s at fixed width (PKCS#11 2.40 §2.3.1).
 * Behind the shim.
 */
import { afterEach, describe, expect } from '@jest/globals';
import { parsePkcs11Uri } from '../../../src/codec/pkcs11-uri.js';
import { type SchemeInfo, SCHEMES } from '../../../src/crypto/ciphersuite.js';
import { verifyWithAll } from '../../../src/crypto/engine.js';
import { nobleEngine } from '../../../src/crypto/noble-engine.js';
import { nodeEngine } from '../../../src/crypto/node-engine.js';
import { isCanonicalSignature } from '../../../src/crypto/signature-encoding.js';
import { generateHsmKey, openHsmKey } from '../../../src/signer/pkcs11/hsm-key.js';
import { HsmSession } from '../../../src/signer/pkcs11/session.js';
import { keyUri, MEANS, newStore, shimModule, shimTest, TestPins } from '../../support/keys/softhsm.js';
import { random } from '../../support/keys/software-keys.js';

const ECDSA = SCHEMES.filter(({ digest }) => digest !== undefined);
const refusal = expect.objectContaining({ kind: 'refused', code: 'signature-check-failed' }) as unknown;

afterEach(() => {
  delete process.env.SHIM;
});

/** Logs in while the module behaves as `way` says, and closes the session whatever becomes of it. */
async function within<T>(way: string, action: (session: HsmSession) => Promise<T>): Promise<T> {
  process.env.SHIM = way;
  const session = await HsmSession.open(parsePkcs11Uri(keyUri('root-1', shimModule())), MEANS);
  try {
    await session.login(parsePkcs11Uri(keyUri('root-1', shimModule())), new TestPins());
    return await action(session);
  } finally {
    await session.close();
  }
}

const uri = (): ReturnType<typeof parsePkcs11Uri> => parsePkcs11Uri(keyUri('root-1', shimModule()));
const make = (scheme: SchemeInfo, way: string): Promise<Uint8Array> =>
  within(way, async (session) => (await generateHsmKey(session, uri(), scheme, 'none', random)).signer.publicKey);

async function sign(publicKey: Uint8Array, way: string): Promise<{ message: Uint8Array; signature: Uint8Array }> {
  const message = random(50);
  const signature = await within(way, async (session) =>
    (await openHsmKey(session, uri(), { origin: 'generated', backup: 'none', publicKey })).sign(message),
  );
  return { message, signature };
}

/** What is wrong in value, and what in length. */
const WRONG = [
  ...['zero-r', 'zero-s', 'order-as-r', 'order-as-s', 'all-ones', 'swapped'],
  ...['der', 'padded', 'half', 'twice', 'short-signature', 'empty'],
];

describe.each(ECDSA.map((scheme) => [scheme.name, scheme] as const))('%s: a token that', (_name, scheme) => {
  shimTest('gives the larger S, or the smaller: the smaller leaves', async () => {
    newStore();
    const publicKey = await make(scheme, 'high-s');
    for (const way of ['high-s', 'low-s']) {
      const { message, signature } = await sign(publicKey, way);
      expect(isCanonicalSignature(scheme, signature)).toBe(true);
      expect(verifyWithAll([nobleEngine, nodeEngine], scheme, publicKey, message, signature)).toBe(true);
    }
  });

  shimTest('gives any other form is found out before a key is made, and at every signature', async () => {
    newStore();
    await expect(make(scheme, 'zero-s')).rejects.toEqual(refusal);
    await expect(make(scheme, 'der')).rejects.toEqual(refusal);
    const publicKey = await make(scheme, '');
    // s + n has the value of s modulo n; of the three only P-521 has the room for it at every s.
    for (const way of [...WRONG, ...(scheme.name === 'p521' ? ['s-plus-order'] : [])]) {
      await expect(sign(publicKey, way).then(() => way)).rejects.toEqual(refusal);
    }
  });
});
