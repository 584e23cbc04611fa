/** The main job with keys in a token, and what goes wrong with HSMs, as a person at the command line meets it. */
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { cli, type Ended, type JsonRecord, PROGRAM, run, start } from '../../support/cli/cli.js';
import {
  filesHolding,
  mustSucceed,
  newAuthority,
  newFolder,
  readTree,
  type Scene,
  writeSecret,
} from '../../support/cli/cli-authority.js';
import { expectRefusal } from '../../support/cli/cli-errors.js';
import { typeWords } from '../../support/cli/cli-terminal.js';
import {
  addToken,
  keyUri,
  newStore,
  PIN,
  shimModule,
  shimTest,
  SO_PIN,
  SOFTHSM,
  softHsmTest,
  type TokenStore,
} from '../../support/keys/softhsm.js';

interface HsmScene extends Scene {
  readonly store: TokenStore;
  hsm(args: readonly string[], shim?: string): Ended;
  hsmJson(args: readonly string[], shim?: string): Ended & { readonly json: JsonRecord };
}

/** An authority beside a store with one token; commands get its PIN. */
function newScene(): HsmScene {
  const scene = newAuthority();
  const store = newStore();
  // What a test says of these two counts: it stands behind them.
  const all = (args: readonly string[]): string[] => ['--hsm-timeout', '10s', '--pin-file', store.pinFile, ...args];
  const env = (shim?: string) => ({ env: { ...store.env, ...(shim === undefined ? {} : { SHIM: shim }) } });
  return {
    ...scene,
    store,
    hsm: (args, shim) => scene.cli(all(args), env(shim)),
    hsmJson: (args, shim) => scene.json(all(args), env(shim)),
  };
}

const generateInShim = (): string[] => ['--module', shimModule(), ...generate(keyUri('root-1', shimModule()))];

const generate = (uri: string, ...more: readonly string[]): string[] => ['root', 'generate', '--key', uri, ...more];

function events(scene: Scene, name: RegExp): JsonRecord[] {
  const file = readdirSync(join(scene.dir, 'transcripts')).find((one) => name.test(one)) ?? '';
  const lines = readFileSync(join(scene.dir, 'transcripts', file), 'utf8')
    .trimEnd()
    .split('\n');
  return lines.map((line) => JSON.parse(line) as JsonRecord);
}

describe('keys in a token', () => {
  softHsmTest('from init to a bundle; the record of each use is in the transcripts, and no PIN is anywhere', () => {
    const scene = newScene();
    const root = mustSucceed(scene.hsmJson(generate(keyUri('root-1')))).json;
    mustSucceed(scene.hsm(['intermediate', 'request', '--key', keyUri('intermediate-1')]));
    mustSucceed(scene.hsm(['intermediate', 'issue', 'authority/requests/intermediate-1.pem']));
    mustSucceed(scene.hsm(['bundle', 'export', '--out', 'bundle.cose']));
    mustSucceed(cli(['bundle', 'verify', scene.path('bundle.cose'), '--trust', String(root.fingerprint)]));
    expect(readdirSync(join(scene.dir, 'keys')).sort()).toEqual(['intermediate-1.json', 'root-1.json']);
    for (const [name, what] of [
      [/root-generate/, 'generated'],
      [/intermediate-request/, 'generated'],
      [/intermediate-issue/, 'used'],
      [/bundle-export/, 'used'],
    ] as const) {
      const [key, ...others] = events(scene, name).filter(({ event }) => event === 'key');
      expect(others).toEqual([]);
      expect(key).toMatchObject({
        what,
        key: keyUri(name.source.startsWith('intermediate-r') ? 'intermediate-1' : 'root-1'),
        hsm: {
          manufacturer: 'SoftHSM project',
          model: 'SoftHSM v2',
          serial: expect.any(String) as unknown,
          firmware: expect.any(String) as unknown,
          mechanism: 'CKM_EDDSA',
          public_key_sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown,
          attributes: { sensitive: true, extractable: false, local: true },
        },
      });
    }
    const verified = mustSucceed(scene.hsmJson(['key', 'verify', 'root-1'])).json;
    expect(verified).toMatchObject({ fingerprint: root.fingerprint, hsm: { token: 'AS Root', backup: 'none' } });
    expect(filesHolding(scene.dir, PIN)).toEqual([]);
  });

  softHsmTest('a PIN file can be named by the key, and the URI may have any spelling', () => {
    const scene = newScene();
    const spelled = keyUri('root-1').replace('AS%20', '%41S%20');
    const pin = ['--pin-file', `${spelled}=${scene.store.pinFile}`];
    mustSucceed(scene.cli([...generate(keyUri('root-1')), ...pin], { env: scene.store.env }));
    const byName = ['--pin-file', `root-1=${scene.store.pinFile}`];
    mustSucceed(scene.cli(['key', 'verify', spelled, ...byName], { env: scene.store.env }));
    const byUri = generate(keyUri('root-1').replace('?', `?pin-source=file:${scene.store.pinFile}&`));
    expectRefusal(scene.cli(byUri, { env: scene.store.env }), { status: 1, code: 'root-exists' });
  });

  softHsmTest('names of records: the label, or with the token where another key has it', () => {
    const scene = newScene();
    mustSucceed(scene.hsm(generate(keyUri('root-1'))));
    addToken('Other');
    mustSucceed(scene.hsm(['intermediate', 'request', '--key', keyUri('root-1', SOFTHSM, 'Other')]));
    expect(readdirSync(join(scene.dir, 'keys')).sort()).toEqual(['root-1.json', 'root-1@Other.json']);
  });

  softHsmTest('--backup wrapped is shown wherever the key is named', () => {
    const scene = newScene();
    const made = mustSucceed(scene.hsm(generate(keyUri('root-1'), '--backup', 'wrapped')));
    expect(made.stderr).toContain('(new, extractable under wrap)');
    mustSucceed(scene.hsm(['intermediate', 'request', '--key', keyUri('i')]));
    const issued = mustSucceed(scene.hsm(['intermediate', 'issue', 'authority/requests/i.pem']));
    expect(issued.stderr).toContain('(extractable under wrap)');
    const shown = mustSucceed(scene.hsm(['key', 'verify', 'root-1']));
    expect(shown.stdout).toContain('yes, extractable under wrap');
    const token = mustSucceed(scene.hsm(['hsm', 'keys', keyUri('root-1')]));
    expect(token.stdout).toContain('can sign; extractable under wrap');
  });
});

describe('what is refused, with the authority as it was', () => {
  const unchanged = (name: string, act: (scene: HsmScene) => Ended, status: 1 | 2 | 3, code: string): void => {
    softHsmTest(name, () => {
      const scene = newScene();
      const before = readTree(scene.dir);
      expectRefusal(act(scene), { status, code });
      expect(readTree(scene.dir)).toEqual(before);
    });
  };
  unchanged('no such module', (s) => s.hsm(generate(keyUri('r', '/nowhere/lib.so'))), 3, 'hsm-module');
  unchanged('no such token', (s) => s.hsm(generate(keyUri('r', SOFTHSM, 'Nobody'))), 3, 'hsm-token-not-found');
  unchanged('no key named', (s) => s.hsm(generate(`pkcs11:token=AS%20Root?module-path=${SOFTHSM}`)), 2, 'usage');
  unchanged('a PIN in the URI', (s) => s.hsm(generate(`${keyUri('r')}&pin-value=${PIN}`)), 2, 'usage');
  unchanged('adopting what is not there', (s) => s.hsm(generate(keyUri('r'), '--adopt')), 3, 'hsm-key-not-found');
  unchanged('--adopt for a file', (s) => s.hsm(generate('file:keys/r.age', '--adopt')), 2, 'usage');
  unchanged('nobody to type a PIN', (s) => s.cli(generate(keyUri('r')), { env: s.store.env }), 2, 'usage');
  unchanged('an HSM time of no length', (s) => s.hsm([...generate(keyUri('r')), '--hsm-timeout', '0s']), 2, 'usage');

  softHsmTest('a wrong PIN, once', () => {
    const scene = newScene();
    const wrong = writeSecret(scene.path('wrong'), '000000\n');
    const before = readTree(scene.dir);
    const ended = scene.json([...generate(keyUri('r')), '--pin-file', wrong], { env: scene.store.env });
    expect(ended).toMatchObject({ status: 3, json: { ok: false, code: 'wrong-pin' } });
    expect(ended.stdout + ended.stderr).not.toContain('000000');
    expect(readTree(scene.dir)).toEqual(before);
  });

  softHsmTest('a PIN file with what nobody sees is named before a token counts a wrong try, or learns it', () => {
    const scene = newScene();
    const bom = writeSecret(scene.path('bom'), `\u{FEFF}${PIN}\n`);
    const ended = scene.json([...generate(keyUri('r')), '--pin-file', bom], { env: scene.store.env });
    expect(ended).toMatchObject({ status: 3, json: { code: 'bad-secret-file' } });
    expect(ended.json.message).toContain('byte-order mark');
    const so = writeSecret(scene.path('so'), `${SO_PIN}\n`);
    const init = ['hsm', 'init-token', '--module', SOFTHSM, '--label', 'N', '--so-pin-file', so, '--pin-file', bom];
    expectRefusal(scene.cli(init, { env: scene.store.env }), {
      status: 3,
      code: 'bad-secret-file',
      says: 'byte-order',
    });
  });

  for (const [way, status, code] of [
    ['crash-init', 3, 'hsm-crashed'],
    ['crash-sign', 3, 'hsm-crashed'],
    ['hang-sign', 3, 'hsm-timeout'],
    ['removed', 3, 'hsm-removed'],
    ['flip-signature', 1, 'signature-check-failed'],
    ['foreign-key', 1, 'signature-check-failed'],
    ['lie-extractable', 1, 'key-attributes'],
  ] as const) {
    shimTest(`a module that does ${way}`, () => {
      const scene = newScene();
      const before = readTree(scene.dir);
      const args = [...generateInShim(), '--hsm-timeout', '2s'];
      expectRefusal(scene.hsm(args, way), { status, code });
      expect(readTree(scene.dir)).toEqual(before);
      // Nothing was left in the token either.
      mustSucceed(scene.hsm(generateInShim()));
    });
  }
});

describe('a key that is in the way', () => {
  /** A run that died after its key was made. */
  function orphaned(): HsmScene {
    const scene = newScene();
    expectRefusal(scene.hsm(generateInShim(), 'crash-generate'), {
      status: 3,
      code: 'hsm-crashed',
    });
    return scene;
  }

  shimTest('is found, and said to be nobody’s', () => {
    const scene = orphaned();
    const { json, status } = scene.hsmJson(generate(keyUri('root-1')));
    expect(status).toBe(1);
    expect(json).toMatchObject({ code: 'hsm-key-exists' });
    expect(json.message).toMatch(
      /"root-1" \(id [0-9a-f]+, ed25519\), SHA-256 of its public key [0-9a-f]{64}; no record/,
    );
    expect(json.hint).toMatch(/--adopt.*--destroy-orphan/);
  });

  shimTest('can be adopted: the same key, on record as adopted', () => {
    const scene = orphaned();
    const [before] = mustSucceed(scene.hsmJson(['hsm', 'keys', keyUri('root-1')])).json.keys as JsonRecord[];
    const adopted = mustSucceed(scene.hsm(generate(keyUri('root-1'), '--adopt')));
    expect(adopted.stderr).toContain('A key that is in the token already');
    const record = JSON.parse(readFileSync(join(scene.dir, 'keys/root-1.json'), 'utf8')) as JsonRecord;
    expect(record).toMatchObject({ public_key: before?.public_key, hsm: { origin: 'adopted' } });
    const [key] = events(scene, /root-generate/).filter(({ event }) => event === 'key');
    expect(key).toMatchObject({ what: 'adopted' });
  });

  shimTest('can be destroyed: another key is made', () => {
    const scene = orphaned();
    const [before] = mustSucceed(scene.hsmJson(['hsm', 'keys', keyUri('root-1')])).json.keys as JsonRecord[];
    const made = mustSucceed(scene.hsm(generate(keyUri('root-1'), '--destroy-orphan')));
    expect(made.stderr).toContain('is destroyed permanently');
    const keys = mustSucceed(scene.hsmJson(['hsm', 'keys', keyUri('root-1')])).json.keys as JsonRecord[];
    expect(keys).toHaveLength(1);
    expect(keys[0]).toMatchObject({ record: 'keys/root-1.json', can_sign: true });
    expect(keys[0]?.public_key).not.toBe(before?.public_key);
  });

  softHsmTest('and is on record is neither adopted nor destroyed', () => {
    const scene = newScene();
    mustSucceed(scene.hsm(generate(keyUri('root-1'))));
    const before = readTree(scene.folder);
    const other = keyUri('root-1').replace('token=AS%20Root', 'token=AS%20Root;manufacturer=SoftHSM%20project');
    for (const how of [[], ['--adopt'], ['--destroy-orphan']]) {
      const ended = scene.hsm(['intermediate', 'request', '--key', other, ...how]);
      expectRefusal(ended, { status: 1, code: 'hsm-key-exists' });
    }
    const unchanged = readTree(scene.folder);
    expect(unchanged).toEqual(before);
  });
});

describe('the device itself', () => {
  shimTest('takes the PIN: the person is told, and none is asked for', () => {
    const scene = newScene();
    const ended = mustSucceed(scene.cli(generateInShim(), { env: { ...scene.store.env, SHIM: 'protected' } }));
    expect(ended.stderr).toContain('Now act at the token "AS Root"');
  });
});

/** Processes whose command line has this in it. */
function processesWith(text: string): string[] {
  const found = run(['pgrep', '-f', text]).stdout.trim();
  return found === '' ? [] : found.split('\n');
}

describe('an ending', () => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGKILL'] as const) {
    shimTest(`by ${signal} in the middle of a signature leaves no process behind`, async () => {
      const scene = newScene();
      // Its own program, so that only its own processes are counted.
      const program = join(scene.folder, `program-${signal}.cjs`);
      writeFileSync(
        program,
        `require(${JSON.stringify(PROGRAM.replace('bin/as-ceremony.js', 'dist/program/main.cjs'))});`,
      );
      const args = ['-C', scene.dir, ...generateInShim(), '--yes', '--pin-file', scene.store.pinFile];
      const way = signal === 'SIGKILL' ? 'hang-sign' : 'slow-sign';
      const child = start([process.execPath, program, ...args], { env: { ...scene.store.env, SHIM: way } });
      const ended = new Promise((resolve) => child.on('exit', resolve));
      const worker = `${program} --hold-pkcs11-module`;
      while (processesWith(worker).length === 0) await delay(20);
      await delay(700);
      child.kill(signal);
      await ended;
      for (let i = 0; i < 100 && processesWith(worker).length > 0; i++) await delay(100);
      expect(processesWith(worker)).toEqual([]);
    });
  }
});

describe('hsm', () => {
  softHsmTest('list: modules and tokens, with their state', () => {
    const scene = newScene();
    const { modules } = mustSucceed(scene.hsmJson(['hsm', 'list', '--module', SOFTHSM])).json;
    expect(modules).toMatchObject([
      {
        module: SOFTHSM,
        tokens: [
          { token: 'AS Root', manufacturer: 'SoftHSM project', flags: ['login-required', 'pin-set'] },
          { token: '', flags: expect.arrayContaining(['not-initialized']) as unknown },
        ],
      },
    ]);
    expect(mustSucceed(scene.hsm(['hsm', 'list'])).stdout).toMatch(/token +AS Root/);
  });

  softHsmTest('check: each ciphersuite, tried or not', () => {
    const scene = newScene();
    const uri = `pkcs11:token=AS%20Root?module-path=${SOFTHSM}`;
    const { ciphersuites } = mustSucceed(scene.hsmJson(['hsm', 'check', uri])).json;
    const names = ['ed25519-sha256', 'p256-sha256', 'p384-sha384', 'p521-sha512', 'ed448-sha512'];
    expect(ciphersuites).toEqual(
      names.map((ciphersuite) => ({
        ciphersuite,
        possible: true,
        why: expect.stringContaining('has signed'),
      })),
    );
    const listed = mustSucceed(scene.cli(['hsm', 'check', uri, '--no-login'], { env: scene.store.env }));
    expect(listed.stdout).toContain('no key was tried');
  });

  softHsmTest('keys: with their records and credentials', () => {
    const scene = newScene();
    const root = mustSucceed(scene.hsmJson(generate(keyUri('root-1')))).json;
    const { keys } = mustSucceed(scene.hsmJson(['hsm', 'keys', `pkcs11:token=AS%20Root?module-path=${SOFTHSM}`])).json;
    expect(keys).toMatchObject([
      {
        label: 'root-1',
        scheme: 'ed25519',
        can_sign: true,
        faults: [],
        record: 'keys/root-1.json',
        fingerprint: root.fingerprint,
      },
    ]);
  });

  softHsmTest('init-token: a new one, and one that is erased only when it is named again', async () => {
    const scene = newScene();
    const so = writeSecret(scene.path('so'), `${SO_PIN}\n`);
    const init = (...args: readonly string[]): string[] => [
      'hsm',
      'init-token',
      '--module',
      SOFTHSM,
      '--so-pin-file',
      so,
      ...args,
    ];
    const made = mustSucceed(scene.hsmJson(init('--label', 'Neu'))).json;
    expect(made).toMatchObject({ ok: true, token: 'Neu', serial: expect.any(String) as unknown });
    const again = init('--label', 'Neu', '--token', 'Neu');
    expectRefusal(scene.hsm(again), { status: 2, code: 'usage' });
    expectRefusal(scene.hsm(init('--label', 'Other', '--erase', 'Neu')), {
      status: 2,
      code: 'usage',
      says: 'which token',
    });
    expectRefusal(scene.hsm([...again, '--erase', 'neu']), { status: 1, code: 'declined' });
    mustSucceed(scene.hsm(generate(keyUri('root-1', SOFTHSM, 'Neu'))));
    expectRefusal(scene.hsm(init('--label', 'Neu')), { status: 1, code: 'token-exists' });
    // Neither label nor --yes stands for a key that this authority has there.
    const named = [...again, '--erase', 'Neu'];
    expectRefusal(scene.hsm(named), { status: 2, code: 'usage' });
    mustSucceed(scene.hsm(['key', 'verify', 'root-1']));
    const erased = await typeWords(
      scene,
      ['--pin-file', scene.store.pinFile, ...named],
      'destroy root-1',
      scene.store.env,
    );
    expect(erased).toContain(`LOST: ${keyUri('root-1', SOFTHSM, 'Neu')}`);
    expectRefusal(scene.hsm(['key', 'verify', 'root-1']), { status: 3, code: 'hsm-key-not-found' });
  });
});

test('without pkcs11js, HSM commands say so, and software keys work', () => {
  const folder = newFolder();
  const project = dirname(dirname(PROGRAM));
  // A package that others put in a folder above is not it.
  const own = join(folder, 'own');
  for (const part of ['bin', 'dist']) cpSync(join(project, part), join(own, part), { recursive: true });
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(join(project, 'node_modules/pkcs11js'), join(folder, 'node_modules/pkcs11js'));
  const program = join(own, 'bin/as-ceremony.js');
  const scene = newAuthority();
  const module = join(folder, 'm.so');
  writeFileSync(module, '');
  const uri = `pkcs11:token=a;object=b?module-path=${module}`;
  const common = ['-C', scene.dir, '--yes', '--module', module, '--passphrase-file', scene.passphraseFile];
  const asked = run([process.execPath, program, ...common, 'root', 'generate', '--key', uri]);
  expectRefusal(asked, { status: 3, code: 'hsm-unavailable' });
  expect(asked.stderr).toContain('npm run setup');
  mustSucceed(run([process.execPath, program, ...common, 'root', 'generate']));
});
