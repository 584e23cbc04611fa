/** What one transaction takes, and what it refuses before anything is written. Crashes: transaction.test.ts. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { encodePending } from '../../../src/authority/formats/pending.js';
import { encodeKeyRecord } from '../../../src/authority/formats/small-files.js';
import { FOLDERS } from '../../../src/authority/ground/layout.js';
import { pendingState, recover } from '../../../src/authority/journal/recovery.js';
import { commit, MAX_TRANSACTION_FILE, type NewFile } from '../../../src/authority/journal/transaction.js';
import { toHex, utf8 } from '../../../src/common/bytes.js';
import { hash } from '../../../src/crypto/hash.js';
import { suite } from '../../policy/support.js';
import { codeOf, temporaryFolder } from '../support.js';

const REVOKED = `revocations/${'01'.repeat(32)}.json`;
const sha256 = (text: string): string => toHex(hash('sha256', utf8(text)));

function authority(): string {
  const dir = temporaryFolder();
  for (const folder of FOLDERS) mkdirSync(join(dir, folder));
  return dir;
}

describe('commit', () => {
  const outcome = (dir: string, operation: string, ...files: readonly NewFile[]): string | undefined =>
    codeOf(() => commit(dir, operation, files));

  test('makes the folder that is missing', () => {
    const dir = authority();
    rmSync(join(dir, 'revocations'), { recursive: true });
    expect(outcome(dir, 'revoke', { path: REVOKED, bytes: utf8('x') })).toBeUndefined();
    expect(readFileSync(join(dir, REVOKED), 'utf8')).toBe('x');
  });

  test('takes a file as large as one may be, and none above', () => {
    const dir = authority();
    const sized = (length: number): string | undefined =>
      outcome(dir, 'revoke', { path: REVOKED, bytes: new Uint8Array(length) });
    expect(sized(MAX_TRANSACTION_FILE + 1)).toBe('file-too-large');
    expect(existsSync(join(dir, REVOKED))).toBe(false);
    expect(sized(MAX_TRANSACTION_FILE)).toBeUndefined();
  });

  test.each<[string, readonly NewFile[]]>([
    ['internal', [{ path: 'credentials/root-1.pem', bytes: utf8('x') }]],
    ['internal', [{ path: REVOKED, bytes: utf8('x'), mode: 0o755 }]],
    ['bad-path', [{ path: '../x', bytes: utf8('x') }]],
    [
      'bad-path',
      [
        { path: REVOKED, bytes: utf8('x') },
        { path: REVOKED, bytes: utf8('y') },
      ],
    ],
    ['file-changed', [{ path: REVOKED, bytes: utf8('x'), replaces: sha256('x') }]],
  ])('%s leaves nothing', (code, files) => {
    const dir = authority();
    expect(outcome(dir, 'revoke', ...files)).toBe(code);
    expect(readdirSync(join(dir, 'revocations'))).toEqual([]);
    expect(pendingState(dir)).toBeUndefined();
  });

  test('puts a key file in the place of the one that was named, and of no other', () => {
    const dir = authority();
    const path = 'keys/root-1.age';
    writeFileSync(join(dir, path), 'old');
    const change = (replaces: string): string | undefined =>
      outcome(dir, 'key change-passphrase', { path, bytes: utf8('new'), mode: 0o600, replaces });
    expect(change(sha256('other'))).toBe('file-changed');
    expect(readFileSync(join(dir, path), 'utf8')).toBe('old');
    expect(change(sha256('old'))).toBeUndefined();
    expect(readFileSync(join(dir, path), 'utf8')).toBe('new');
    expect(readdirSync(join(dir, 'keys'))).toEqual(['root-1.age']);
  });
});

describe('what an interrupted one left', () => {
  const temporaryOf = (path: string): string => {
    const at = path.lastIndexOf('/') + 1;
    return `${path.slice(0, at)}.${path.slice(at)}.0123456789ab.tmp`;
  };

  test('a journal without contents is taken away, and so are temporaries', () => {
    const dir = authority();
    writeFileSync(join(dir, 'pending.json'), '');
    writeFileSync(join(dir, temporaryOf(REVOKED)), 'x');
    const left = { kind: 'rolled-back', files: ['pending.json', temporaryOf(REVOKED)] };
    expect(pendingState(dir)).toEqual(left);
    expect(recover(dir)).toEqual(left);
    expect([readdirSync(join(dir, 'revocations')), existsSync(join(dir, 'pending.json'))]).toEqual([[], false]);
    expect(recover(dir)).toBeUndefined();
  });

  test('a key file elsewhere gets its name where a key record is about it', () => {
    const elsewhere = join(temporaryFolder(), 'a.age');
    const journal = (uri: string): string => {
      const dir = authority();
      writeFileSync(temporaryOf(elsewhere), 'key');
      const { scheme } = suite('ed25519-sha256');
      const record = { uri, scheme, publicKey: new Uint8Array(32).fill(1), madeAtSeconds: 1_800_000_000 };
      writeFileSync(join(dir, 'keys/a.json'), encodeKeyRecord(record));
      const file = { temporary: temporaryOf(elsewhere), path: elsewhere, sha256: sha256('key'), mode: 0o600 };
      writeFileSync(join(dir, 'pending.json'), encodePending({ operation: 'key attach', files: [file] }));
      return dir;
    };
    expect(codeOf(() => recover(journal('file:/media/other.age')))).toBe('authority-damaged');
    expect(existsSync(elsewhere)).toBe(false);
    expect(recover(journal(`file:${elsewhere}`))).toEqual({
      kind: 'completed',
      operation: 'key attach',
      files: [elsewhere],
    });
    expect(readFileSync(elsewhere, 'utf8')).toBe('key');
  });
});
