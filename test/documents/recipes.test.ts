/** What the documents say about auditing, trusting and damage holds where things are not as in their examples too. */
import { appendFileSync, copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { FOLDERS } from '../../src/authority/ground/layout.js';
import { cli, type Ended, run } from '../support/cli/cli.js';
import {
  authorityWith,
  mustSucceed,
  newAuthority,
  newFolder,
  PASSPHRASE,
  writeSecret,
} from '../support/cli/cli-authority.js';
import { documentAt } from '../support/documents/document.js';
import { hasTool, testWhere } from '../support/machine/tools.js';

const TOOLS = ['bash', 'jq', 'openssl', 'xxd', 'sha256sum'];
const TIMEOUT = 120_000;
const steps = documentAt('docs/auditor.md').blocks.flatMap((block) =>
  block.steps.map(({ command }) => ({ command, block })),
);

function stepWith(text: string): { readonly command: string; readonly block: (typeof steps)[number]['block'] } {
  const found = steps.filter(({ command }) => command.includes(text));
  const [only] = found;
  if (only === undefined || found.length > 1) throw new Error(`${String(found.length)} examples with ${text}`);
  return only;
}

function shell(folder: string, ...commands: readonly string[]): Ended {
  return run(['bash', '-c', ['set -e', ...commands].join('\n')], { cwd: folder });
}

function recipeTest(name: string, action: () => void): void {
  const missing = TOOLS.filter((tool) => !hasTool(tool));
  testWhere(missing.length === 0, missing.join(', '), name, action, TIMEOUT);
}

describe('the recipe for the chain of transcripts', () => {
  const { command } = stepWith('the newest head is');
  const check = (folder: string): Ended => run(['bash', '-c', command], { cwd: folder });
  const [first, second] = ['authority/transcripts/0001-init.jsonl', 'authority/transcripts/0002-root-generate.jsonl'];

  recipeTest('takes what is whole', () => {
    const { status, stdout } = check(authorityWith('bundle').folder);
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: expect.stringMatching(/^every line follows .* is [0-9a-f]{64}\n$/),
    });
  });

  const edit = (path: string, change: (text: string) => string): void => {
    const [before, after] = [readFileSync(path, 'utf8'), change(readFileSync(path, 'utf8'))];
    expect(after).not.toBe(before);
    writeFileSync(path, after);
  };
  const tampers: readonly [string, string, (folder: string) => void][] = [
    [
      'a changed line',
      first,
      (folder) => {
        edit(join(folder, first), (text) => text.replace('"seq":1', '"seq":9'));
      },
    ],
    [
      'a changed line of a later file',
      second,
      (folder) => {
        edit(join(folder, second), (text) => text.replace('"seq":1', '"seq":9'));
      },
    ],
    [
      "a file's changed last line",
      second,
      (folder) => {
        edit(join(folder, first), (text) => text.replace('"event":"end"', '"event":"End"'));
      },
    ],
    [
      'a line that is gone',
      second,
      (folder) => {
        edit(join(folder, second), (text) => text.replace(/\n.*\n/, '\n'));
      },
    ],
    [
      'a line that was added without its end',
      second,
      (folder) => {
        appendFileSync(join(folder, second), '{"prev":"00"}');
      },
    ],
    [
      'a line that is no JSON',
      second,
      (folder) => {
        appendFileSync(join(folder, second), 'nothing\n');
      },
    ],
    [
      'a file that is gone',
      second,
      (folder) => {
        rmSync(join(folder, first));
      },
    ],
  ];
  for (const [name, broken, tamper] of tampers) {
    recipeTest(`stops at ${name}`, () => {
      const { folder } = authorityWith('bundle');
      tamper(folder);
      const { status, stdout } = check(folder);
      expect({ failed: status !== 0, stdout }).toEqual({ failed: true, stdout: `BROKEN in ${broken}\n` });
    });
  }

  recipeTest('fails if there are no transcripts', () => {
    expect(check(newFolder())).toMatchObject({ status: 1, stdout: expect.stringMatching(/^BROKEN in /) as unknown });
  });
});

describe('the recipe for files that transcripts name', () => {
  const { command } = stepWith('.final != false');

  recipeTest('leaves out settings that the operator changed', () => {
    const { folder, dir } = authorityWith('bundle');
    appendFileSync(join(dir, 'authority.yaml'), '# changed\n');
    expect(shell(folder, command)).toMatchObject({ status: 0, stdout: 'all right\n' });
  });

  for (const file of ['credentials/root-1.pem', 'keys/root-1.json', 'bundles/bundle-000001.cose']) {
    for (const [what, damage] of [
      ['changed', (path: string) => appendFileSync(path, '\n')],
      ['missing', (path: string) => rmSync(path)],
    ] as const) {
      recipeTest(`fails where ${file} is ${what}, as the program does`, () => {
        const { folder, dir } = authorityWith('bundle');
        damage(join(dir, file));
        const { status, stdout } = run(['bash', '-c', command], { cwd: folder });
        expect({ failed: status !== 0, stdout }).toEqual({
          failed: true,
          stdout: expect.not.stringContaining('all right'),
        });
        expect(cli(['-C', dir, 'status', '--json'])).toMatchObject({
          status: 3,
          stdout: expect.stringContaining('"authority-damaged"') as unknown,
        });
      });
    }
  }

  recipeTest('fails if a transcript is not JSON', () => {
    const { folder, dir } = authorityWith('bundle');
    appendFileSync(join(dir, 'transcripts', '0001-init.jsonl'), 'nothing\n');
    const { status, stdout } = run(['bash', '-c', command], { cwd: folder });
    expect({ failed: status !== 0, stdout }).toEqual({ failed: true, stdout: '' });
  });
});

describe('the recipe for a signature', () => {
  const { block } = stepWith('MLS 1.0 AsCredentialPayload');
  const long = ['a', 'b', 'c'].map((letter) => letter.repeat(60)).join('.');

  for (const domain of ['a.example', 'ab.example', 'example.org', 'abc.example.org', `${long}.example`]) {
    // From 64 on, the domain's own length takes two bytes too.
    const length = domain.length + (domain.length < 64 ? 53 : 54);
    recipeTest(`verifies the root of a domain of ${String(domain.length)} characters`, () => {
      const scene = newAuthority(domain);
      const { folder } = scene;
      mustSucceed(scene.cli(['root', 'generate']));
      const ran = shell(folder, ...block.steps.map(({ command }) => command), 'stat -c %s payload.bin');
      expect(ran).toMatchObject({ status: 0, stdout: `Signature Verified Successfully\n${String(length)}\n` });
      expect(readFileSync(join(folder, 'content.bin'))).toHaveLength(28 + (length < 64 ? 1 : 2) + length);
    });
  }
});

describe('--trust takes what is on the paper', () => {
  function shown(): { folder: string; groups: string; words: string } {
    const { folder } = authorityWith('bundle');
    const { stdout } = mustSucceed(
      cli(['fingerprint', 'authority/credentials/root-1.pem', '--words'], { cwd: folder }),
    );
    const rows = stdout.split('\n').filter((line) => line.startsWith('    '));
    return { folder, groups: rows.slice(0, 2).join('\n'), words: rows.slice(2).join('\n') };
  }
  const verify = (folder: string, trust: string): Ended =>
    cli(['bundle', 'verify', 'authority/bundles/bundle-000001.cose', '--trust', trust], { cwd: folder });

  test.each(['groups', 'words'] as const)('as %s, on one line or on several', (form) => {
    const { folder, ...written } = shown();
    const text = written[form];
    for (const trust of [text, text.trim().replace(/\s+/g, ' ')]) expect(verify(folder, trust).status).toBe(0);
  });

  test('and not another fingerprint, or a part of it', () => {
    const { folder, groups } = shown();
    const digits = groups.trim();
    expect(
      verify(
        folder,
        digits.replace(/.$/, (last) => (last === '0' ? '1' : '0')),
      ).status,
    ).toBe(1);
    expect(verify(folder, digits.slice(0, 39)).status).not.toBe(0);
  });
});

describe('the authority directory', () => {
  test('holds no note, at the top level or below', () => {
    const { dir } = authorityWith('bundle');
    for (const folder of ['.', ...FOLDERS]) {
      if (folder !== '.') expect(documentAt('docs/operator.md').text).toContain(`  ${folder}/ `);
      const stray = join(dir, folder, 'notes.txt');
      writeFileSync(stray, 'a note');
      expect(cli(['-C', dir, 'status'])).toMatchObject({
        status: 3,
        stderr: expect.stringContaining(`${join(folder, 'notes.txt')}: no file of that name`) as unknown,
      });
      rmSync(stray);
    }
  });

  test('may lose a request, and its settings may change', () => {
    const { dir } = authorityWith('bundle');
    for (const name of readdirSync(join(dir, 'requests'))) rmSync(join(dir, 'requests', name));
    appendFileSync(join(dir, 'authority.yaml'), '# changed\n');
    expect(cli(['-C', dir, 'status']).status).toBe(0);
  });

  test('can be deleted and begun again if the domain is wrong', () => {
    const { dir } = newAuthority('wrong.example');
    rmSync(dir, { recursive: true });
    mustSucceed(cli(['init', 'right.example', dir]));
    expect(mustSucceed(cli(['-C', dir, 'status'])).stdout).toMatch(/^right\.example, /);
  });

  test('takes no second root: that needs a new folder', () => {
    const scene = authorityWith('root');
    expect(scene.json(['root', 'generate'])).toMatchObject({ status: 1, json: { code: 'root-exists' } });
    mustSucceed(cli(['init', 'example.org', scene.path('second')]));
  });
});

test('a path of a passphrase file that holds = begins with / or ./', () => {
  const { folder, dir, passphraseFile } = authorityWith('root');
  copyFileSync(passphraseFile, writeSecret(join(folder, 'a=b'), `${PASSPHRASE}\n`));
  const verify = (file: string): number | null =>
    cli(['-C', dir, 'key', 'verify', 'root-1', '--passphrase-file', file], { cwd: folder }).status;
  expect([verify('./a=b'), verify(join(folder, 'a=b')), verify('a=b')]).toEqual([0, 0, 2]);
});
