/**
 * Bundles signed in stages: each root at its own site, with a copy of the public authority or with nothing, and
 * everything that can go wrong between.
 */
import { copyFileSync, cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { openAuthority } from '../../../src/authority/authority.js';
import { applyChange } from '../../../src/authority/store.js';
import { cli } from '../../support/cli/cli.js';
import {
  authorityWith,
  mustSucceed,
  newAuthority,
  newFolder,
  readTree,
  type Scene,
} from '../../support/cli/cli-authority.js';
import { expectRefusal } from '../../support/cli/cli-errors.js';
import { Terminal } from '../../support/cli/cli-terminal.js';
import { headOf, siteWith } from '../../support/cli/courier.js';

type Json = Readonly<Record<string, unknown>>;

/** What one site made goes on record at the other. */
function update(to: string, from: string): void {
  mustSucceed(cli(['-C', to, 'ledger', 'receive', from, '--their-head', headOf(from), '--yes', '--quiet']));
  expect(cli(['-C', to, 'ledger', 'receive', from, '--yes', '--json']).stdout).toMatch('"code":"nothing-new"');
}

function at(scene: Scene, dir: string, ...args: string[]) {
  return cli(['-C', dir, ...args, '--yes', '--quiet', '--passphrase-file', scene.passphraseFile], {
    cwd: scene.folder,
  });
}

function json(scene: Scene, dir: string, ...args: string[]): Json {
  return JSON.parse(mustSucceed(at(scene, dir, ...args, '--json')).stdout) as Json;
}

function verdict(scene: Scene, ...args: string[]): string {
  const { stdout } = cli(['bundle', 'verify', ...args, '--json'], { cwd: scene.folder });
  return (JSON.parse(stdout) as { code?: string }).code ?? 'valid';
}

function fingerprintOf(scene: Scene, file: string): string {
  const { json: shown } = mustSucceed(scene.json(['fingerprint', `authority/credentials/${file}`]));
  return (shown.credentials as { fingerprint: string }[])[0]?.fingerprint ?? '';
}

interface Sites {
  readonly scene: Scene;
  readonly a: string;
  readonly b: string;
}

let template: Scene | undefined;

/**
 * Two roots, both listed since bundle 1; site A (which keeps the history) has the key of the one, site B that of the
 * other.
 */
function sites(): Sites {
  if (template === undefined) {
    template = newAuthority();
    mustSucceed(template.cli(['root', 'generate', '--twin', 'file:keys/root-2.age', '--twin-listed']));
    mustSucceed(template.cli(['intermediate', 'request', '--key', 'file:keys/intermediate-1.age']));
    mustSucceed(template.cli(['intermediate', 'issue', 'authority/requests/intermediate-1.pem']));
    mustSucceed(template.cli(['bundle', 'export', '--threshold', '2']));
  }
  const folder = newFolder();
  cpSync(template.folder, folder, { recursive: true });
  const moved = (text: string): string => text.replace(template?.folder ?? '', folder);
  const path = (name: string): string => join(folder, name);
  const { passphraseFile, dir } = template;
  const run: Scene = {
    folder,
    dir: moved(dir),
    passphraseFile: moved(passphraseFile),
    path,
    cli: (args) => at(run, run.dir, ...args),
    json: (args) => {
      const ended = at(run, run.dir, ...args, '--json');
      return { ...ended, json: JSON.parse(ended.stdout) as Json };
    },
  };
  return { scene: run, a: siteWith(run, 'a', ['root-1.age']), b: siteWith(run, 'b', ['root-2.age']) };
}

/** Prepared at A, and signed at both. The signature files, A's first. */
function signedAtBoth({ scene, a, b }: Sites, out = '2.prepared', ...more: string[]): readonly [string, string] {
  mustSucceed(at(scene, a, 'bundle', 'prepare', '--out', out, ...more));
  const [atA, atB] = [a, b].map((dir) => String(json(scene, dir, 'bundle', 'sign', out).file));
  return [atA ?? '', atB ?? ''];
}

describe('two sites, each with a copy of the public authority', () => {
  let site: Sites;
  let files: readonly [string, string];
  beforeAll(() => {
    site = sites();
    files = signedAtBoth(site);
  }, 120_000);

  test('prepared at one, signed at both, assembled: what export would have made, and on record at each', () => {
    const { scene, a, b } = site;
    const before = readTree(b);
    const made = json(scene, a, 'bundle', 'assemble', '2.prepared', ...files, '--out', '2.cose', '--out-dir', 'web');
    expect(made).toMatchObject({ out_dir: scene.path('web') });
    expect(readdirSync(scene.path('web'))).toEqual(expect.arrayContaining(['index.html', 'SHA256SUMS']));
    expect(made).toMatchObject({ ok: true, sequence: 2, file: scene.path('2.cose') });
    const roots = [fingerprintOf(scene, 'root-1.pem'), fingerprintOf(scene, 'root-2.pem')];
    expect([...(made.signers as string[])].sort()).toEqual([...roots].sort());
    expect(verdict(scene, '2.cose', '--last', 'a/bundles/bundle-000001.cose')).toBe('valid');
    expect(verdict(scene, '2.cose', '--threshold', '2', ...roots.flatMap((root) => ['--trust', root]))).toBe('valid');
    const events = (dir: string): string[] =>
      readdirSync(join(dir, 'transcripts')).filter((name) => /-bundle-(sign|assemble|prepare)/.test(name));
    expect(events(a).map((name) => name.slice(5))).toEqual(['bundle-sign.jsonl', 'bundle-assemble.jsonl']);
    expect(events(b).map((name) => name.slice(5))).toEqual(['bundle-sign.jsonl']);
    // Once it is there, nothing is left to sign or to assemble.
    expectRefusal(at(scene, a, 'bundle', 'assemble', '2.prepared', ...files), { status: 1, code: 'prepared-stale' });
    expectRefusal(at(scene, a, 'bundle', 'sign', '2.prepared', '--out', 'x'), { status: 1, code: 'prepared-stale' });
    expect(readTree(b)).toEqual(before);
    // Site B goes on from there once it has the bundle.
    update(b, a);
    mustSucceed(at(scene, b, 'bundle', 'prepare', '--out', '3.prepared'));
  });

  test('the preview, the same words at both, and yes', async () => {
    const { scene, b } = sites();
    mustSucceed(at(scene, scene.path('a'), 'bundle', 'prepare', '--out', '2.prepared'));
    const words = json(scene, scene.path('a'), 'bundle', 'prepare', '--out', 'again.prepared').words as string[];
    expect(words).toHaveLength(32);
    const terminal = new Terminal(['-C', b, 'bundle', 'sign', '2.prepared'], { cwd: scene.folder });
    await terminal.see('Bundle 2 of example.org');
    await terminal.see('SHA-256 of the file');
    await terminal.see('in words');
    await terminal.see('signed here by');
    await terminal.answer('type yes', 'no');
    expect(await terminal.end()).toBe(1);
    expect(readdirSync(scene.folder).filter((name) => name.endsWith('.sig'))).toEqual([]);
  });

  test('a series: one opening of each key, one file of signatures each', () => {
    const own = sites();
    const { scene, a } = own;
    const [first, second] = signedAtBoth(own, 'series.prepared', '--series', '3');
    const made = json(scene, a, 'bundle', 'assemble', 'series.prepared', second, first);
    expect(made.files).toHaveLength(3);
    expect(verdict(scene, 'a/bundles/bundle-000002.cose', '--last', 'a/bundles/bundle-000001.cose')).toBe('valid');
    const later = ['--at', String(Math.floor(Date.now() / 1000) + 181 * 86_400)];
    expect(verdict(scene, 'a/bundles/bundle-000004.cose', '--last', 'a/bundles/bundle-000001.cose', ...later)).toBe(
      'valid',
    );
  });
});

describe('what is refused between the stages', () => {
  let site: Sites;
  let files: readonly [string, string];
  beforeAll(() => {
    site = sites();
    files = signedAtBoth(site);
  }, 120_000);
  const assemble = (...args: string[]) => at(site.scene, site.a, 'bundle', 'assemble', ...args);

  test('files swapped, cut off, empty, or changed by one bit', () => {
    const { scene } = site;
    const path = scene.path('damaged');
    const cases: [string, string, string[]][] = [
      ['prepared-malformed', 'it is a file of signatures', [files[0], files[1]]],
      ['signatures-malformed', 'it is a prepared bundle', ['2.prepared', '2.prepared', files[1]]],
      ['prepared-malformed', '', ['a/bundles/bundle-000001.cose', ...files]],
    ];
    for (const [code, says, args] of cases) expectRefusal(assemble(...args), { status: 1, code, says });
    const [prepared, signature] = [readFileSync(scene.path('2.prepared')), readFileSync(files[1])];
    for (const [bytes, code, args] of [
      [prepared.subarray(0, -1), 'prepared-malformed', ['damaged', ...files]],
      [Buffer.alloc(0), 'prepared-malformed', ['damaged', ...files]],
      [Buffer.concat([prepared, Buffer.of(0)]), 'prepared-malformed', ['damaged', ...files]],
      [signature.subarray(0, -1), 'signatures-malformed', ['2.prepared', files[0], 'damaged']],
      [Buffer.concat([signature, Buffer.of(0)]), 'signatures-malformed', ['2.prepared', files[0], 'damaged']],
    ] as const) {
      writeFileSync(path, bytes);
      expectRefusal(assemble(...args), { status: 1, code });
    }
    // The signature is the last but one thing in the map: a bit of it, and a bit of the prepared file's hash.
    const flip = (at_: number): void => {
      const copy = Buffer.from(signature);
      copy[at_] = (copy[at_] ?? 0) ^ 1;
      writeFileSync(path, copy);
    };
    const kid = fingerprintOf(scene, 'root-2.pem');
    flip(signature.indexOf(Buffer.from(kid, 'hex')) + 3);
    expectRefusal(assemble('2.prepared', files[0], 'damaged'), { status: 1, code: 'not-asked' });
    const hash = String(json(scene, site.b, 'bundle', 'sign', '2.prepared', '--out', 'again.sig').prepared_sha256);
    flip(signature.indexOf(Buffer.from(hash, 'hex')) + 3);
    expectRefusal(assemble('2.prepared', files[0], 'damaged'), { status: 1, code: 'signature-of-another' });
    flip(signature.indexOf(Buffer.of(0x58, 64)) + 10);
    expectRefusal(assemble('2.prepared', files[0], 'damaged'), { status: 1, code: 'bad-signature', says: /^damaged/ });
  });

  test('one missing, one twice, and none', () => {
    const missing = fingerprintOf(site.scene, 'root-2.pem');
    expectRefusal(assemble('2.prepared', files[0]), { status: 1, code: 'signature-missing', says: missing });
    expectRefusal(assemble('2.prepared', files[0], files[0], files[1]), { status: 2, code: 'usage', says: 'both by' });
    expectRefusal(assemble('2.prepared'), { status: 2, code: 'usage' });
  });

  test('a signature of another payload, and one of another authority', () => {
    const { scene, a } = site;
    mustSucceed(at(scene, a, 'bundle', 'prepare', '--out', 'other.prepared', '--lifetime', '90d'));
    expectRefusal(assemble('other.prepared', ...files), { status: 1, code: 'signature-of-another' });
    const foreign = newAuthority('example.net');
    mustSucceed(foreign.cli(['root', 'generate']));
    expectRefusal(foreign.cli(['bundle', 'sign', scene.path('2.prepared')]), { status: 1, code: 'domain-mismatch' });
    expectRefusal(foreign.cli(['bundle', 'assemble', scene.path('2.prepared'), ...files]), {
      status: 1,
      code: 'domain-mismatch',
    });
    // The same domain, and other roots.
    const twin = authorityWith('bundle');
    expectRefusal(twin.cli(['bundle', 'sign', scene.path('2.prepared')]), { status: 1, code: 'prepared-stale' });
  });

  test('a root that is not asked, a key that is not here, and a name that is taken', () => {
    const { scene, a, b } = site;
    const sign = (dir: string, ...more: string[]) => at(scene, dir, 'bundle', 'sign', '2.prepared', ...more);
    expectRefusal(sign(b, '--root', 'intermediate-1'), { status: 1, code: 'not-asked' });
    expectRefusal(sign(b, '--root', 'ab'.repeat(32)), { status: 1, code: 'not-asked' });
    expectRefusal(sign(b, '--root', 'root-1', '--out', 'x'), { status: 3, code: 'file-not-found' });
    expectRefusal(sign(b), { status: 3, code: 'file-exists' });
    expectRefusal(sign(b, '--last', 'a/bundles/bundle-000001.cose', '--out', 'x'), { status: 2, code: 'usage' });
    expectRefusal(sign(a, '--root', 'root-1', '--key', 'file:keys/root-2.age', '--out', 'x'), {
      status: 3,
      code: 'file-not-found',
    });
    const nobody = siteWith(scene, 'nobody', []);
    expectRefusal(sign(nobody, '--out', 'x'), { status: 2, code: 'usage', says: 'no key of a root' });
    mustSucceed(sign(nobody, '--root', 'root-2', '--key', `file:${b}/keys/root-2.age`, '--out', 'fits'));
    expectRefusal(sign(nobody, '--root', 'root-2', '--key', `file:${a}/keys/root-1.age`, '--out', 'x'), {
      status: 1,
      code: 'key-mismatch',
    });
    expect(existsSync(scene.path('x'))).toBe(false);
  });

  test('nothing is written into the authority, and a site that wants a plan signs nothing without one', () => {
    const { scene, a, b } = sites();
    const inside = { status: 2, code: 'usage', says: 'inside the authority' } as const;
    expectRefusal(at(scene, a, 'bundle', 'prepare', '--out', 'a/2.prepared'), inside);
    mustSucceed(at(scene, a, 'bundle', 'prepare', '--out', '2.prepared'));
    expectRefusal(at(scene, b, 'bundle', 'sign', '2.prepared', '--out', 'b/2.sig'), inside);
    const settings = join(b, 'authority.yaml');
    writeFileSync(settings, readFileSync(settings, 'utf8').replace('require_plan: false', 'require_plan: true'));
    const before = readTree(b);
    expectRefusal(at(scene, b, 'bundle', 'sign', '2.prepared'), { status: 1, code: 'plan-required' });
    expect(readTree(b)).toEqual(before);
  });

  test('never two payloads of one number in silence', () => {
    const { scene, a, b } = site;
    mustSucceed(at(scene, a, 'bundle', 'prepare', '--out', 'second.prepared', '--lifetime', '100d', '--sequence', '2'));
    const sign = (...more: string[]) =>
      at(scene, b, 'bundle', 'sign', 'second.prepared', '--out', 'second.sig', ...more);
    expectRefusal(sign(), { status: 1, code: 'signed-otherwise', says: 'another bundle 2', hint: '--anew' });
    // What A itself has signed counts too: its next number leaves room for whoever holds that one.
    const next = json(scene, a, 'bundle', 'prepare', '--out', 'next.prepared');
    expect(next.sequence).toBe(4);
    mustSucceed(at(scene, b, 'bundle', 'sign', 'next.prepared'));
    const anew = ['-C', b, 'bundle', 'sign', 'second.prepared', '--out', 'second.sig', '--anew', '--yes'];
    const ended = cli([...anew, '--passphrase-file', scene.passphraseFile], { cwd: scene.folder });
    expectRefusal(ended, { status: 2, code: 'usage', says: 'type: sign a second one)' });
    expect(ended.stderr).toContain('This root has signed another bundle 2.');
  });

  test('--anew requires more than a yes', async () => {
    const { scene, a, b } = site;
    mustSucceed(at(scene, a, 'bundle', 'prepare', '--out', 'third.prepared', '--lifetime', '101d', '--sequence', '2'));
    const terminal = new Terminal(['-C', b, 'bundle', 'sign', 'third.prepared', '--anew'], { cwd: scene.folder });
    await terminal.answer('type: sign a second one', 'yes');
    expect(await terminal.end()).toBe(1);
  });
});

describe('a copy that is behind, ahead, or of another mind', () => {
  test('behind: what it lacks is named, and it signs once it has been brought up to date', () => {
    const { scene, a, b } = sites();
    mustSucceed(at(scene, a, 'revoke', 'intermediate-1', '--reason', 'superseded'));
    const fallen = fingerprintOf(scene, 'intermediate-1.pem');
    mustSucceed(at(scene, a, 'bundle', 'prepare', '--out', '2.prepared'));
    const before = readTree(b);
    const ended = at(scene, b, 'bundle', 'sign', '2.prepared');
    expectRefusal(ended, {
      status: 1,
      code: 'prepared-differs',
      says: `it revokes a credential that is not revoked here: ${fallen}`,
      hint: 'ledger receive',
    });
    expect(readTree(b)).toEqual(before);
    update(b, a);
    mustSucceed(at(scene, b, 'bundle', 'sign', '2.prepared'));
  });

  test('behind by a bundle, or ahead by one', () => {
    const own = sites();
    const { scene, a, b } = own;
    const files = signedAtBoth(own);
    mustSucceed(at(scene, a, 'bundle', 'prepare', '--out', 'late.prepared', '--sequence', '2', '--lifetime', '90d'));
    mustSucceed(at(scene, a, 'bundle', 'assemble', '2.prepared', ...files));
    mustSucceed(at(scene, a, 'bundle', 'prepare', '--out', '3.prepared'));
    expectRefusal(at(scene, b, 'bundle', 'sign', '3.prepared'), {
      status: 1,
      code: 'prepared-stale',
      says: 'follows bundle 2, and the newest here is 1',
    });
    update(b, a);
    mustSucceed(at(scene, b, 'bundle', 'sign', '3.prepared'));
    expectRefusal(at(scene, b, 'bundle', 'sign', 'late.prepared'), {
      status: 1,
      code: 'prepared-stale',
      says: 'bundle 2 is here already',
    });
  });

  test('a revocation that the preparing site leaves out is missed where it is known', () => {
    const { scene, a, b } = sites();
    const unknown = 'cd'.repeat(32);
    mustSucceed(at(scene, b, 'revoke', unknown, '--unknown', '--reason', 'key-compromise'));
    mustSucceed(at(scene, a, 'bundle', 'prepare', '--out', '2.prepared'));
    expectRefusal(at(scene, b, 'bundle', 'sign', '2.prepared'), {
      status: 1,
      code: 'prepared-differs',
      says: `it does not revoke a credential that is revoked here: ${unknown}`,
    });
  });

  test('what was issued meanwhile is a remark when it is assembled; what was revoked is not', () => {
    const own = sites();
    const { scene, a } = own;
    const files = signedAtBoth(own);
    const asked = json(
      scene,
      a,
      'intermediate',
      'request',
      '--key',
      'file:keys/intermediate-2.age',
      '--signer',
      'root-1',
    );
    mustSucceed(at(scene, a, 'intermediate', 'issue', String(asked.file)));
    const tried = siteWith({ ...scene, dir: a }, 'tried', ['root-1.age', 'intermediate-1.age']);
    mustSucceed(at(scene, tried, 'revoke', 'intermediate-1', '--reason', 'key-compromise'));
    expectRefusal(at(scene, tried, 'bundle', 'assemble', '2.prepared', ...files), {
      status: 1,
      code: 'prepared-differs',
    });
    const { stderr } = mustSucceed(
      cli(['-C', a, 'bundle', 'assemble', '2.prepared', ...files, '--yes'], { cwd: scene.folder }),
    );
    expect(stderr).toMatch(/warning: It was prepared before this: .*an intermediate that this copy would list/);
  });
});

test('a laptop with nothing but the key: what clients hold is shown to it, and the words are compared by voice', () => {
  const { scene, a, b } = sites();
  mustSucceed(at(scene, a, 'bundle', 'prepare', '--out', '2.prepared'));
  const first = String(json(scene, a, 'bundle', 'sign', '2.prepared').file);
  const laptop = scene.path('laptop');
  mustSucceed(cli(['init', 'example.org', laptop]));
  copyFileSync(join(b, 'keys', 'root-2.age'), join(laptop, 'keys', 'root-2.age'));
  const kid = fingerprintOf(scene, 'root-2.pem');
  const sign = (...more: string[]) =>
    at(scene, laptop, 'bundle', 'sign', '2.prepared', '--key', 'file:keys/root-2.age', ...more);
  expectRefusal(sign(), { status: 2, code: 'usage', says: 'holds no bundle', hint: '--last' });
  const last = ['--last', 'a/bundles/bundle-000001.cose'];
  expectRefusal(sign(...last), { status: 2, code: 'usage', hint: kid });
  writeFileSync(
    scene.path('changed.cose'),
    Buffer.concat([readFileSync(join(a, 'bundles/bundle-000001.cose')), Buffer.of(0)]),
  );
  expectRefusal(sign('--last', 'changed.cose', '--root', kid), { status: 1, code: 'bundle-malformed' });
  const { stderr } = mustSucceed(
    cli(
      [
        '-C',
        laptop,
        'bundle',
        'sign',
        '2.prepared',
        '--root',
        kid.slice(0, 8),
        '--key',
        'file:keys/root-2.age',
        ...last,
        '--yes',
        '--passphrase-file',
        scene.passphraseFile,
      ],
      { cwd: scene.folder },
    ),
  );
  expect(stderr).toContain('This folder holds nothing of the authority');
  const second = scene.path(`2.prepared.${kid.slice(0, 16)}.sig`);
  mustSucceed(at(scene, a, 'bundle', 'assemble', '2.prepared', first, second));
  // It remembers.
  mustSucceed(at(scene, scene.dir, 'bundle', 'prepare', '--out', 'other.prepared', '--lifetime', '90d'));
  expectRefusal(
    at(scene, laptop, 'bundle', 'sign', 'other.prepared', '--root', kid, '--key', 'file:keys/root-2.age', ...last),
    { status: 1, code: 'signed-otherwise' },
  );
});

test('a root that is revoked by another signs its own end at its own site', () => {
  const scene = authorityWith('bundle');
  mustSucceed(scene.cli(['root', 'rotate']));
  const a = siteWith(scene, 'a', ['root-1.age']);
  const b = siteWith(scene, 'b', ['root-2.age']);
  mustSucceed(at(scene, b, 'revoke', 'root-1', '--reason', 'superseded'));
  const prepared = json(scene, b, 'bundle', 'prepare', '--out', '2.prepared');
  expect(prepared.signers).toHaveLength(2);
  const own = String(json(scene, b, 'bundle', 'sign', '2.prepared').file);
  expectRefusal(at(scene, a, 'bundle', 'sign', '2.prepared'), { status: 1, code: 'prepared-differs' });
  // Whose end it is says so at its own site too: what came along is no reason.
  mustSucceed(at(scene, a, 'revoke', 'root-1', '--reason', 'superseded'));
  const other = String(json(scene, a, 'bundle', 'sign', '2.prepared').file);
  const made = json(scene, b, 'bundle', 'assemble', '2.prepared', own, other, '--out', '2.cose');
  expect(made.signers).toHaveLength(2);
  const last = ['--last', 'authority/bundles/bundle-000001.cose'];
  expect(verdict(scene, '2.cose', ...last)).toBe('valid');
});

describe('what another site made is taken over', () => {
  test('only from the same authority, complete, and if nothing contradicts it', () => {
    const scene = authorityWith('intermediate');
    const [a, b] = [siteWith(scene, 'a', ['root-1.age']), siteWith(scene, 'b', ['root-1.age'])];
    mustSucceed(at(scene, a, 'bundle', 'export'));
    mustSucceed(at(scene, b, 'bundle', 'export', '--lifetime', '90d'));
    const before = readTree(b);
    expectRefusal(at(scene, b, 'ledger', 'receive', a), {
      status: 1,
      code: 'sites-differ',
      says: 'bundle-000001.cose',
    });
    mustSucceed(cli(['init', 'elsewhere.example', scene.path('other')]));
    const other = at(scene, b, 'ledger', 'receive', scene.path('other'));
    expectRefusal(other, { status: 1, code: 'domain-mismatch', says: 'elsewhere.example' });
    rmSync(join(a, 'transcripts', readdirSync(join(a, 'transcripts')).sort().at(-1) ?? ''));
    expectRefusal(at(scene, b, 'ledger', 'receive', a), {
      status: 3,
      code: 'authority-damaged',
      says: 'no transcript',
    });
    expect(readTree(b)).toEqual(before);
  });

  test('both revoked the same in their own words: it stays revoked, and they sign together', () => {
    const { scene, a, b } = sites();
    const unknown = 'cd'.repeat(32);
    mustSucceed(at(scene, a, 'revoke', unknown, '--unknown', '--reason', 'superseded'));
    mustSucceed(at(scene, b, 'revoke', unknown, '--unknown', '--reason', 'key-compromise'));
    mustSucceed(at(scene, b, 'revoke', 'ef'.repeat(32), '--unknown', '--reason', 'key-compromise'));
    update(a, b);
    mustSucceed(at(scene, a, 'bundle', 'prepare', '--out', 'less.prepared'));
    expectRefusal(at(scene, b, 'bundle', 'sign', 'less.prepared'), {
      status: 1,
      code: 'prepared-differs',
      says: 'key-compromise has another reason',
    });
    mustSucceed(at(scene, b, 'bundle', 'prepare', '--out', '2.prepared'));
    for (const site of [a, b]) mustSucceed(at(scene, site, 'bundle', 'sign', '2.prepared', '--out', `${site}.sig`));
    mustSucceed(at(scene, a, 'bundle', 'assemble', '2.prepared', `${a}.sig`, `${b}.sig`));
  });

  test('where keys are and which were destroyed is never taken over', () => {
    const { scene, a, b } = sites();
    mustSucceed(at(scene, b, 'key', 'destroy', 'root-1', '--unproved', '--end-of-service'));
    mustSucceed(at(scene, b, 'intermediate', 'request', '--key', 'file:keys/spy.age'));
    expectRefusal(at(scene, a, 'ledger', 'receive', b), { status: 1, code: 'nothing-new' });
    mustSucceed(at(scene, b, 'revoke', 'cd'.repeat(32), '--unknown', '--reason', 'superseded'));
    update(a, b);
    expect(readdirSync(join(a, 'keys')).filter((name) => /spy|destroy/.test(name))).toEqual([]);
    mustSucceed(at(scene, a, 'key', 'verify', 'root-1'));
  });

  test('what does not go together, or does not verify, is not taken over', async () => {
    const { scene, a, b } = sites();
    const bundle = 'bundles/bundle-000001.cose';
    const before = readTree(a);
    const forge = async (path: string, bytes: Uint8Array): Promise<void> => {
      const operation = 'ledger receive';
      const events = [{ event: 'received', fields: { head: '0'.repeat(64) } }] as const;
      const writer = { toolVersion: 'x', hostName: 'spy' };
      const files = [{ path, bytes }];
      applyChange(await openAuthority(b), {
        operation,
        files,
        events,
        atSeconds: Math.floor(Date.now() / 1000),
        recordIn: { writer },
      });
    };
    const saved = `${b}-saved`;
    cpSync(b, saved, { recursive: true });
    const flipped = readFileSync(join(b, bundle));
    flipped[flipped.length - 1] = (flipped.at(-1) ?? 0) ^ 1;
    const intermediate = readFileSync(join(b, 'credentials/intermediate-1.pem'), 'utf8').split('\n');
    const signature = Buffer.from(intermediate.slice(1, -2).join(''), 'base64');
    signature[signature.length - 1] = (signature.at(-1) ?? 0) ^ 1;
    const body = signature.toString('base64').replace(/.{64}(?=.)/g, '$&\n');
    const forged = `${intermediate[0] ?? ''}\n${body}\n${intermediate.at(-2) ?? ''}\n`;
    for (const [path, bytes] of [
      ['bundles/bundle-000002.cose', flipped],
      ['credentials/intermediate-2.pem', Buffer.from(forged)],
    ] as const) {
      rmSync(b, { recursive: true });
      cpSync(saved, b, { recursive: true });
      await forge(path, bytes);
      expectRefusal(at(scene, a, 'ledger', 'receive', b), {
        status: 1,
        code: 'sites-differ',
        says: 'does not fit what is here',
      });
      expect(readTree(a)).toEqual(before);
    }
    rmSync(b, { recursive: true });
    cpSync(saved, b, { recursive: true });
    mustSucceed(at(scene, a, 'bundle', 'published', join(a, bundle)));
    mustSucceed(at(scene, b, 'bundle', 'withdraw', join(b, bundle)));
    const differ = { status: 1, code: 'nothing-new', hint: `${bundle} is on record here as published` } as const;
    expectRefusal(at(scene, a, 'ledger', 'receive', b), differ);
    mustSucceed(at(scene, a, 'status'));
  });
});
