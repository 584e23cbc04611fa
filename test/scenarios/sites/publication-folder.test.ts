/**
 * The folder for a web server: what is in it, what holds of it, and what browsers, sha256sum, zbarimg and jq make of
 * it.
 */
import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { toHex } from '../../../src/common/bytes.js';
import { decodeAsCredentialsResponse } from '../../../src/credential/as-credentials-response.js';
import { fingerprintOf } from '../../../src/credential/fingerprint-of.js';
import { cli, run } from '../../support/cli/cli.js';
import { authorityWith, mustSucceed, newFolder, readTree, type Scene } from '../../support/cli/cli-authority.js';
import { expectJsonRefusal, expectRefusal } from '../../support/cli/cli-errors.js';
import { Browser, CHROMIUM } from '../../support/machine/chromium.js';
import { hasTool, testWhere, toolTest } from '../../support/machine/tools.js';

const DAY = 86_400;
const FILES = [
  'README.txt',
  'SHA256SUMS',
  'as-credentials-response.tls',
  'bundle.cose',
  'bundle.json',
  'fingerprints.txt',
  'index.html',
];

/** After a change of roots and a revocation, with a series signed ahead, in `web`. */
function longLife(): Scene {
  const scene = authorityWith('bundle');
  mustSucceed(scene.cli(['root', 'rotate']));
  mustSucceed(scene.cli(['bundle', 'export']));
  mustSucceed(scene.cli(['intermediate', 'rotate']));
  mustSucceed(scene.cli(['revoke', 'intermediate-1', '--reason', 'superseded']));
  mustSucceed(scene.cli(['bundle', 'export', '--series', '3', '--out-dir', 'web']));
  return scene;
}

let scene: Scene;
let web: string;
const read = (name: string): string => readFileSync(join(web, name), 'utf8');
beforeAll(() => {
  scene = longLife();
  web = scene.path('web');
}, 120_000);

interface JsonView {
  readonly sequence: number;
  readonly as_credentials: readonly { readonly fingerprint: string; readonly encoded: string }[];
  readonly as_intermediate_credentials: readonly { readonly fingerprint: string }[];
  readonly revoked_certs: readonly { readonly fingerprint: string; readonly reason: string }[];
}
const view = (): JsonView => JSON.parse(read('bundle.json')) as JsonView;

describe('the folder', () => {
  test('has the current bundle under its lasting name, those to step through, and the later ones apart', () => {
    const held = (n: number): Buffer => readFileSync(join(scene.dir, `bundles/bundle-00000${String(n)}.cose`));
    expect(readdirSync(web).sort()).toEqual([...FILES, 'earlier', 'later'].sort());
    expect(readFileSync(join(web, 'bundle.cose'))).toEqual(held(3));
    expect(readdirSync(join(web, 'earlier'))).toEqual(['bundle-000001.cose', 'bundle-000002.cose']);
    const later = readdirSync(join(web, 'later'));
    expect(later).toEqual([
      expect.stringMatching(/^000004-from-\d{4}-\d\d-\d\d$/),
      expect.stringMatching(/^000005-from-\d{4}-\d\d-\d\d$/),
      'README.txt',
    ]);
    expect(readFileSync(join(web, 'later', later[1] ?? '', 'bundle.cose'))).toEqual(held(5));
    // Bundle 3 has expired when 5 begins, and changed nothing; 1 and 2 are steps of trust.
    expect(readdirSync(join(web, 'later', later[1] ?? '', 'earlier'))).toEqual([
      'bundle-000001.cose',
      'bundle-000002.cose',
      'bundle-000004.cose',
    ]);
  });

  test('can be read by everybody, but for what may not be seen yet', () => {
    const modes = Object.values(readTree(web)).map((entry) => entry.split(' ').slice(0, 2).join(' '));
    expect(new Set(modes)).toEqual(new Set(['file 644', 'folder 755', 'folder 700']));
    expect(lstatSync(join(web, 'later')).mode & 0o777).toBe(0o700);
    const strict = scene.path('strict');
    mustSucceed(scene.cli(['bundle', 'folder', strict], { under: ['sh', '-c', 'umask 077; exec "$@"', 'sh'] }));
    expect(readTree(strict)).toEqual(readTree(web));
  });

  toolTest('sha256sum', 'every web root in it passes sha256sum -c, and nothing is left out', () => {
    const roots = [web, ...readdirSync(join(web, 'later')).map((name) => join(web, 'later', name))];
    for (const root of roots.filter((one) => lstatSync(one).isDirectory())) {
      const { stdout } = mustSucceed(run(['sha256sum', '--strict', '-c', 'SHA256SUMS'], { cwd: root }));
      const summed = stdout.split('\n').map((line) => line.replace(/: OK$/, ''));
      const there = Object.entries(readTree(root)).filter(
        ([name, what]) => what.startsWith('file') && !name.startsWith('later/'),
      );
      expect([...summed, 'SHA256SUMS'].filter((name) => name !== '').sort()).toEqual(
        there.map(([name]) => name).sort(),
      );
    }
  });

  test('the response, the JSON, the fingerprints and the bundle say the same', () => {
    const verified = mustSucceed(
      cli(['bundle', 'verify', 'bundle.cose', '--trust', view().as_credentials[0]?.fingerprint ?? '', '--json'], {
        cwd: web,
      }),
    );
    const bundle = JSON.parse(verified.stdout) as Record<string, unknown>;
    const names = (list: readonly { readonly fingerprint: string }[]): string[] =>
      list.map(({ fingerprint }) => fingerprint);
    expect(view()).toMatchObject({
      sequence: 3,
      as_domain: 'example.org',
      threshold: 1,
      issued_at: bundle.issued_at,
      issued_at_unix: bundle.issued_at_unix,
    });
    expect(names(view().as_credentials)).toEqual(bundle.as_credentials);
    expect(names(view().as_intermediate_credentials)).toEqual(bundle.as_intermediate_credentials);
    expect(names(view().revoked_certs)).toEqual(bundle.revoked_certs);
    const response = decodeAsCredentialsResponse(readFileSync(join(web, 'as-credentials-response.tls')));
    expect(response.asCredentials.map((one) => toHex(fingerprintOf(one)))).toEqual(bundle.as_credentials);
    expect(response.asIntermediateCredentials.map((one) => toHex(fingerprintOf(one)))).toEqual(
      bundle.as_intermediate_credentials,
    );
    expect(response.revokedCerts.map(toHex)).toEqual(bundle.revoked_certs);
    const listed = read('fingerprints.txt')
      .split('\n')
      .filter((line) => /^[0-9a-f]{64}$/.test(line));
    expect(listed).toEqual([
      ...(bundle.as_credentials as string[]),
      ...(bundle.as_intermediate_credentials as string[]),
    ]);
  });

  test('its words are those of its fingerprints', () => {
    const blocks = read('fingerprints.txt').split('\n\n').slice(1);
    expect(blocks).toHaveLength(3);
    for (const block of blocks) {
      const [, hex = '', ...rest] = block.trim().split('\n');
      const words = rest.slice(2).join(' ').trim().replace(/\s+/g, ' ');
      const wrong = hex.replace(/^./, (digit) => (digit === '0' ? '1' : '0'));
      const trust = (fingerprint: string): string => {
        const { stdout } = cli(['bundle', 'verify', 'bundle.cose', '--trust', fingerprint, '--json'], { cwd: web });
        return (JSON.parse(stdout) as { code: string }).code;
      };
      expect(words.split(' ')).toHaveLength(32);
      if (block.startsWith('root'))
        expect([trust(words), trust(hex), trust(wrong)]).toEqual(['valid', 'valid', 'untrusted']);
    }
  });

  test('is the same, byte for byte, when it is made again', () => {
    const { json } = mustSucceed(scene.json(['bundle', 'folder', 'again']));
    expect(json).toMatchObject({ out_dir: scene.path('again'), file: scene.path('again/bundle.cose'), sequence: 3 });
    expect(readTree(scene.path('again'))).toEqual(readTree(web));
  });

  toolTest('jq', "the page's own recipes work for strangers", () => {
    const recipes = [...read('index.html').matchAll(/<pre><code>([^]*?)<\/code><\/pre>/g)].map(([, text = '']) =>
      text.replaceAll('&#39;', "'").replaceAll('&amp;', '&'),
    );
    const [root] = view().as_credentials;
    const hashed = recipes.find((text) => text.startsWith('jq')) ?? '';
    expect(mustSucceed(run(['sh', '-c', hashed], { cwd: web })).stdout.split(' ')[0]).toBe(root?.fingerprint);
    const fresh = recipes.find((text) => text.includes('--trust') && text.includes('bundle verify')) ?? '';
    mustSucceed(
      cli(
        fresh
          .replace('FINGERPRINT', root?.fingerprint ?? '')
          .split(' ')
          .slice(1),
        { cwd: web },
      ),
    );
    const [direct = '', stepping = ''] = (recipes.find((text) => text.includes('--last')) ?? '').split('\n');
    mustSucceed(cli(direct.replace('HELD.cose', 'earlier/bundle-000001.cose').split(' ').slice(1), { cwd: web }));
    const step = stepping.replace('HELD.cose', 'earlier/bundle-000001.cose').replace('NNNNNN', '000002');
    mustSucceed(cli(step.split(' ').slice(1), { cwd: web }));
  });

  test('what later/README.txt says is what clients say', () => {
    const schedule = read('later/README.txt');
    const due = [...schedule.matchAll(/folder +(\S+)\n +not before +(\S+)\n +at the latest +([^ ,]+)/g)];
    expect(due.map(([, folder]) => folder)).toEqual(
      readdirSync(join(web, 'later')).filter((name) => name !== 'README.txt'),
    );
    for (const [, folder = '', begin = '', end = ''] of due) {
      const at = (time: number): string => {
        const args = [`later/${folder}/bundle.cose`, '--last', 'bundle.cose', '--at', String(time), '--json'];
        return (JSON.parse(cli(['bundle', 'verify', ...args], { cwd: web }).stdout) as { code: string }).code;
      };
      const seconds = Date.parse(begin) / 1000;
      expect([at(seconds - 1), at(seconds), at(Date.parse(end) / 1000)]).toEqual(['not-yet-valid', 'valid', 'valid']);
    }
  });
});

describe('as time goes on', () => {
  const at = (seconds: number): string[] => [
    'faketime',
    '-f',
    `@${new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ')}`,
  ];

  toolTest(
    'faketime',
    'the folder made later has the bundle that is current then; when all are over, it is refused',
    () => {
      const now = Math.floor(Date.now() / 1000);
      const env = { TZ: 'UTC' };
      const { json } = mustSucceed(scene.json(['bundle', 'folder', 'next'], { under: at(now + 100 * DAY), env }));
      expect(json).toMatchObject({
        sequence: 4,
        earlier: [{ sequence: 1 }, { sequence: 2 }, { sequence: 3 }],
        later: [{ sequence: 5 }],
      });
      expect(readFileSync(scene.path('next/index.html'))).toEqual(
        readFileSync(join(web, 'later', readdirSync(join(web, 'later'))[0] ?? '', 'index.html')),
      );
      const over = scene.cli(['bundle', 'folder', 'over'], { under: at(now + 400 * DAY), env });
      expectRefusal(over, { status: 1, code: 'bundle-expired', says: 'bundle 5, the newest', hint: 'bundle export' });
      expect(existsSync(scene.path('over'))).toBe(false);
    },
  );

  test('an emergency bundle overtakes the series, and what was withdrawn goes nowhere', () => {
    const other = authorityWith('intermediate');
    mustSucceed(other.cli(['bundle', 'export', '--series', '3']));
    mustSucceed(other.cli(['bundle', 'withdraw', 'authority/bundles/bundle-000001.cose']));
    const made = mustSucceed(other.json(['bundle', 'export', '--out-dir', 'web', '--out', 'copy.cose']));
    expect(made.json).toMatchObject({ sequence: 4, file: other.path('copy.cose'), out_dir: other.path('web') });
    expect(readdirSync(other.path('web')).sort()).toEqual(FILES);
    expect(readFileSync(other.path('copy.cose'))).toEqual(readFileSync(other.path('web/bundle.cose')));
  });
});

describe('what is refused before a key is opened', () => {
  const wrongKey = (one: Scene): string[] => ['-C', one.dir, '--yes', '--passphrase-file', one.path('none')];

  test('the file of a root that signs its own end lies in it, and whoever needs it is named before anything is signed', () => {
    const other = authorityWith('bundle');
    mustSucceed(other.cli(['root', 'rotate']));
    mustSucceed(other.cli(['bundle', 'export']));
    mustSucceed(other.cli(['revoke', 'root-1', '--reason', 'key-compromise']));
    const { stderr } = mustSucceed(other.cli(['bundle', 'export', '--series', '3', '--out-dir', 'web']));
    const said = stderr.replace(/\s+/g, ' ');
    // Holders of bundle 1 count until it expires.
    expect(said).toContain(
      'credentials/root-1.pem signs bundles 3, 4 and is not listed: publish its file beside them.',
    );
    expect(said).toMatch(/\(unknown-signer\): a new client that pinned credentials\/root-2\.pem \([0-9a-f]{16}\)/);
    expect(said).not.toMatch(/unknown-signer\)[^.]*a client that holds bundle 2/);
    const prints = (n: number): string => {
      const { json } = mustSucceed(other.json(['fingerprint', `authority/credentials/root-${String(n)}.pem`]));
      return (json.credentials as { fingerprint: string }[])[0]?.fingerprint ?? '';
    };
    const folder = other.path('web');
    expect(readdirSync(join(folder, 'signers'))).toEqual([`root-${prints(1).slice(0, 16)}.pem`]);
    const later = readdirSync(join(folder, 'later')).filter((name) => name !== 'README.txt');
    expect(later.map((name) => existsSync(join(folder, 'later', name, 'signers')))).toEqual([true, true]);
    mustSucceed(run(['sha256sum', '--quiet', '-c', 'SHA256SUMS'], { cwd: folder }));
    const recipe = readFileSync(join(folder, 'README.txt'), 'utf8')
      .split('\n')
      .find((line) => line.includes('--trust FINGERPRINT'));
    const words = (recipe ?? '').replace('FINGERPRINT', prints(2)).trim().split(' ').slice(1);
    mustSucceed(cli(words, { cwd: folder }));
    const bare = words.filter((word) => word !== '--with' && !word.startsWith('signers/'));
    expect(cli([...bare, '--json'], { cwd: folder }).stdout).toContain('unknown-signer');
    expect(readFileSync(join(folder, 'index.html'), 'utf8')).toContain('no longer listed');
  });

  test('nor is the file missing of a root that signs an earlier bundle alone, which clients step through', async () => {
    const other = authorityWith('root');
    mustSucceed(other.cli(['root', 'rotate', '--reserve']));
    mustSucceed(other.cli(['bundle', 'export', '--next-root', 'root-2', '--lifetime', '3s', '--out', '1.cose']));
    mustSucceed(other.cli(['revoke', 'root-2', '--reason', 'key-compromise']));
    mustSucceed(other.cli(['root', 'rotate', '--reserve']));
    mustSucceed(other.cli(['bundle', 'export', '--next-root', 'root-3']));
    // Bundle 1 has expired by then, so that nothing of bundle 3 is for its holders.
    await new Promise((resolve) => setTimeout(resolve, 4000));
    const { json } = mustSucceed(other.json(['bundle', 'export', '--out-dir', 'stepped']));
    expect(json.signers).toHaveLength(1);
    const folder = other.path('stepped');
    expect(readdirSync(join(folder, 'signers'))).toHaveLength(1);
    const recipe = readFileSync(join(folder, 'README.txt'), 'utf8')
      .split('\n')
      .find((line) => line.includes('--via'));
    const words = (recipe ?? '')
      .replace('HELD.cose', '../1.cose')
      .replace('NNNNNN', '000002')
      .trim()
      .split(' ')
      .slice(1);
    expect(words).toContain('--with');
    mustSucceed(cli(words, { cwd: folder }));
    const bare = words.filter((word) => word !== '--with' && !word.startsWith('signers/'));
    expect(cli([...bare, '--json'], { cwd: folder }).stdout).toContain('unknown-signer');
  });

  test('a folder that is there, one inside the authority, one without a parent, and nothing to publish', () => {
    const one = authorityWith('root');
    const before = readTree(one.dir);
    mkdirSync(one.path('there'));
    const export_ = (out: string) => cli([...wrongKey(one), 'bundle', 'export', '--out-dir', out], { cwd: one.folder });
    expectRefusal(export_('there'), { status: 3, code: 'file-exists', says: /there exists already/ });
    expectRefusal(export_('authority/web'), { status: 2, code: 'usage', says: 'inside the authority' });
    expectRefusal(export_('authority/keys/web'), { status: 2, code: 'usage', says: 'inside the authority' });
    expectRefusal(export_('nowhere/web'), { status: 3, code: 'file-not-found' });
    expectJsonRefusal(one.json(['bundle', 'folder', 'web']), { status: 1, code: 'no-bundle', hint: 'bundle export' });
    expect(readTree(one.dir)).toEqual(before);
    expect(readdirSync(one.folder).sort()).toEqual(['authority', 'passphrase', 'there']);
  });

  testWhere(
    process.getuid?.() !== 0 || hasTool('setpriv'),
    'setpriv, or an ordinary user',
    'a parent that this user may not write',
    () => {
      const one = authorityWith('root');
      mkdirSync(one.path('closed'));
      chmodSync(one.path('closed'), 0o555);
      const asRoot = process.getuid?.() === 0;
      if (asRoot) mustSucceed(run(['chown', '-R', '65534:65534', one.folder]));
      const under = asRoot ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : [];
      const ended = cli([...wrongKey(one), 'bundle', 'export', '--out-dir', 'closed/web'], { cwd: one.folder, under });
      expectRefusal(ended, { status: 3, code: 'file', says: 'may not be accessed' });
    },
  );
});

describe('whole or not at all', () => {
  const canMount = process.getuid?.() === 0 && hasTool('unshare') && run(['unshare', '--mount', 'true']).status === 0;

  testWhere(
    canMount,
    'right to mount (root and unshare)',
    'a full disk: signed and kept, no folder, and the way to it is said',
    () => {
      const one = authorityWith('intermediate');
      mkdirSync(one.path('stick'));
      const script =
        'mount -t tmpfs -o size=16k tmpfs "$0/stick"; "$@"; status=$?; ls -A "$0/stick" >"$0/left"; exit $status';
      const under = ['unshare', '--mount', 'sh', '-c', script, one.folder];
      const ended = one.cli(['bundle', 'export', '--out-dir', 'stick/web'], { under });
      expectRefusal(ended, {
        status: 3,
        code: 'file',
        says: /signed, and kept at .*bundle-000001\.cose; but .* disk is full/,
        hint: /bundle folder .*stick\/web/,
      });
      expect(readFileSync(one.path('left'), 'utf8')).toBe('');
      mustSucceed(
        cli(
          ['bundle', 'verify', 'authority/bundles/bundle-000001.cose', '--trust', 'authority/credentials/root-1.pem'],
          { cwd: one.folder },
        ),
      );
      mustSucceed(one.cli(['bundle', 'folder', 'web']));
    },
  );

  /** Calls of the command that touch the folder, or its temporary one. */
  function points(one: Scene): { readonly call: string; readonly nth: number }[] {
    const log = one.path('strace.log');
    const calls = 'mkdir,openat,write,fchmod,chmod,fsync,rename';
    mustSucceed(
      one.cli(['bundle', 'folder', 'traced'], {
        under: ['strace', '-qq', '-y', '-o', log, '-e', `trace=${calls}`, '-e', 'signal=none'],
      }),
    );
    const counts = new Map<string, number>();
    return readFileSync(log, 'utf8')
      .split('\n')
      .flatMap((line) => {
        const call = /^(\w+)\(/.exec(line)?.[1];
        if (call === undefined) return [];
        const nth = (counts.get(call) ?? 0) + 1;
        counts.set(call, nth);
        return line.includes('traced') ? [{ call, nth }] : [];
      });
  }

  toolTest(
    'strace',
    'killed anywhere: no folder, and at most one temporary one',
    () => {
      const one = authorityWith('bundle');
      const all = points(one);
      const complete = readTree(one.path('traced'));
      expect(new Set(all.map(({ call }) => call))).toEqual(
        new Set(['mkdir', 'openat', 'write', 'chmod', 'fsync', 'rename']),
      );
      const most = Number(process.env.CRASH_POINTS ?? 9);
      const chosen = all.filter(
        (_, i) => all.length <= most || i % Math.ceil(all.length / (most - 1)) === 0 || i === all.length - 1,
      );
      let left = 0;
      for (const [i, { call, nth }] of chosen.entries()) {
        const name = `killed-${String(i)}`;
        const inject = `inject=${call}:signal=KILL:when=${String(nth)}`;
        one.cli(['bundle', 'folder', name], {
          under: ['strace', '-qq', '-o', '/dev/null', '-e', `trace=${call}`, '-e', inject],
        });
        const beside = readdirSync(one.folder).filter((file) => file.startsWith(`.${name}.`));
        expect(beside.every((file) => /^\.killed-\d+\.[0-9a-f]{12}\.tmp$/.test(file))).toBe(true);
        expect(beside.length).toBeLessThanOrEqual(1);
        left += beside.length;
        // The kill comes after the call: of the last ones, the folder's own name among them, the work was done.
        if (existsSync(one.path(name))) expect(readTree(one.path(name))).toEqual(complete);
      }
      expect(left).toBeGreaterThan(0);
      mustSucceed(one.cli(['bundle', 'folder', 'after']));
      expect(readTree(one.path('after'))).toEqual(complete);
    },
    300_000,
  );
});

describe('the page', () => {
  test('has no script, loads nothing, and says so to the browser', () => {
    const page = read('index.html');
    expect(page).not.toMatch(/<script|javascript:|\son[a-z]+=|\sstyle=|<link|<img|<iframe|@import|url\(|https?:/i);
    expect(page).toMatch(
      /<meta http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;; style-src &#39;sha256-[A-Za-z0-9+/]{43}=&#39;;/,
    );
    for (const [, target = ''] of page.matchAll(/href="([^"]*)"/g)) {
      if (target.startsWith('#')) expect(page).toContain(`id="${target.slice(1)}"`);
      else expect(existsSync(join(web, target))).toBe(true);
    }
  });

  const inBrowser = (name: string, action: (browser: Browser) => Promise<void>): void =>
    testWhere(
      CHROMIUM !== undefined,
      'chromium',
      name,
      async () => action((browser ??= await Browser.start())),
      120_000,
    );
  let browser: Browser | undefined;
  afterAll(async () => browser?.end());
  const url = (): string => `file://${web}/index.html`;
  const VIEWS = [
    { width: 1280, height: 900 },
    { width: 1280, height: 900, dark: true },
    { width: 768, height: 1024 },
    { width: 360, height: 740, mobile: true },
    { width: 360, height: 740, mobile: true, dark: true },
    { width: 320, height: 600, mobile: true },
  ];

  for (const one of VIEWS) {
    inBrowser(
      `${JSON.stringify(one)}: nothing is wider than the page, nothing is refused, and the QR codes are read back`,
      async (chromium) => {
        await chromium.open(url(), one);
        // The style sheet is taken, or all of this would be idle.
        expect(await chromium.evaluate('getComputedStyle(document.querySelector(".card")).display')).toBe('grid');
        expect(await chromium.evaluate('document.documentElement.scrollWidth')).toBe(one.width);
        const wide =
          'Array.from(document.querySelectorAll("body *")).filter((e) => e.getBoundingClientRect().right > innerWidth + 1).map((e) => e.outerHTML.slice(0, 80))';
        expect(await chromium.evaluate(wide)).toEqual([]);
        expect(chromium.complaints()).toEqual([]);
        expect(chromium.requests().filter((address) => address !== url())).toEqual([]);
        if (!hasTool('zbarimg')) return;
        const image = join(newFolder(), 'page.png');
        await chromium.screenshot(image);
        const { stdout } = run(['zbarimg', '--raw', '-q', '-Sdisable', '-Sqrcode.enable', image]);
        expect(stdout.trim().split('\n').sort()).toEqual(
          view()
            .as_credentials.map(({ fingerprint }) => fingerprint)
            .sort(),
        );
      },
    );
  }

  inBrowser('has headings, tables, lists and named images for those who hear it, at any width', async (chromium) => {
    for (const mobile of [false, true]) {
      await chromium.open(url(), { width: mobile ? 360 : 1280, height: 800, mobile });
      const nodes = await chromium.accessible();
      const named = (role: string): string[] => nodes.filter((node) => node.role === role).map(({ name }) => name);
      expect(named('heading').slice(0, 2)).toEqual(['AS credentials of example.org', 'Root fingerprints']);
      expect(named('image')).toEqual(
        view().as_credentials.map(({ fingerprint }) => `QR code of the fingerprint ${fingerprint}`),
      );
      expect(named('table')).toHaveLength(3);
      expect(named('columnheader')).toHaveLength(5 + 3 + 4);
      expect(named('navigation')).toEqual(['On this page']);
      expect(named('list')).toContain('Validities');
    }
  });
});

test('untrusted text cannot become HTML', async () => {
  const { html } = await import('../../../src/paper/html.js');
  expect(html`<p title="${'"><script>'}">${"a&b<'>"}${'\u202e\u0007'}</p>`.text).toBe(
    '<p title="&quot;&gt;&lt;script&gt;">a&amp;b&lt;&#39;&gt;\\u{202e}\\u{7}</p>',
  );
});
