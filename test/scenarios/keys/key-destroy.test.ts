/**
 * The end of private keys: which may go, what proves that it is the right one, and that nothing signs with it
 * afterwards.
 */
import { copyFileSync, existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type Ended, type JsonRecord, run } from '../../support/cli/cli.js';
import { authorityWith, mustSucceed, newFolder, readTree, type Scene } from '../../support/cli/cli-authority.js';
import { expectRefusal } from '../../support/cli/cli-errors.js';
import { Terminal } from '../../support/cli/cli-terminal.js';
import { hasSoftHsm, keyUri, newStore, SOFTHSM, softHsmTest } from '../../support/keys/softhsm.js';
import { killedAt } from '../../support/machine/kill-at.js';
import { hasTool, testWhere, toolTest } from '../../support/machine/tools.js';

const DESTROY = ['key', 'destroy'];
const at = ({ dir }: Scene, name: string): string => join(dir, name);

/** With an intermediate that is revoked, so that nothing needs its key. */
function withRevoked(): Scene {
  const scene = authorityWith('intermediate');
  mustSucceed(scene.cli(['revoke', 'intermediate-1', '--reason', 'superseded']));
  return scene;
}

function keyEvents(scene: Scene): readonly unknown[] {
  const files = readdirSync(at(scene, 'transcripts')).filter((name) => name.endsWith('-key-destroy.jsonl'));
  return files.sort().flatMap((name) =>
    readFileSync(at(scene, `transcripts/${name}`), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as JsonRecord)
      .filter(({ event }) => event === 'key')
      .map(({ what }) => what),
  );
}

describe('a key that nothing needs', () => {
  test('is proved, overwritten and removed; its record stays with two marks, and nothing signs with it', () => {
    const scene = withRevoked();
    const record = readFileSync(at(scene, 'keys/intermediate-1.json'));
    const { json, stderr } = mustSucceed(scene.json([...DESTROY, 'intermediate-1']));
    expect(json).toMatchObject({
      ok: true,
      key: 'file:keys/intermediate-1.age',
      how: 'its file was overwritten and removed',
      file: at(scene, 'keys/intermediate-1.destroyed.json'),
    });
    expect(stderr).toContain('flash media');
    expect(readdirSync(at(scene, 'keys')).sort()).toEqual([
      'intermediate-1.destroyed.json',
      'intermediate-1.destroying.json',
      'intermediate-1.json',
      'root-1.age',
      'root-1.json',
    ]);
    expect(readFileSync(at(scene, 'keys/intermediate-1.json'))).toEqual(record);
    expect(keyEvents(scene)).toEqual(['to be destroyed', 'destroyed']);
    for (const args of [
      ['key', 'verify', 'intermediate-1'],
      ['key', 'change-passphrase', 'intermediate-1', '--new-passphrase-file', scene.passphraseFile],
      [...DESTROY, 'intermediate-1'],
    ])
      expectRefusal(scene.cli(args), { status: 1, code: 'key-destroyed', says: /destroyed.*recorded \d{4}-/ });
    expect(mustSucceed(scene.json(['status'])).json).not.toHaveProperty('key_notes');
    expectRefusal(scene.cli(['root', 'rotate', '--key', 'file:keys/intermediate-1.age']), {
      status: 3,
      code: 'file-exists',
    });
    mustSucceed(scene.cli(['bundle', 'export']));
  });

  test('an orphan goes too: a request that nobody issued', () => {
    const scene = authorityWith('request');
    const { stderr } = mustSucceed(scene.cli([...DESTROY, 'file:keys/intermediate-1.age']));
    expect(stderr).toContain('a request for one may be on its way');
    expect(existsSync(at(scene, 'keys/intermediate-1.age'))).toBe(false);
  });

  test('on another medium, by its absolute path', () => {
    const scene = authorityWith('root');
    const medium = newFolder();
    const uri = `file:${medium}/intermediate-7.age`;
    mustSucceed(scene.cli(['intermediate', 'request', '--key', uri]));
    renameSync(join(medium, 'intermediate-7.age'), join(medium, 'elsewhere'));
    const refusal = { status: 3, code: 'file-not-found', hint: 'Plug in the medium' } as const;
    expectRefusal(scene.cli([...DESTROY, 'intermediate-7']), refusal);
    renameSync(join(medium, 'elsewhere'), join(medium, 'intermediate-7.age'));
    mustSucceed(scene.cli([...DESTROY, 'intermediate-7']));
    expect(readdirSync(medium)).toEqual([]);
  });
});

describe('a key that is needed', () => {
  test('is refused, with what needs it, and nothing changes', () => {
    const scene = authorityWith('bundle');
    const before = readTree(scene.dir);
    expectRefusal(scene.cli([...DESTROY, 'root-1']), {
      status: 1,
      code: 'key-needed',
      says: 'bundle 1, which clients may hold until',
    });
    expectRefusal(scene.cli([...DESTROY, 'intermediate-1']), {
      status: 1,
      code: 'key-needed',
      says: 'can issue until',
    });
    expect(readTree(scene.dir)).toEqual(before);
    mustSucceed(scene.cli(['root', 'rotate']));
    expectRefusal(scene.cli([...DESTROY, 'root-2']), { status: 1, code: 'key-needed', says: 'was never published' });
  });

  toolTest('faketime', 'a revoked root is needed while a bundle lists it that clients may hold, and not after', () => {
    const scene = authorityWith('bundle');
    mustSucceed(scene.cli(['root', 'rotate']));
    mustSucceed(scene.cli(['bundle', 'export']));
    mustSucceed(scene.cli(['revoke', 'root-1', '--reason', 'superseded']));
    mustSucceed(scene.cli(['bundle', 'export']));
    expectRefusal(scene.cli([...DESTROY, 'root-1']), {
      status: 1,
      code: 'key-needed',
      says: 'bundle 2, which clients may hold',
    });
    const later = { under: ['faketime', '+125 days'] };
    mustSucceed(scene.cli(['bundle', 'export'], later));
    mustSucceed(scene.cli([...DESTROY, 'root-1'], later));
    expectRefusal(scene.cli([...DESTROY, 'root-2'], later), { status: 1, code: 'key-needed' });
    mustSucceed(scene.cli(['bundle', 'export'], later));
  });

  test('at the end of the service it goes, and that is on record', () => {
    const scene = authorityWith('bundle');
    const { stderr } = mustSucceed(scene.cli([...DESTROY, 'root-1', '--end-of-service']));
    expect(stderr).toContain('still needed: bundle 1');
    expectRefusal(scene.cli(['bundle', 'export']), { status: 1, code: 'key-destroyed', hint: '--lost' });
    const file = readFileSync(at(scene, 'transcripts/0006-key-destroy.jsonl'), 'utf8');
    expect(file).toContain('"end_of_service":true,"still_needed":["bundle 1');
  });
});

describe('the right key', () => {
  test('another key in its file is not destroyed', () => {
    const scene = withRevoked();
    copyFileSync(at(scene, 'keys/root-1.age'), at(scene, 'keys/intermediate-1.age'));
    const before = readTree(scene.dir);
    expectRefusal(scene.cli([...DESTROY, 'intermediate-1']), { status: 1, code: 'key-mismatch' });
    expect(readTree(scene.dir)).toEqual(before);
  });

  test('what cannot be opened goes with --unproved only, and the record says so', () => {
    const scene = withRevoked();
    writeFileSync(at(scene, 'keys/intermediate-1.age'), 'scratched');
    expectRefusal(scene.cli([...DESTROY, 'intermediate-1']), { status: 3, code: 'bad-key-file', hint: '--unproved' });
    mustSucceed(scene.cli([...DESTROY, 'intermediate-1', '--unproved']));
    const files = readdirSync(at(scene, 'transcripts')).sort();
    expect(readFileSync(at(scene, `transcripts/${files.at(-2) ?? ''}`), 'utf8')).toContain('"proved":false');
  });

  test('a file that comes back from a backup is named, and destroyed again', () => {
    const scene = withRevoked();
    copyFileSync(at(scene, 'keys/intermediate-1.age'), scene.path('backup'));
    mustSucceed(scene.cli([...DESTROY, 'intermediate-1']));
    copyFileSync(scene.path('backup'), at(scene, 'keys/intermediate-1.age'));
    const { json } = mustSucceed(scene.json(['status']));
    expect(json.key_notes).toEqual([expect.stringContaining('its file is back') as unknown]);
    mustSucceed(scene.cli([...DESTROY, 'intermediate-1']));
    expect(mustSucceed(scene.json(['status'])).json).not.toHaveProperty('key_notes');
  });

  toolTest('script', 'a sentence must be typed; yes is not enough', async () => {
    const scene = withRevoked();
    const before = readTree(scene.dir);
    const terminal = new Terminal(['-C', scene.dir, ...DESTROY, 'intermediate-1'], { columns: 120 });
    await terminal.answer('(type: destroy intermediate-1)', 'yes');
    expect(await terminal.end()).toBe(1);
    expect(readTree(scene.dir)).toEqual(before);
  });
});

describe('interrupted', () => {
  for (const [name, call, nth, there] of [
    ['before its file is touched', 'unlink', 'keys/intermediate-1.age', true],
  ] as const) {
    toolTest('strace', `${name}: status names it, nothing signs with it, and the same command goes on`, () => {
      const scene = withRevoked();
      const under = killedAt(call, basename(nth), (traced) =>
        withRevoked().cli([...DESTROY, 'intermediate-1'], { under: traced }),
      );
      scene.cli([...DESTROY, 'intermediate-1'], { under });
      expect(existsSync(at(scene, nth))).toBe(there);
      const { json } = mustSucceed(scene.json(['status']));
      expect(json.key_notes).toEqual([expect.stringContaining('destruction began') as unknown]);
      expectRefusal(scene.cli(['key', 'verify', 'intermediate-1']), {
        status: 1,
        code: 'key-destroyed',
        hint: 'Finish it',
      });
      const other = mustSucceed(scene.cli(['bundle', 'export']));
      expect(other.stderr).toContain('its destruction began');
      mustSucceed(scene.cli([...DESTROY, 'intermediate-1']));
      expect(existsSync(at(scene, nth))).toBe(false);
      expect(keyEvents(scene)).toEqual(['to be destroyed', 'destroyed']);
    });
  }
});

describe('in a token', () => {
  function hsmScene(): Scene & { hsm(args: readonly string[]): Ended } {
    const store = newStore();
    const scene = authorityWith('root');
    const hsm = (args: readonly string[]): Ended =>
      scene.cli(['--pin-file', store.pinFile, ...args], { env: store.env });
    return { ...scene, hsm };
  }

  softHsmTest('the key of the record is destroyed, private and public, and no other', () => {
    const scene = hsmScene();
    for (const name of ['one', 'two']) mustSucceed(scene.hsm(['intermediate', 'request', '--key', keyUri(name)]));
    mustSucceed(scene.hsm([...DESTROY, 'one']));
    const { stdout } = mustSucceed(scene.hsm(['hsm', 'keys', keyUri('x').replace(';object=x', '')]));
    expect(stdout).toContain('two');
    expect(stdout).not.toMatch(/label +one/);
    mustSucceed(scene.hsm(['key', 'verify', 'two']));
    expectRefusal(scene.hsm(['key', 'verify', 'one']), { status: 1, code: 'key-destroyed' });
    expect(keyEvents(scene)).toEqual(['found in its token', 'to be destroyed', 'destroyed']);
    // Its label is free again in the token, and the record's name is not.
    mustSucceed(scene.hsm(['intermediate', 'request', '--key', keyUri('one2')]));
  });

  softHsmTest('another key under the same label is not destroyed', () => {
    const scene = hsmScene();
    mustSucceed(scene.hsm(['intermediate', 'request', '--key', keyUri('one')]));
    newStore();
    const second = hsmScene();
    mustSucceed(second.hsm(['intermediate', 'request', '--key', keyUri('one')]));
    const env = { SOFTHSM2_CONF: process.env.SOFTHSM2_CONF ?? '' };
    const pin = second.path('pin');
    writeFileSync(pin, '123456\n', { mode: 0o600 });
    const ended = scene.cli(['--pin-file', pin, ...DESTROY, 'one'], { env });
    expectRefusal(ended, { status: 1, code: 'key-mismatch', says: 'it was not destroyed' });
    mustSucceed(second.hsm(['key', 'verify', 'one']));
  });

  testWhere(
    hasSoftHsm && hasTool('pkcs11-tool'),
    'opensc',
    'beside another key of its name it is destroyed, and that is on record',
    () => {
      const scene = hsmScene();
      mustSucceed(scene.hsm(['intermediate', 'request', '--key', keyUri('one')]));
      const other = ['--keypairgen', '--key-type', 'EC:edwards25519', '--label', 'one', '--id', '77'];
      const { SOFTHSM2_CONF = '' } = process.env;
      mustSucceed(
        run(['pkcs11-tool', '--module', SOFTHSM, '--login', '--pin', '123456', ...other], { env: { SOFTHSM2_CONF } }),
      );
      mustSucceed(scene.hsm([...DESTROY, 'one']));
      expect(keyEvents(scene)).toEqual(['found in its token', 'to be destroyed', 'destroyed']);
      const { stdout } = mustSucceed(scene.hsm(['hsm', 'keys', keyUri('x').replace(';object=x', '')]));
      expect(stdout).toMatch(/id +77/);
    },
  );

  softHsmTest('a token that is gone: on the person’s word alone', () => {
    const scene = hsmScene();
    mustSucceed(scene.hsm(['intermediate', 'request', '--key', keyUri('one')]));
    const { env } = newStore('Another');
    expectRefusal(scene.cli([...DESTROY, 'one'], { env }), { status: 3, code: 'hsm-token-not-found' });
    const { json } = mustSucceed(scene.json([...DESTROY, 'one', '--unproved'], { env }));
    expect(json.how).toBe('its token is gone');
  });
});

test('a key that is on record as destroyed gets no credential, though its request lies here', () => {
  const scene = authorityWith('request');
  mustSucceed(scene.cli([...DESTROY, 'intermediate-1']));
  for (const words of [
    ['request', 'check'],
    ['intermediate', 'issue'],
  ])
    expectRefusal(scene.cli([...words, 'authority/requests/intermediate-1.pem']), {
      status: 1,
      code: 'policy',
      says: 'on record as destroyed',
    });
});
