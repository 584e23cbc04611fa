/** Modules that crash, hang and lie: SoftHSM behind a shim. Each is a clear error, and nothing false comes out. */
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect } from '@jest/globals';
import { parsePkcs11Uri } from '../../../src/codec/pkcs11-uri.js';
import { SCHEMES } from '../../../src/crypto/ciphersuite.js';
import { generateHsmKey, openHsmKey } from '../../../src/signer/pkcs11/hsm-key.js';
import type { HsmMeans } from '../../../src/signer/pkcs11/module-process.js';
import { HsmSession } from '../../../src/signer/pkcs11/session.js';
import { startModule } from '../../../src/signer/pkcs11/token.js';
import type { Signer } from '../../../src/signer/signer.js';
import { newFolder } from '../../support/cli/cli-authority.js';
import { keyUri, MEANS, newStore, shimModule, shimTest, TestPins } from '../../support/keys/softhsm.js';
import { couldNotError, random } from '../../support/keys/software-keys.js';

const IMPATIENT: HsmMeans = { ...MEANS, timeoutSeconds: 1 };
const [ED25519] = SCHEMES;
if (ED25519?.name !== 'ed25519') throw new Error('ed25519 is not the first scheme');
const scheme = ED25519;

const refusal = (code: string, message = ''): unknown =>
  expect.objectContaining({ kind: 'refused', code, message: expect.stringContaining(message) as unknown });

async function open(way: string, means = MEANS, pins = new TestPins()): Promise<HsmSession> {
  process.env.SHIM = way;
  const uri = parsePkcs11Uri(keyUri('root-1', shimModule()));
  const session = await HsmSession.open(uri, means);
  await session.login(uri, pins).catch(async (error: unknown) => {
    await session.close();
    throw error;
  });
  return session;
}

/** Makes a key while the module behaves as `way` says. */
async function make(way: string, means = MEANS): Promise<Signer> {
  const session = await open(way, means);
  try {
    const uri = parsePkcs11Uri(keyUri('root-1', shimModule()));
    return (await generateHsmKey(session, uri, scheme, 'none', random)).signer;
  } finally {
    await session.close();
  }
}

/** Opens the key that was made, while the module behaves as `way` says, and signs. */
async function sign(way: string, publicKey: Uint8Array, means = MEANS): Promise<Uint8Array> {
  const session = await open(way, means);
  try {
    const uri = parsePkcs11Uri(keyUri('root-1', shimModule()));
    const signer = await openHsmKey(session, uri, { origin: 'generated', backup: 'none', publicKey });
    return await signer.sign(random(50));
  } finally {
    await session.close();
  }
}

/** How many private keys lie in the token. */
async function count(): Promise<number> {
  const session = await open('');
  const keys = await session.privateKeys({});
  await session.close();
  return keys.length;
}

afterEach(() => {
  for (const name of ['SHIM', 'SHIM_LOADED', 'NODE_OPTIONS']) Reflect.deleteProperty(process.env, name);
});

describe('a module that', () => {
  shimTest('crashes or hangs, wherever it does', async () => {
    newStore();
    const { publicKey } = await make('');
    await expect(open('crash-init')).rejects.toEqual(couldNotError('hsm-crashed', 'SIGABRT'));
    await expect(open('crash-login')).rejects.toEqual(couldNotError('hsm-crashed', 'the login'));
    await expect(open('hang-init', IMPATIENT)).rejects.toEqual(couldNotError('hsm-timeout', 'within 1 s'));
    await expect(sign('crash-sign', publicKey)).rejects.toEqual(couldNotError('hsm-crashed', 'while signing'));
    await expect(sign('hang-sign', publicKey, IMPATIENT)).rejects.toEqual(
      couldNotError('hsm-timeout', 'while signing'),
    );
    await expect(sign('', publicKey)).resolves.toHaveLength(64);
  });

  shimTest('is only slow has the time that it is given', async () => {
    newStore();
    const { publicKey } = await make('');
    await expect(sign('slow-sign', publicKey, IMPATIENT)).rejects.toEqual(couldNotError('hsm-timeout'));
    await expect(sign('slow-sign', publicKey)).resolves.toHaveLength(64);
  });

  shimTest('has lost its token', async () => {
    newStore();
    const { publicKey } = await make('');
    for (const way of ['removed', 'gone']) {
      await expect(sign(way, publicKey)).rejects.toEqual(couldNotError('hsm-removed'));
    }
  });

  shimTest('signs falsely is found out before a key is made, and at every signature', async () => {
    newStore();
    for (const way of ['flip-signature', 'foreign-key']) {
      await expect(make(way)).rejects.toEqual(refusal('signature-check-failed'));
    }
    expect(await count()).toBe(0);
    const { publicKey } = await make('');
    await expect(sign('flip-signature', publicKey)).rejects.toEqual(refusal('signature-check-failed'));
    await expect(sign('short-signature', publicKey)).rejects.toEqual(refusal('signature-check-failed'));
    await expect(sign('foreign-key', publicKey)).rejects.toEqual(refusal('key-mismatch'));
  });

  shimTest('says false or bad things of a key: it is refused, and a new one destroyed again', async () => {
    newStore();
    const lies = {
      'lie-extractable': 'EXTRACTABLE is true',
      'lie-local': 'LOCAL is false',
      'lie-derive': 'DERIVE is true',
      'lie-sensitive': 'SENSITIVE is false',
      'lie-private': 'PRIVATE is false',
      'lie-never': 'NEVER_EXTRACTABLE is false',
      'lie-mechanism': 'KEY_GEN_MECHANISM is 0x0',
    };
    for (const [way, what] of Object.entries(lies))
      await expect(make(way)).rejects.toEqual(refusal('key-attributes', what));
    expect(await count()).toBe(0);
    const { publicKey } = await make('');
    for (const [way, what] of Object.entries(lies)) {
      await expect(sign(way, publicKey)).rejects.toEqual(refusal('key-attributes', what));
    }
  });

  shimTest('dies after it has made the key leaves one that the next run sees', async () => {
    newStore();
    await expect(make('crash-generate')).rejects.toEqual(couldNotError('hsm-crashed', 'making'));
    expect(await count()).toBe(1);
  });
});

describe('the process of a module', () => {
  shimTest('loads nothing that was put in its place after it was looked at', async () => {
    newStore();
    const folder = newFolder();
    const [path, loaded] = [join(folder, 'module.so'), join(folder, 'loaded')];
    const found = { path, name: 'module' };
    process.env.SHIM_LOADED = loaded;
    /** Somebody agrees, and meanwhile somebody else is at work. */
    const afterwards = (meanwhile: () => void): HsmMeans => {
      const ask = (): Promise<void> => {
        meanwhile();
        return Promise.resolve();
      };
      return { ...MEANS, trust: { named: [], ask } };
    };
    const other = join(folder, 'other.so');
    copyFileSync(shimModule(), other);
    for (const meanwhile of [
      () => {
        renameSync(other, path);
      },
      () => {
        appendFileSync(path, 'x');
      },
      () => {
        rmSync(path);
        symlinkSync(shimModule(), path);
      },
      () => {
        rmSync(path);
      },
    ]) {
      rmSync(path, { force: true });
      copyFileSync(shimModule(), path);
      await expect(startModule(found, afterwards(meanwhile))).rejects.toEqual(
        refusal('untrusted-module', 'was replaced'),
      );
    }
    expect(existsSync(loaded)).toBe(false);
    copyFileSync(shimModule(), path);
    const { process: started } = await startModule(
      found,
      afterwards(() => undefined),
    );
    await started.close();
    expect(existsSync(loaded)).toBe(true);
  });

  shimTest('brings no code along that the environment names for Node, and never works in the authority', async () => {
    newStore();
    const folder = newFolder();
    const [required, seen] = [join(folder, 'required.cjs'), join(folder, 'seen')];
    writeFileSync(required, `require('node:fs').writeFileSync(${JSON.stringify(seen)}, '')`);
    process.env.NODE_OPTIONS = `--require ${required}`;
    const data = { ...MEANS, trust: { ...MEANS.trust, dataFolder: process.cwd() } };
    for (const [means, folderOfProcess] of [
      [MEANS, process.cwd()],
      [data, '/'],
    ] as const) {
      const { process: started } = await startModule({ path: shimModule(), name: 'shim' }, means);
      expect(readlinkSync(`/proc/${String(started.pid)}/cwd`)).toBe(folderOfProcess);
      await started.close();
    }
    expect(existsSync(seen)).toBe(false);
  });
});

describe('a token that', () => {
  shimTest('has its PIN typed at the device gets no PIN, and the person is told', async () => {
    newStore();
    const pins = new TestPins();
    const session = await open('protected', MEANS, pins);
    await session.privateKeys({});
    await session.close();
    expect(pins.asked).toEqual([]);
    expect(pins.announced).toEqual([expect.stringContaining('Now act at the token "AS Root"')]);
    await expect(open('protected,canceled')).rejects.toEqual(couldNotError('hsm-canceled'));
  });

  shimTest('is short of tries says so before the PIN is asked for', async () => {
    newStore();
    for (const [way, warning] of [
      ['pin-low', 'few tries'],
      ['pin-last', 'One try is left'],
    ] as const) {
      const pins = new TestPins();
      await (await open(way, MEANS, pins)).close();
      expect(pins.asked[0]?.warnings).toEqual([expect.stringContaining(warning)]);
    }
    const pins = new TestPins();
    await expect(open('pin-locked', MEANS, pins)).rejects.toEqual(couldNotError('pin-locked'));
    expect(pins.asked).toEqual([]);
    const pad = new TestPins();
    await (await open('protected,pin-last', MEANS, pad)).close();
    expect(pad.announced[0]).toContain('One try is left');
  });

  shimTest('wants the curve by its name, shows bare points, has no session keys, or knows no MODIFIABLE', async () => {
    for (const way of ['printable', 'bare-point', 'no-session-keys', 'no-modifiable', 'printable,no-session-keys']) {
      newStore();
      const { publicKey } = await make(way);
      await expect(sign(way, publicKey)).resolves.toHaveLength(64);
      expect(await count()).toBe(1);
    }
  });
});
