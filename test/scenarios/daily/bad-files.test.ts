/**
 * Files that are not what they should be, given wherever a command takes a file: one error each, and nothing changed.
 */
import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { cli, cliJson, type JsonRecord, run, shell } from '../../support/cli/cli.js';
import { authorityWith, mustSucceed, readTree } from '../../support/cli/cli-authority.js';
import { expectJsonRefusal, expectRefusal, type Refusal } from '../../support/cli/cli-errors.js';
import { toolTest } from '../../support/machine/tools.js';

const HUGE = 100 * 1024 * 1024;
const RLO = '\u202e';

const scene = authorityWith('bundle');
const root = join(scene.dir, 'credentials/root-1.pem');
const request = join(scene.dir, 'requests/intermediate-1.pem');
const bundle = join(scene.dir, 'bundles/bundle-000001.cose');
const bad = (name: string): string => scene.path(`bad/${name}`);
const write = (name: string, content: string | Uint8Array): string => {
  writeFileSync(bad(name), content);
  return bad(name);
};

beforeAll(() => {
  mkdirSync(bad(''), { recursive: true });
  const pem = readFileSync(root, 'utf8');
  write('empty', '');
  write('half', pem.slice(0, pem.length / 2));
  write('two', pem + readFileSync(request, 'utf8'));
  write('twice', pem + pem);
  write('with text', `Here it is:\n${pem}`);
  write('damaged', pem.replace(/\n[A-Za-z0-9+/]{2}/, '\n!!'));
  write('certificate', pem.replaceAll('AS CREDENTIAL', 'CERTIFICATE'));
  write(
    'noise',
    Uint8Array.from({ length: 400 }, (_, i) => (i * 97) % 256),
  );
  write('half.cose', readFileSync(bundle).subarray(0, 300));
  write('longer.cose', Buffer.concat([readFileSync(bundle), Buffer.from([0])]));
  write('label', `-----BEGIN ${RLO}\u001b[2J-----\nAAAA\n-----END ${RLO}\u001b[2J-----\n`);
  write('trailing', pemOf('AS CREDENTIAL', Buffer.concat([bytesOf(pem), Buffer.from([0])])));
  symlinkSync('loop', bad('loop'));
  const fd = openSync(bad('huge'), 'w');
  ftruncateSync(fd, HUGE);
  closeSync(fd);
  run(['mkfifo', bad('fifo')]);
});

function bytesOf(pem: string): Buffer {
  return Buffer.from(pem.replace(/-----.*-----/g, ''), 'base64');
}

function pemOf(label: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

/** Any place of a file: what comes before it, and after it. */
const PLACES: Readonly<Record<string, (file: string) => readonly string[]>> = {
  inspect: (file) => ['inspect', file],
  fingerprint: (file) => ['fingerprint', root, file],
  'verify --trust': (file) => ['verify', root, '--trust', file],
  'verify --with': (file) => ['verify', root, '--trust', root, '--with', file],
  'request check': (file) => ['-C', scene.dir, 'request', 'check', file],
  'intermediate issue': (file) => ['-C', scene.dir, 'intermediate', 'issue', file, '--yes'],
  'bundle verify': (file) => ['bundle', 'verify', file, '--trust', root],
  'bundle verify --last': (file) => ['bundle', 'verify', bundle, '--last', file],
  'verify --bundle': (file) => ['verify', root, '--trust', root, '--bundle', file],
};

const REFUSALS: readonly (readonly [string, string, Refusal, (readonly string[])?])[] = [
  ['a missing file', 'nowhere', { status: 3, code: 'file-not-found', says: 'does not exist' }],
  ['a folder', '.', { status: 3, code: 'file', says: 'is a folder' }],
  ['a path through a file', 'empty/x', { status: 3, code: 'file', says: 'not a folder' }],
  ['a loop of links', 'loop', { status: 3, code: 'file', says: 'too many links' }],
  ['100 MB', 'huge', { status: 3, code: 'file-too-large', says: String(HUGE) }],
  ['a FIFO that nobody writes', 'fifo', { status: 3, code: 'file', says: 'neither a file nor -' }],
  ['/dev/zero', '/dev/zero', { status: 3, code: 'file', says: 'neither a file nor -' }],
  ['an empty name', '', { status: 3, code: 'file-not-found' }, ['inspect']],
  ['an empty file', 'empty', { status: 1, code: 'bad-pem' }, ['inspect', 'fingerprint']],
  [
    'half a file',
    'half',
    { status: 1, code: 'bad-pem', says: 'no END' },
    ['inspect', 'request check', 'verify --with'],
  ],
  ['two credentials', 'two', { status: 1, code: 'bad-pem', says: 'more than one' }, ['inspect', 'intermediate issue']],
  ['one credential twice', 'twice', { status: 1, code: 'bad-pem', says: 'more than one' }, ['verify --trust']],
  ['text before it', 'with text', { status: 1, code: 'bad-pem' }, ['inspect', 'fingerprint']],
  ['damaged base64', 'damaged', { status: 1, code: 'bad-pem', says: 'base64' }, ['inspect']],
  [
    'another kind of PEM',
    'certificate',
    { status: 1, code: 'wrong-kind', says: '"CERTIFICATE"' },
    ['inspect', 'request check'],
  ],
  ['a label of control characters', 'label', { status: 1, code: 'bad-pem' }, ['inspect']],
  ['a byte too many', 'trailing', { status: 1, code: 'trailing-bytes' }, ['inspect', 'verify --trust']],
  ['noise', 'noise', { status: 1, code: 'bundle-malformed' }, ['bundle verify', 'bundle verify --last']],
  ['half a bundle', 'half.cose', { status: 1, code: 'bundle-malformed' }, ['bundle verify', 'verify --bundle']],
  ['a longer bundle', 'longer.cose', { status: 1, code: 'bundle-malformed' }, ['bundle verify']],
];

describe.each(REFUSALS)('%s', (_name, file, refusal, places) => {
  const path = file.startsWith('/') || file === '' ? file : bad(file);
  test.each(places ?? ['inspect', 'verify --with', 'intermediate issue', 'bundle verify'])('as %s', (place) => {
    const args = PLACES[place]?.(path) ?? [];
    const before = readTree(scene.dir);
    const ended = cli(args);
    expectRefusal(ended, refusal);
    expect(ended.stderr).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
    expectJsonRefusal(cliJson(args), refusal);
    expect(readTree(scene.dir)).toEqual(before);
  });
});

test.each([
  ['a root in the place of a request', 'intermediate issue', root, 'AS CREDENTIAL'],
  ['a request in the place of a root', 'verify --trust', request, 'INTERMEDIATE AS CREDENTIAL REQUEST'],
  ['a request to be verified', 'verify --with', request, 'INTERMEDIATE AS CREDENTIAL REQUEST'],
])('%s: wrong-kind, naming both', (_name, place, file, label) => {
  expectRefusal(cli(PLACES[place]?.(file) ?? []), {
    status: 1,
    code: 'wrong-kind',
    says: `holds "${label}"; wanted here: `,
  });
});

describe('standard input', () => {
  test('- reads it, PEM and raw', () => {
    const expected = mustSucceed(cliJson(['inspect', root])).json;
    const fromPem = mustSucceed(cliJson(['inspect', '-'], { input: readFileSync(root) })).json;
    const raw = bytesOf(readFileSync(root, 'utf8'));
    const fromRaw = mustSucceed(cliJson(['inspect', '-', '--kind', 'as_credential'], { input: raw })).json;
    expect([fromPem, fromRaw]).toEqual([expected, expected]);
    const prints = mustSucceed(cliJson(['fingerprint', '-'], { input: readFileSync(root) })).json;
    expect((prints.credentials as readonly JsonRecord[])[0]?.file).toBe('-');
  });

  test('raw bytes without a kind, or empty, or endless', () => {
    const raw = bytesOf(readFileSync(root, 'utf8'));
    expectRefusal(cli(['inspect', '-'], { input: raw }), { status: 1, code: 'bad-pem', hint: '--kind' });
    expectRefusal(cli(['inspect', '-']), { status: 1, code: 'bad-pem' });
    const tooMuch = cli(['bundle', 'verify', '-', '--trust', root], { input: new Uint8Array(1024 * 1024 + 1) });
    expectRefusal(tooMuch, { status: 3, code: 'file-too-large', says: 'standard input' });
  });

  toolTest('bash', 'closed, or a folder', () => {
    expectRefusal(shell('as-ceremony inspect - <&-'), { status: 1, code: 'bad-pem' });
    expectRefusal(shell('as-ceremony inspect - </'), { status: 3, code: 'file', says: 'standard input is a folder' });
  });
});

test('names with control characters are written out', () => {
  const name = `x\u001b[2J${RLO}y`;
  const { stderr } = cli(['inspect', bad(name)]);
  expect(stderr).toContain('x\\u{1b}[2J\\u{202e}y does not exist');
  const copy = write(name, readFileSync(root));
  expect(mustSucceed(cli(['fingerprint', copy])).stdout).toContain('x\\u{1b}[2J\\u{202e}y\n');
});
