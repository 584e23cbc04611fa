/** The main job, from init to a verified bundle, as a script does it and as a person reads it. */
import { readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { cli, cliJson, type Ended, type JsonRecord, run } from '../../support/cli/cli.js';
import {
  authorityWith,
  mustSucceed,
  newAuthority,
  newFolder,
  readTree,
  type Scene,
} from '../../support/cli/cli-authority.js';
import { expectRefusal } from '../../support/cli/cli-errors.js';
import { toolTest } from '../../support/machine/tools.js';

const FINGERPRINT = /^[0-9a-f]{64}$/;
const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

const keysOf = (json: JsonRecord): string[] => Object.keys(json).sort();

/** Both forms of a time say the same. */
function expectTime(json: JsonRecord, name: string): void {
  expect(json[name]).toEqual(expect.stringMatching(RFC_3339));
  expect(Date.parse(String(json[name])) / 1000).toBe(json[`${name}_unix`]);
}

const VALIDITY = ['not_after', 'not_after_unix', 'not_before', 'not_before_unix'];

describe('with --json', () => {
  test('every command of the main job answers with the keys that scripts rely on', () => {
    const folder = newFolder();
    const init = mustSucceed(cliJson(['init', 'example.org', 'authority'], { cwd: folder }));
    expect(init.json).toMatchObject({ ok: true, dir: join(folder, 'authority') });
    expect(init.stderr).toBe('');

    const scene = newAuthority();
    const root = mustSucceed(scene.json(['root', 'generate'])).json;
    expect(keysOf(root)).toEqual(['file', 'fingerprint', ...VALIDITY, 'ok'].sort());
    expect(root).toMatchObject({ ok: true, file: join(scene.dir, 'credentials/root-1.pem') });
    expect(root.fingerprint).toEqual(expect.stringMatching(FINGERPRINT));
    expectTime(root, 'not_before');
    expectTime(root, 'not_after');

    const request = mustSucceed(scene.json(['intermediate', 'request', '--key', 'file:keys/intermediate-1.age'])).json;
    expect(keysOf(request)).toEqual(['file', ...VALIDITY, 'ok'].sort());
    expect(request.file).toBe(join(scene.dir, 'requests/intermediate-1.pem'));

    const check = mustSucceed(scene.json(['request', 'check', String(request.file)])).json;
    expect(check).toMatchObject({ ok: true, signer_fingerprint: root.fingerprint });

    const issued = mustSucceed(scene.json(['intermediate', 'issue', String(request.file)])).json;
    expect(keysOf(issued)).toEqual(['file', 'fingerprint', ...VALIDITY, 'ok'].sort());

    const bundle = mustSucceed(scene.json(['bundle', 'export', '--out', 'bundle.cose'])).json;
    expect(bundle).toMatchObject({
      ok: true,
      file: scene.path('bundle.cose'),
      sequence: 1,
      signers: [root.fingerprint],
    });
    expectTime(bundle, 'expires_at');

    const args = ['bundle', 'verify', 'bundle.cose', '--trust', String(root.fingerprint)];
    const verified = mustSucceed(cliJson(args, { cwd: scene.folder })).json;
    expect(verified).toMatchObject({
      ok: true,
      file: scene.path('bundle.cose'),
      sequence: 1,
      signers: [root.fingerprint],
      as_domain: 'example.org',
      as_credentials: [root.fingerprint],
      as_intermediate_credentials: [issued.fingerprint],
      revoked_certs: [],
    });
    expectTime(verified, 'expires_at');
  });

  test('verify, inspect, fingerprint and status too', () => {
    const scene = authorityWith('bundle');
    const rootFile = join(scene.dir, 'credentials/root-1.pem');
    const file = join(scene.dir, 'credentials/intermediate-1.pem');
    const prints = mustSucceed(cliJson(['fingerprint', rootFile, file])).json.credentials as readonly JsonRecord[];
    expect(prints.map(keysOf)).toEqual([
      ['file', 'fingerprint', 'hash', 'kind'],
      ['file', 'fingerprint', 'hash', 'kind'],
    ]);
    const [root, intermediate] = prints;
    expect(root).toMatchObject({ file: rootFile, kind: 'as_credential', hash: 'sha256' });

    const seen = mustSucceed(cliJson(['inspect', file])).json;
    expect(seen).toMatchObject({
      ok: true,
      kind: 'intermediate_as_credential',
      fingerprint: intermediate?.fingerprint,
      ciphersuite: 'ed25519-sha256',
      signer_fingerprint: root?.fingerprint,
      self_signature_valid: true,
    });
    expect(mustSucceed(cliJson(['inspect', rootFile])).json.as_domain).toBe('example.org');

    const verified = mustSucceed(cliJson(['verify', file, '--trust', rootFile])).json;
    expect(keysOf(verified)).toEqual(['chain', 'code', 'message', 'ok']);
    const chain = verified.chain as readonly JsonRecord[];
    expect(chain.map(({ kind }) => kind)).toEqual(['as_credential', 'intermediate_as_credential']);
    expect(chain.map(({ fingerprint }) => fingerprint)).toEqual([root?.fingerprint, intermediate?.fingerprint]);
    for (const link of chain) expectTime(link, 'not_after');

    const status = mustSucceed(scene.json(['status'])).json;
    expect(status).toMatchObject({ ok: true, as_domain: 'example.org' });
    expect(status.credentials).toMatchObject([
      { kind: 'as_credential', state: 'active', fingerprint: root?.fingerprint },
      { kind: 'intermediate_as_credential', state: 'active', fingerprint: intermediate?.fingerprint },
    ]);
    for (const one of status.credentials as readonly JsonRecord[]) {
      expectTime(one, 'issuing_deadline');
      expectTime(one, 'not_after');
    }
    for (const { action, ...due } of status.next as readonly JsonRecord[]) {
      expect(action).toEqual(expect.any(String));
      expectTime(due, 'by');
    }
  });
});

/** What a person reads; each must be there, and stdout must be no JSON. */
const READABLE: readonly [readonly string[], RegExp][] = [
  [['root', 'generate'], /fingerprint {2}[0-9a-f]{64}\n(.*\n)* {4}[0-9a-f]{4} /],
  [
    ['intermediate', 'request', '--key', 'file:keys/intermediate-1.age'],
    /The request is made: \/.*intermediate-1\.pem/,
  ],
  [['request', 'check', 'authority/requests/intermediate-1.pem'], /would be issued/],
  [['intermediate', 'issue', 'authority/requests/intermediate-1.pem'], /fingerprint {2}[0-9a-f]{64}/],
  [['bundle', 'export'], /Bundle 1 is signed/],
  [['status'], /newest bundle +bundles\/bundle-000001\.cose, sequence 1/],
];

test('as text: results on stdout, the preview before signing on stderr', () => {
  const scene = newAuthority();
  for (const [args, expected] of READABLE) {
    const { stdout, stderr } = mustSucceed(scene.cli(args));
    expect(stdout).toMatch(expected);
    expect(stdout + stderr).not.toContain('\u001b');
    const signs = ['generate', 'request --key', 'issue', 'export'].some((word) => args.join(' ').includes(word));
    expect(stderr.includes('Then:\n  - ')).toBe(signs);
    expect(stdout).not.toContain('Then:');
  }
});

test.each(['p521-sha512'])('%s from init to verify', (suite) => {
  const scene = newAuthority('example.org', (yaml) => yaml.replace(/^ciphersuite: .*$/m, `ciphersuite: ${suite}`));
  const root = mustSucceed(scene.json(['root', 'generate'])).json;
  mustSucceed(scene.cli(['intermediate', 'request', '--key', 'file:keys/intermediate-1.age']));
  mustSucceed(scene.cli(['intermediate', 'issue', 'authority/requests/intermediate-1.pem']));
  mustSucceed(scene.cli(['bundle', 'export', '--out', 'bundle.cose']));
  mustSucceed(cli(['bundle', 'verify', scene.path('bundle.cose'), '--trust', String(root.fingerprint)]));
  const trusted = ['--trust', String(root.fingerprint), '--bundle', scene.path('bundle.cose')];
  mustSucceed(cli(['verify', join(scene.dir, 'credentials/intermediate-1.pem'), ...trusted]));
});

describe('on disk', () => {
  const scene = authorityWith('bundle');
  const names = (folder: string): string[] => readdirSync(join(scene.dir, folder)).sort();

  test('every file has its name, and key files are for their owner alone', () => {
    expect(readdirSync(scene.dir).sort()).toEqual([
      'authority.yaml',
      ...['bundles', 'credentials', 'keys', 'requests', 'revocations', 'transcripts'],
    ]);
    expect(names('credentials')).toEqual(['intermediate-1.pem', 'root-1.pem']);
    expect(names('keys')).toEqual(['intermediate-1.age', 'intermediate-1.json', 'root-1.age', 'root-1.json']);
    for (const [name, described] of Object.entries(readTree(scene.dir))) {
      expect(`${name}: ${described.split(' ')[1] ?? ''}`).toBe(
        `${name}: ${name.endsWith('.age') ? '600' : described.startsWith('folder') ? '755' : '644'}`,
      );
    }
  });

  test('with a umask that gives everything away, key files are still 0600', () => {
    const open = newAuthority();
    const old = process.umask(0);
    try {
      mustSucceed(open.cli(['root', 'generate']));
    } finally {
      process.umask(old);
    }
    expect(statSync(join(open.dir, 'keys/root-1.age')).mode & 0o777).toBe(0o600);
  });

  toolTest('jq', 'transcripts are linked, line to line and file to file, as sha256sum and jq see them', () => {
    let head = '0'.repeat(64);
    for (const name of names('transcripts')) {
      const file = join(scene.dir, 'transcripts', name);
      const script = `jq -r .previous_transcript "$1" | head -1; tail -1 "$1" | tr -d '\\n' | sha256sum | cut -c-64`;
      const [previous, own] = sh(script, file).split('\n');
      expect(previous).toBe(head);
      let prev = '0'.repeat(64);
      for (const line of readFileSync(file, 'utf8').trimEnd().split('\n')) {
        expect(sh('printf %s "$1" | jq -r .prev', line)).toBe(prev);
        prev = sh('printf %s "$1" | sha256sum | cut -c-64', line);
      }
      expect(prev).toBe(own);
      head = own ?? '';
    }
  });

  test('the transcripts name every file with its hash, and no key file', () => {
    const tree = readTree(scene.dir);
    const named = new Map<string, string>();
    for (const name of names('transcripts')) {
      for (const line of readFileSync(join(scene.dir, 'transcripts', name), 'utf8')
        .trimEnd()
        .split('\n')) {
        const { files = [] } = JSON.parse(line) as { files?: { path: string; sha256: string }[] };
        for (const { path, sha256 } of files) named.set(path, sha256);
      }
    }
    const kept = Object.keys(tree).filter(
      (name) => tree[name]?.startsWith('file') === true && !/^transcripts\/|\.age$|^authority\.yaml$/.test(name),
    );
    expect([...named.keys()].sort()).toEqual([...kept, 'authority.yaml'].sort());
    for (const name of kept) expect(tree[name]).toBe(`file 644 ${named.get(name) ?? ''}`);
  });
});

describe('a copy with --out', () => {
  const request = ['intermediate', 'request', '--key', 'file:keys/intermediate-2.age'];
  const commands: readonly (readonly string[])[] = [
    request,
    ['intermediate', 'issue', 'authority/requests/intermediate-1.pem'],
    ['intermediate', 'rotate'],
    ['bundle', 'export'],
  ];

  test.each(commands)('%s %s: refused inside the authority before a key is opened', (...args) => {
    const scene = authorityWith('request');
    symlinkSync(scene.dir, scene.path('link'));
    const before = readTree(scene.folder);
    for (const out of ['authority/x', 'authority/bundles/x', 'link/keys/x.age', 'authority/authority.yaml']) {
      const ended = cli(['-C', scene.dir, ...args, '--yes', '--passphrase-file', 'none', '--out', out], {
        cwd: scene.folder,
      });
      expectRefusal(ended, { status: 2, code: 'usage', says: 'inside the authority', hint: 'outside' });
    }
    expect(readTree(scene.folder)).toEqual(before);
  });

  test('is refused there too if the authority is the current folder', () => {
    const scene = authorityWith('root');
    const before = readTree(scene.folder);
    const ended = cli(['bundle', 'export', '--yes', '--out', 'bundle.cose'], { cwd: scene.dir });
    expectRefusal(ended, { status: 2, code: 'usage', says: 'inside the authority' });
    expect(readTree(scene.folder)).toEqual(before);
  });

  test('is named before the yes', () => {
    const scene = authorityWith('root');
    const expected = (name: string): string => `  - a copy is written to ${scene.path(name)}\n`;
    const asked = mustSucceed(scene.cli([...request, '--lifetime', 'P300D', '--out', 'request.pem']));
    expect(asked.stderr).toContain(expected('request.pem'));
    const issued = mustSucceed(scene.cli(['intermediate', 'issue', 'request.pem', '--out', 'issued.pem']));
    expect(issued.stderr).toContain(expected('issued.pem'));
    const rotated = mustSucceed(scene.cli(['intermediate', 'rotate', '--out', 'next.pem']));
    expect(rotated.stderr.split(expected('next.pem'))).toHaveLength(2);
    const exported = mustSucceed(scene.cli(['bundle', 'export', '--out', 'bundle.cose', '--out-dir', 'web']));
    expect(exported.stderr).toContain(expected('bundle.cose'));
    expect(exported.stderr).toContain(`  - the folder ${scene.path('web')} is made, for a web server\n`);
  });
});

describe('nothing is overwritten', () => {
  const refusals: readonly [string, (scene: Scene) => Ended, 1 | 3, string][] = [
    ['init where an authority is', ({ dir }) => cli(['init', 'example.net', dir]), 3, 'authority-exists'],
    ['a second root', (scene) => scene.cli(['root', 'generate']), 1, 'root-exists'],
    ['--out on an existing file', (s) => s.cli(['bundle', 'export', '--out', 'passphrase']), 3, 'file-exists'],
    ['--out on a folder', (s) => s.cli(['bundle', 'export', '--out', 'authority']), 3, 'file-exists'],
    ['an existing key file', (s) => s.cli(['intermediate', 'request', '--key', 'file:keys/root-1.age']), 1, 'policy'],
  ];
  test.each(refusals)('%s', (_name, act, status, code) => {
    const scene = authorityWith('bundle');
    const before = readTree(scene.folder);
    expectRefusal(act(scene), { status, code });
    expect(readTree(scene.folder)).toEqual(before);
  });
});

function sh(script: string, argument: string): string {
  return mustSucceed(run(['sh', '-c', script, 'sh', argument])).stdout.trimEnd();
}
