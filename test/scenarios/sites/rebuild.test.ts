/**
 * The disk with the authority is lost: it is rebuilt from the last bundle, its keys come back, and clients notice
 * nothing.
 */
import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { cli, type Ended, type JsonRecord } from '../../support/cli/cli.js';
import { authorityWith, mustSucceed, readTree, type Scene } from '../../support/cli/cli-authority.js';
import { expectRefusal } from '../../support/cli/cli-errors.js';
import { Terminal } from '../../support/cli/cli-terminal.js';
import { keyUri, newStore, softHsmTest } from '../../support/keys/softhsm.js';
import { toolTest } from '../../support/machine/tools.js';

interface Lost extends Scene {
  /** Of the root. */
  readonly pin: string;
  /**
   * init --from-bundle with this bundle of those that were saved, and more options; its own number is the last, if they
   * don't say another.
   */
  rebuild(bundle: string, ...more: readonly string[]): Ended;
  verify(bundle: string, ...held: readonly string[]): unknown;
}

/** What is left of a disk after a crash: the bundles that were published, and backups of key files in `backup`. */
function lose(scene: Scene): Lost {
  mkdirSync(scene.path('backup'));
  for (const name of ['root-1', 'intermediate-1'])
    copyFileSync(join(scene.dir, `keys/${name}.age`), scene.path(`backup/${name}.age`));
  mkdirSync(scene.path('published'));
  for (const name of Object.keys(readTree(join(scene.dir, 'bundles'))))
    copyFileSync(join(scene.dir, 'bundles', name), scene.path(`published/${name}`));
  const { json } = mustSucceed(scene.json(['fingerprint', 'authority/credentials/root-1.pem']));
  const pin = (json.credentials as { fingerprint: string }[])[0]?.fingerprint ?? '';
  rmSync(scene.dir, { recursive: true });
  return {
    ...scene,
    pin,
    rebuild: (bundle, ...more) => {
      const floor = more.includes('--sequence-floor')
        ? []
        : ['--sequence-floor', String(Number(/\d+/.exec(bundle)?.[0] ?? 1))];
      return scene.cli(['init', 'example.org', 'authority', '--from-bundle', `published/${bundle}`, ...floor, ...more]);
    },
    verify: (bundle, ...held) => {
      const { stdout } = cli(['bundle', 'verify', bundle, ...held, '--json'], { cwd: scene.folder });
      return (JSON.parse(stdout) as { code?: string }).code ?? 'valid';
    },
  };
}

function cheapKeys({ dir }: Scene): void {
  const file = join(dir, 'authority.yaml');
  writeFileSync(file, readFileSync(file, 'utf8').replace(/^key_work_factor: .*$/m, 'key_work_factor: 14'));
}

function firstTranscript({ dir }: Scene): readonly JsonRecord[] {
  const lines = readFileSync(join(dir, 'transcripts/0001-init.jsonl'), 'utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as JsonRecord);
}

const FIRST = 'bundle-000001.cose';
const BACKUP = ['--key', 'file:{}/backup/root-1.age'];
const keyIn = (scene: Scene): string[] => BACKUP.map((word) => word.replace('{}', scene.folder));

describe('init --from-bundle', () => {
  test('with the root’s key from a backup: rotate, revoke, export; a client that holds the old bundle takes the new one', () => {
    const made = authorityWith('bundle');
    mustSucceed(made.cli(['revoke', 'ab'.repeat(32), '--unknown', '--reason', 'key-compromise']));
    mustSucceed(made.cli(['bundle', 'export']));
    const scene = lose(made);
    const second = 'bundle-000002.cose';
    const ended = mustSucceed(scene.rebuild(second, '--trust', scene.pin, ...keyIn(scene)));
    expect(ended.stderr).toContain('rebuilt from bundle 2');
    const [start, settings, rebuilt] = firstTranscript(scene);
    expect(start).toMatchObject({ previous_transcript: '0'.repeat(64), command: 'init' });
    expect(settings).toMatchObject({ event: 'settings' });
    expect(rebuilt).toMatchObject({
      event: 'rebuild',
      what: expect.stringContaining('earlier transcripts are lost') as unknown,
      sequence: 2,
      sequence_floor: 2,
      trusted: [scene.pin],
    });
    const sum = cli(['bundle', 'verify', `published/${second}`, '--trust', scene.pin], { cwd: scene.folder });
    mustSucceed(sum);
    cheapKeys(scene);
    const status = mustSucceed(scene.json(['status'])).json;
    expect((status.credentials as { state: string }[]).map(({ state }) => state)).toEqual(['active', 'active']);
    mustSucceed(scene.cli(['key', 'verify', 'root-1']));
    mustSucceed(scene.cli(['intermediate', 'rotate']));
    mustSucceed(scene.cli(['revoke', 'intermediate-1', '--reason', 'superseded']));
    mustSucceed(scene.cli(['bundle', 'export', '--out', '3.cose']));
    const { json } = mustSucceed(scene.json(['bundle', 'verify', '3.cose', '--last', `published/${second}`]));
    expect(json.sequence).toBe(3);
    expect(json.revoked_certs).toHaveLength(2);
    expect(scene.verify('3.cose', '--last', `published/${FIRST}`)).toBe('valid');
    expect(scene.verify('3.cose', '--trust', scene.pin)).toBe('valid');
  });

  test('a request that was answered before, and whose intermediate is revoked, is not answered again', () => {
    const made = authorityWith('bundle');
    mustSucceed(made.cli(['revoke', 'intermediate-1', '--reason', 'key-compromise']));
    mustSucceed(made.cli(['bundle', 'export']));
    const old = readFileSync(join(made.dir, 'requests/intermediate-1.pem'));
    const scene = lose(made);
    mustSucceed(scene.rebuild('bundle-000002.cose', '--trust', scene.pin, ...keyIn(scene)));
    writeFileSync(scene.path('old.pem'), old);
    for (const args of [
      ['intermediate', 'issue', 'old.pem'],
      ['request', 'check', 'old.pem'],
    ])
      expectRefusal(scene.cli(args), { status: 1, code: 'policy', says: /before this authority was rebuilt/ });
    cheapKeys(scene);
    mustSucceed(scene.cli(['intermediate', 'request', '--key', 'file:keys/intermediate-1.age']));
    mustSucceed(scene.cli(['intermediate', 'issue', join(scene.dir, 'requests/intermediate-1.pem')]));
  });

  test('a request that was dated ahead and answered before is typed, and what was revoked does not come again', async () => {
    const made = authorityWith('bundle');
    const begins = new Date(Date.now() + 20 * 86_400_000).toISOString().slice(0, 10);
    mustSucceed(cli(['init', 'example.org', made.path('online')]));
    const request = ['intermediate', 'request', '--key', 'file:keys/intermediate-1.age', '--not-before', begins];
    const from = ['--signer', join(made.dir, 'credentials/root-1.pem'), '--out', made.path('ahead.pem')];
    mustSucceed(
      cli(['-C', made.path('online'), ...request, ...from, '--yes', '--passphrase-file', made.passphraseFile]),
    );
    const old = readFileSync(made.path('ahead.pem'));
    mustSucceed(made.cli(['intermediate', 'issue', made.path('ahead.pem')]));
    mustSucceed(made.cli(['bundle', 'export']));
    mustSucceed(made.cli(['revoke', 'intermediate-2', '--reason', 'key-compromise']));
    mustSucceed(made.cli(['bundle', 'export']));
    const scene = lose(made);
    mustSucceed(scene.rebuild('bundle-000003.cose', '--trust', scene.pin, ...keyIn(scene)));
    writeFileSync(scene.path('old.pem'), old);
    const issue = ['intermediate', 'issue', scene.path('old.pem')];
    expectRefusal(scene.cli(issue), { status: 2, code: 'usage', says: 'type: it was made after 20' });
    const terminal = new Terminal(['-C', scene.dir, ...issue, '--passphrase-file', scene.passphraseFile], {
      cwd: scene.folder,
      columns: 200,
    });
    await terminal.see('type: it was made after ');
    await terminal.see(/\d\d:\d\dZ\)/);
    const words = /type: (it was made after [^)]*)\)/.exec(terminal.text)?.[1] ?? '';
    terminal.type(`${words}\r`);
    await terminal.see('code: already-revoked');
    expect(await terminal.end()).toBe(1);
  });

  test('if a newer bundle is lost too, the next one is numbered above all, and holders of any accept it', () => {
    const made = authorityWith('bundle');
    mustSucceed(made.cli(['bundle', 'export', '--series', '3']));
    const scene = lose(made);
    // All that is left is bundle 1; the paper says that 4 was the last.
    const ended = mustSucceed(scene.rebuild(FIRST, '--trust', scene.pin, '--sequence-floor', '4', ...keyIn(scene)));
    expect(ended.stderr).toMatch(/next bundle +sequence 6/);
    mustSucceed(scene.cli(['bundle', 'export', '--out', 'next.cose']));
    const { json } = mustSucceed(scene.json(['bundle', 'verify', 'next.cose', '--trust', scene.pin]));
    expect(json.sequence).toBe(6);
    for (const held of [FIRST, 'bundle-000002.cose'])
      expect(scene.verify('next.cose', '--last', `published/${held}`)).toBe('valid');
    // The floor counts once: what follows is one above.
    const after = mustSucceed(scene.json(['bundle', 'export']));
    expect(after.json.sequence).toBe(7);
  });

  toolTest(
    'script',
    'without the floor the next bundle is a rollback for those who hold more, and that was said',
    async () => {
      const made = authorityWith('bundle');
      mustSucceed(made.cli(['bundle', 'export']));
      mustSucceed(made.cli(['bundle', 'export']));
      const scene = lose(made);
      const init = ['init', 'example.org', 'authority', '--from-bundle', `published/${FIRST}`, '--trust', scene.pin];
      expectRefusal(scene.cli(init), { status: 2, code: 'usage', says: 'type: this is the newest bundle)' });
      const terminal = new Terminal([...init, ...keyIn(scene), '--yes', '--passphrase-file', scene.passphraseFile], {
        cwd: scene.folder,
        columns: 300,
      });
      await terminal.see('refuse it as a rollback. Give the highest (--sequence-floor)');
      await terminal.answer('(type: this is the newest bundle)', 'this is the newest bundle');
      expect(await terminal.end()).toBe(0);
      mustSucceed(scene.cli(['bundle', 'export', '--out', 'next.cose']));
      expect(scene.verify('next.cose', '--last', 'published/bundle-000003.cose')).toBe('rollback');
    },
  );

  test('what cannot be trusted is refused, and nothing is made', () => {
    const scene = lose(authorityWith('bundle'));
    const before = readTree(scene.folder);
    expectRefusal(scene.rebuild(FIRST), { status: 2, code: 'usage', says: '--trust' });
    expectRefusal(scene.rebuild(FIRST, '--trust', scene.pin.slice(0, 16)), { status: 1, code: 'bad-fingerprint' });
    expectRefusal(scene.rebuild(FIRST, '--trust', 'ab'.repeat(32)), { status: 1, code: 'untrusted' });
    // A number from nowhere is typed, whatever --yes says.
    expectRefusal(scene.rebuild(FIRST, '--trust', scene.pin, '--sequence-floor', '5000'), {
      status: 2,
      code: 'usage',
      says: 'type: number 5002',
    });
    expectRefusal(scene.rebuild(FIRST, '--trust', scene.pin, '--sequence-floor', '0'), { status: 2, code: 'usage' });
    expectRefusal(scene.rebuild(FIRST, '--trust', scene.pin, '--sequence-floor', '9007199254740992'), {
      status: 2,
      code: 'usage',
    });
    expectRefusal(scene.rebuild(FIRST, '--trust', scene.pin, '--sequence-floor', '9007199254740991'), {
      status: 1,
      code: 'bundle-malformed',
      says: 'above issued_at',
    });
    expectRefusal(
      scene.cli(['init', 'example.net', 'authority', '--from-bundle', `published/${FIRST}`, '--trust', scene.pin]),
      {
        status: 1,
        code: 'domain-mismatch',
      },
    );
    const forged = readFileSync(scene.path(`published/${FIRST}`));
    forged[forged.length - 3] = (forged.at(-3) ?? 0) ^ 1;
    writeFileSync(scene.path('published/forged.cose'), forged);
    expectRefusal(scene.rebuild('forged.cose', '--trust', scene.pin), {
      status: 1,
      code: 'bad-signature',
    });
    expectRefusal(scene.cli(['init', 'example.org', 'authority', '--trust', scene.pin]), { status: 2, code: 'usage' });
    rmSync(scene.path('published/forged.cose'));
    expect(readTree(scene.folder)).toEqual(before);
    mustSucceed(scene.rebuild(FIRST, '--trust', scene.pin));
    expectRefusal(scene.rebuild(FIRST, '--trust', scene.pin), { status: 3, code: 'authority-exists' });
  });

  test('a key that is no credential’s is not attached; the authority stands without it', () => {
    const scene = lose(authorityWith('bundle'));
    const other = authorityWith('root');
    mustSucceed(other.cli(['root', 'rotate']));
    copyFileSync(join(other.dir, 'keys/root-2.age'), scene.path('backup/other.age'));
    const ended = scene.rebuild(FIRST, '--trust', scene.pin, '--key', `file:${scene.folder}/backup/other.age`);
    expectRefusal(ended, { status: 1, code: 'key-mismatch', says: 'the authority is rebuilt', hint: 'key attach' });
    expectRefusal(scene.cli(['bundle', 'export']), { status: 1, code: 'unknown-key', hint: 'key attach' });
    copyFileSync(scene.path('backup/root-1.age'), join(scene.dir, 'keys/root-1.age'));
    const attach = ['key', 'attach', 'file:keys/root-1.age'];
    const { json } = mustSucceed(scene.json(attach));
    expect(json).toMatchObject({ key: 'file:keys/root-1.age', belongs_to: `credentials/root-1.pem (${scene.pin})` });
    expectRefusal(scene.cli(attach), { status: 3, code: 'file-exists' });
    expectRefusal(scene.cli(['key', 'attach', `file:${scene.folder}/backup/root-1.age`]), {
      status: 3,
      code: 'file-exists',
    });
    renameSync(scene.path('backup/root-1.age'), scene.path('backup/again.age'));
    expectRefusal(scene.cli(['key', 'attach', `file:${scene.folder}/backup/again.age`]), {
      status: 1,
      code: 'key-on-record',
      says: 'keys/root-1.json',
    });
    mustSucceed(scene.cli(['bundle', 'export']));
  });

  toolTest(
    'faketime',
    'an expired bundle is taken with words only, and the next one heals what clients see',
    async () => {
      const scene = lose(authorityWith('bundle'));
      const under = ['faketime', '+200 days'];
      const init = ['init', 'example.org', 'authority', '--from-bundle', `published/${FIRST}`, '--trust', scene.pin];
      expectRefusal(scene.cli([...init, '--sequence-floor', '1'], { under }), {
        status: 2,
        code: 'usage',
        says: 'type: ',
      });
      const terminal = new Terminal(
        [...init, '--sequence-floor', '1', ...keyIn(scene), '--yes', '--passphrase-file', scene.passphraseFile],
        {
          cwd: scene.folder,
          columns: 300,
          under,
        },
      );
      await terminal.see('It has expired');
      await terminal.see(/\(type: [^)]*\)/);
      terminal.type(`${/\(type: ([^)]*)\)/.exec(terminal.text)?.[1] ?? ''}\r`);
      expect(await terminal.end()).toBe(0);
      expect(firstTranscript(scene)[2]).toMatchObject({ clients_say: 'bundle-expired' });
      mustSucceed(scene.cli(['bundle', 'export', '--out', 'next.cose'], { under }));
      const verify = ['bundle', 'verify', 'next.cose', '--last', `published/${FIRST}`];
      mustSucceed(cli(verify, { cwd: scene.folder, under }));
    },
  );

  toolTest('script', 'a person must say in words that it is the newest', async () => {
    const scene = lose(authorityWith('bundle'));
    const args = ['init', 'example.org', 'authority', '--from-bundle', `published/${FIRST}`, '--trust', scene.pin];
    const refused = new Terminal(args, { cwd: scene.folder, columns: 120 });
    await refused.answer('(type: this is the newest bundle)', 'yes');
    expect(await refused.end()).toBe(1);
    expect(Object.keys(readTree(scene.folder))).not.toContain('authority');
    const agreed = new Terminal(args, { cwd: scene.folder, columns: 120 });
    await agreed.answer('(type: this is the newest bundle)', 'this is the newest bundle');
    await agreed.see('The authority is rebuilt');
    expect(await agreed.end()).toBe(0);
  });

  softHsmTest('with keys in a token: each is found there, signs, and is compared with its credential', () => {
    const store = newStore();
    const made = authorityWith('bundle');
    const hsm = (args: readonly string[]): Ended =>
      made.cli(['--pin-file', store.pinFile, ...args], { env: store.env });
    const uri = keyUri('root-2');
    mustSucceed(hsm(['root', 'rotate', '--key', uri]));
    mustSucceed(hsm(['bundle', 'export']));
    copyFileSync(join(made.dir, 'credentials/root-2.pem'), made.path('root-2.pem'));
    const scene = lose(made);
    const second = 'published/bundle-000002.cose';
    const init = [
      'init',
      'example.org',
      'authority',
      '--from-bundle',
      second,
      '--sequence-floor',
      '2',
      '--trust',
      scene.pin,
      '--key',
      uri,
    ];
    const unnamed = hsm([...init, ...keyIn(scene)]);
    expectRefusal(unnamed, {
      status: 2,
      code: 'usage',
      says: 'type: a root that I do not',
    });
    mustSucceed(hsm([...init, ...keyIn(scene), '--trust', 'root-2.pem', '--threshold', '2']));
    cheapKeys(scene);
    const record = JSON.parse(readFileSync(join(scene.dir, 'keys/root-2.json'), 'utf8')) as JsonRecord;
    expect(record).toMatchObject({ uri, hsm: { origin: 'adopted', token: 'AS Root' } });
    mustSucceed(hsm(['intermediate', 'rotate']));
    mustSucceed(hsm(['bundle', 'export', '--out', '3.cose']));
    expect(scene.verify('3.cose', '--last', second)).toBe('valid');
    expect(scene.verify('3.cose', '--last', `published/${FIRST}`)).toBe('valid');
    mustSucceed(hsm(['intermediate', 'request', '--key', keyUri('intermediate-9')]));
    rmSync(join(scene.dir, 'keys/root-2.json'));
    expectRefusal(hsm(['key', 'attach', uri]), { status: 3, code: 'authority-damaged', says: 'keys/root-2.json' });
  });
});
