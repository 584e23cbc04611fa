/**
 * NSS softokn, a second implementation of PKCS#11: ECDSA, no login where its store has no password, no memory of a
 * key's origin.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { describe, expect } from '@jest/globals';
import { parsePkcs11Uri } from '../../../src/codec/pkcs11-uri.js';
import { type SchemeInfo, SCHEMES } from '../../../src/crypto/ciphersuite.js';
import { nodeEngine } from '../../../src/crypto/node-engine.js';
import { templatesFor } from '../../../src/signer/pkcs11/attributes.js';
import { adoptHsmKey, generateHsmKey } from '../../../src/signer/pkcs11/hsm-key.js';
import { keyTypeOf } from '../../../src/signer/pkcs11/key-types.js';
import { HsmSession } from '../../../src/signer/pkcs11/session.js';
import { startModule } from '../../../src/signer/pkcs11/token.js';
import { newFolder } from '../../support/cli/cli-authority.js';
import { MEANS, must, TestPins } from '../../support/keys/softhsm.js';
import { random } from '../../support/keys/software-keys.js';
import { hasTool, testWhere } from '../../support/machine/tools.js';

const SOFTOKN =
  ['x86_64-linux-gnu', 'aarch64-linux-gnu']
    .map((triplet) => `/usr/lib/${triplet}/libsoftokn3.so`)
    .find((path) => existsSync(path)) ?? '';
const there = SOFTOKN !== '' && hasTool('certutil');
const LABEL = 'NSS Certificate DB';

/** A session with the token of a new store, which has this password. */
async function openStore(password: string): Promise<{ session: HsmSession; pins: TestPins }> {
  const folder = `${newFolder()}/db`;
  mkdirSync(folder);
  must('sh', '-c', 'printf %s "$2" > "$1.pw" && certutil -N -d "sql:$1" -f "$1.pw"', 'sh', folder, password);
  const module = { path: SOFTOKN, name: 'softokn3', parameters: `configdir='sql:${folder}'` };
  const { process, listed } = await startModule(module, MEANS);
  const slot = listed.slots.find(({ token }) => token?.label === LABEL);
  if (slot?.token === undefined) throw new Error('no token');
  const session = new HsmSession(process, {
    module,
    agreed: listed.agreed,
    library: listed.library,
    slot,
    token: slot.token,
  });
  await process.ask({ op: 'open', slot: slot.slot }, 'opening');
  const pins = new TestPins(password);
  await session.login(parsePkcs11Uri(`pkcs11:token=${encodeURIComponent(LABEL)}`), pins);
  return { session, pins };
}

function uriOf(object: string): ReturnType<typeof parsePkcs11Uri> {
  return parsePkcs11Uri(`pkcs11:token=${encodeURIComponent(LABEL)};object=${object}?module-path=${SOFTOKN}`);
}

/** A key as another program makes it. */
async function makeElsewhere({ process }: HsmSession, scheme: SchemeInfo, label: string): Promise<void> {
  const { generate, parameters } = keyTypeOf(scheme);
  const [templates] = templatesFor(
    { label, id: random(4) },
    { parameters: parameters[0] ?? '', backup: 'none', onToken: true },
  );
  if (templates === undefined) throw new Error('no template');
  await process.ask({ op: 'generate', mechanism: generate, ...templates }, 'making a key');
}

describe('NSS softokn', () => {
  for (const scheme of SCHEMES.filter(({ digest }) => digest !== undefined)) {
    testWhere(there, 'libnss3 and libnss3-tools', `adopts and uses a key of ${scheme.name}`, async () => {
      const { session, pins } = await openStore(scheme.name === 'p256' ? '' : 'ein Passwort');
      try {
        expect(pins.asked).toHaveLength(scheme.name === 'p256' ? 0 : 1);
        await makeElsewhere(session, scheme, 'elsewhere');
        const signer = await adoptHsmKey(session, uriOf('elsewhere'), scheme, 'none', random);
        expect(signer.hsm?.unproven).toEqual([
          expect.stringContaining('LOCAL is false'),
          expect.stringContaining('KEY_GEN_MECHANISM is unknown'),
        ]);
        const message = random(1000);
        expect(nodeEngine.verify(scheme, signer.publicKey, message, await signer.sign(message))).toBe(true);
      } finally {
        await session.close();
      }
    });
  }

  testWhere(
    there,
    'libnss3 and libnss3-tools',
    'denies that it made a key: a new one is refused, and destroyed',
    async () => {
      const { session } = await openStore('');
      const [scheme] = SCHEMES.filter(({ name }) => name === 'p256');
      if (scheme === undefined) throw new Error('no p256');
      try {
        const made = generateHsmKey(session, uriOf('new'), scheme, 'none', random);
        await expect(made).rejects.toMatchObject({
          code: 'key-attributes',
          message: expect.stringContaining('LOCAL is false') as unknown,
        });
        expect(await session.privateKeys({})).toEqual([]);
      } finally {
        await session.close();
      }
    },
  );

  testWhere(there, 'libnss3 and libnss3-tools', 'has no EdDSA, and says so before anything is made', async () => {
    const { session } = await openStore('');
    const [scheme] = SCHEMES;
    if (scheme === undefined) throw new Error('no scheme');
    const made = generateHsmKey(session, uriOf('new'), scheme, 'none', random);
    await expect(made).rejects.toMatchObject({ kind: 'could-not', code: 'hsm-unsupported' });
    await session.close();
  });
});
