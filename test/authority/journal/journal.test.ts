/**
 * What a journal may say, and what small records may: table by table, from what is in order to one thing that is not.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { isOperation, journalFault, mayAdd, type Pending } from '../../../src/authority/formats/journal-rules.js';
import { encodePending, readPending } from '../../../src/authority/formats/pending.js';
import {
  bundleMarkPath,
  decodeBundleMark,
  decodeKeyMark,
  decodeKeyRecord,
  decodeReserve,
  decodeRevocation,
  encodeBundleMark,
  encodeKeyMark,
  encodeKeyRecord,
  encodeReserve,
  encodeRevocation,
  isMarkName,
  keyMarkPath,
  reservePath,
} from '../../../src/authority/formats/small-files.js';
import { hasExactly, parseJsonObject, textField } from '../../../src/codec/strict-json.js';
import { fromUtf8, utf8 } from '../../../src/common/bytes.js';
import { suite } from '../../policy/support.js';
import { codeOf, temporaryFolder } from '../support.js';

const SHA = 'ab'.repeat(32);
const RANDOM = '0123456789ab';
const AT = 1_800_000_000;

const file = (path: string, more: object = {}): Pending['files'][number] => {
  const at = path.lastIndexOf('/') + 1;
  return { temporary: `${path.slice(0, at)}.${path.slice(at)}.${RANDOM}.tmp`, path, sha256: SHA, mode: 0o644, ...more };
};
const LINES = { path: 'transcripts/0002-run.jsonl', length: 7, text: '{}\n' };

describe('a journal that its command could have written', () => {
  const fault = (operation: string, files: Pending['files'], lines?: Pending['lines']): string =>
    journalFault({ operation, files, ...(lines === undefined ? {} : { lines }) }) ?? 'none';

  test.each<[string, readonly string[]]>([
    ['revoke', [`revocations/${SHA}.json`, 'transcripts/0003-revoke.jsonl']],
    ['root generate', ['credentials/root-1.pem', 'keys/root-1.json', 'keys/root-1.age', '/media/a.age']],
    ['intermediate issue', ['credentials/intermediate-1.pem', 'transcripts/0003-intermediate-issue.jsonl']],
    ['bundle export', ['bundles/bundle-000001.cose', 'transcripts/123456-bundle-export.jsonl']],
    ['run', ['transcripts/0002-run.jsonl.plan.json', 'transcripts/0002-run.jsonl']],
  ])('%s', (operation, paths) => {
    expect(
      fault(
        operation,
        paths.map((path) => file(path)),
      ),
    ).toBe('none');
    expect(isOperation(operation)).toBe(true);
  });

  test('change-passphrase alone puts a key file in the place of another', () => {
    const [key, replacing] = [file('keys/root-1.age'), file('keys/root-1.age', { replaces: SHA, mode: 0o600 })];
    expect(fault('key change-passphrase', [replacing])).toBe('none');
    expect(fault('key change-passphrase', [key])).toMatch(/makes no new/);
    expect(fault('key attach', [key])).toBe('none');
    expect(fault('key attach', [replacing])).toMatch(/replaces no/);
    expect(fault('revoke', [file('/media/a.age')])).toMatch(/writes no/);
    expect(fault('run', [file('keys/root-1.age')])).toMatch(/writes no/);
  });

  test.each<[string, string, Pending['files'], RegExp]>([
    ['of no command', 'dance', [], /no command that writes is named dance/],
    ['with a file of another command', 'revoke', [file('credentials/root-1.pem')], /revoke writes no/],
    ['with a file of no command', 'revoke', [file('notes.txt')], /revoke writes no/],
    ['with the mode of a program', 'revoke', [file(`revocations/${SHA}.json`, { mode: 0o755 })], /has the mode 755/],
    ['with the transcript of another', 'revoke', [file('transcripts/0003-init.jsonl')], /revoke writes no/],
    [
      'with two transcripts',
      'revoke',
      [file('transcripts/0003-revoke.jsonl'), file('transcripts/0004-revoke.jsonl')],
      /does not write transcripts\/0004-revoke.jsonl besides/,
    ],
    ['with a number of three digits', 'revoke', [file('transcripts/003-revoke.jsonl')], /revoke writes no/],
    ['with a fault behind a good file', 'revoke', [file(`revocations/${SHA}.json`), file('x')], /revoke writes no x/],
  ])('%s is none', (_what, operation, files, message) => {
    expect(fault(operation, files)).toMatch(message);
  });

  test('with lines adds them to a ceremony’s transcript, and has no other', () => {
    expect(fault('revoke', [file(`revocations/${SHA}.json`)], LINES)).toBe('none');
    expect(fault('revoke', [], { ...LINES, path: 'transcripts/0002-rehearse.jsonl' })).toBe('none');
    expect(fault('revoke', [file('transcripts/0003-revoke.jsonl')], LINES)).toMatch(/besides/);
    for (const path of ['0002-revoke.jsonl', '02-run.jsonl', '0002-run.jsonl.x', '1234567-run.jsonl'])
      expect(fault('revoke', [], { ...LINES, path: `transcripts/${path}` })).toMatch(/adds no lines/);
  });

  test.each([
    ['revoke', 'revoke', true],
    ['revoke', 'files', true],
    ['revoke', 'settings', true],
    ['revoke', 'memory', true],
    ['revoke', 'sign', false],
    ['run', 'plan', true],
    ['run', 'program', true],
    ['run', 'script', true],
    ['run', 'people', true],
    ['run', 'sign', false],
    ['dance', 'sign', false],
  ])('%s may add %s: %p', (operation, event, may) => {
    expect(mayAdd(operation, event)).toBe(may);
  });
});

describe('pending.json', () => {
  const PENDING: Pending = { operation: 'revoke', files: [file(`revocations/${SHA}.json`)], lines: LINES };
  const read = (text: string | Uint8Array): Pending | undefined => {
    const dir = temporaryFolder();
    writeFileSync(join(dir, 'pending.json'), text);
    return readPending(dir);
  };
  const whole = JSON.parse(fromUtf8(encodePending(PENDING)) ?? '') as Record<string, unknown>;
  const [one] = whole.files as readonly Record<string, unknown>[];
  const refused = (change: object): string | undefined => codeOf(() => read(JSON.stringify({ ...whole, ...change })));

  test('is read as it was written', () => {
    expect(read(encodePending(PENDING))).toEqual(PENDING);
    const key = file('keys/a.age', { replaces: SHA, mode: 0o600 });
    const replacing: Pending = { operation: 'key change-passphrase', files: [key] };
    expect(read(encodePending(replacing))).toEqual(replacing);
    expect(read('')).toBeUndefined();
    expect(readPending(temporaryFolder())).toBeUndefined();
    expect(refused({})).toBeUndefined();
    expect(refused({ lines: { ...LINES, length: 0 } })).toBeUndefined();
  });

  test.each<[string, object]>([
    ['version', { version: 2 }],
    ['operation, in capitals', { operation: 'Revoke' }],
    ['operation, unknown', { operation: 'dance' }],
    ['operation, no text', { operation: 7 }],
    ['an unknown key', { more: 1 }],
    ['files, no list', { files: {} }],
    ['a file, no object', { files: [null] }],
    ['a file, a list', { files: [[]] }],
    ['a file, behind a good one', { files: [one, 7] }],
    ['a file with an unknown key', { files: [{ ...one, more: 1 }] }],
    ['a hash that is too short', { files: [{ ...one, sha256: SHA.slice(1) }] }],
    ['a hash with something before it', { files: [{ ...one, sha256: `0${SHA}` }] }],
    ['a mode that is text', { files: [{ ...one, mode: '644' }] }],
    ['a path outside', { files: [{ ...one, path: '../x', temporary: `../.x.${RANDOM}.tmp` }] }],
    ['a temporary of another file', { files: [{ ...one, temporary: `revocations/.x.${RANDOM}.tmp` }] }],
    ['a temporary elsewhere', { files: [{ ...one, temporary: `keys/.${SHA}.json.${RANDOM}.tmp` }] }],
    ['a temporary of another pattern', { files: [{ ...one, temporary: `revocations/.${SHA}.json.x.tmp` }] }],
    ['a temporary with something behind', { files: [{ ...one, temporary: `${String(one?.temporary)}x` }] }],
    [
      'a temporary with something between',
      { files: [{ ...one, temporary: `revocations/.${SHA}.json.x${RANDOM}.tmp` }] },
    ],
    ['replaces, no hash', { files: [{ ...one, replaces: 'x' }] }],
    ['replaces, no text', { files: [{ ...one, replaces: 7 }] }],
    ['lines, no object', { lines: [] }],
    ['lines, null', { lines: null }],
    ['lines with an unknown key', { lines: { ...LINES, more: 1 } }],
    ['lines without an end', { lines: { ...LINES, text: '{}' } }],
    ['lines of a negative length', { lines: { ...LINES, length: -1 } }],
    ['lines of half a length', { lines: { ...LINES, length: 0.5 } }],
    ['lines of a length in text', { lines: { ...LINES, length: '7' } }],
    ['lines elsewhere', { lines: { ...LINES, path: 'keys/0002-run.jsonl' } }],
    ['lines in a strange name', { lines: { ...LINES, path: 'transcripts/.0002-run.jsonl' } }],
    ['lines in a companion', { lines: { ...LINES, path: 'transcripts/0002-run.jsonl.sig' } }],
  ])('%s', (_what, change) => {
    expect(refused(change)).toBe('authority-damaged');
  });

  test.each(['{', '[]', 'null', '7'])('%p is none', (text) => {
    expect(codeOf(() => read(text))).toBe('authority-damaged');
  });
});

describe('small records', () => {
  const { scheme } = suite('ed25519-sha256');
  const KEY = { uri: 'file:keys/root-1.age', scheme, publicKey: new Uint8Array(32).fill(7), madeAtSeconds: AT };
  const FACTS = { origin: 'adopted', backup: 'wrapped', label: 'x' } as const;
  const REVOKED = { fingerprint: new Uint8Array(48).fill(1), revokedAtSeconds: AT, reason: 'superseded' } as const;
  const MARK = { state: 'withdrawn', atSeconds: AT, sha256: SHA } as const;
  const END = { state: 'destroying', atSeconds: AT, publicKey: new Uint8Array(32).fill(7) } as const;
  const RESERVE = { fingerprint: SHA, atSeconds: AT };

  test('are read as they were written', () => {
    expect(decodeKeyRecord(encodeKeyRecord(KEY))).toEqual(KEY);
    const hsm = { origin: 'adopted', backup: 'wrapped', facts: FACTS } as const;
    expect(decodeKeyRecord(encodeKeyRecord({ ...KEY, uri: 'pkcs11:token=x', hsm }))).toEqual({
      ...KEY,
      uri: 'pkcs11:token=x',
      hsm,
    });
    expect(decodeRevocation(encodeRevocation(REVOKED))).toEqual(REVOKED);
    expect(decodeBundleMark(encodeBundleMark(MARK))).toEqual(MARK);
    expect(decodeBundleMark(encodeBundleMark({ ...MARK, state: 'published' }))).toEqual({
      ...MARK,
      state: 'published',
    });
    expect(decodeKeyMark(encodeKeyMark(END))).toEqual(END);
    expect(decodeKeyMark(encodeKeyMark({ ...END, state: 'destroyed' }))).toEqual({ ...END, state: 'destroyed' });
    expect(decodeReserve(encodeReserve(RESERVE))).toEqual(RESERVE);
  });

  test('lie in files that are named for what they are about', () => {
    expect(bundleMarkPath('bundles/bundle-000001.cose', 'withdrawn')).toBe('bundles/bundle-000001.withdrawn.json');
    expect(bundleMarkPath('bundles/a.cose.cose', 'published')).toBe('bundles/a.cose.published.json');
    expect(reservePath('credentials/root-2.pem')).toBe('credentials/root-2.reserve.json');
    expect(keyMarkPath('root-1', 'destroyed')).toBe('keys/root-1.destroyed.json');
    expect(['a.destroyed', 'a.destroying', 'a', 'destroyed.a'].map(isMarkName)).toEqual([true, true, false, false]);
  });

  test.each<[string, (file: Uint8Array) => unknown, Uint8Array, object, RegExp]>([
    ['key', decodeKeyRecord, encodeKeyRecord(KEY), { uri: 'http:x' }, /^uri is/],
    ['key', decodeKeyRecord, encodeKeyRecord(KEY), { uri: 'file:a b' }, /^uri is/],
    ['key', decodeKeyRecord, encodeKeyRecord(KEY), { uri: 'xfile:a' }, /^uri is/],
    ['key', decodeKeyRecord, encodeKeyRecord(KEY), { uri: 7 }, /^uri is/],
    ['key', decodeKeyRecord, encodeKeyRecord(KEY), { uri: 'file:keys/../../x.age' }, /^uri is none: .* goes through/],
    ['key', decodeKeyRecord, encodeKeyRecord(KEY), { uri: 'file:keys/x.pem' }, /^uri is none: .* does not end in/],
    ['key', decodeKeyRecord, encodeKeyRecord(KEY), { uri: 'pkcs11:nothing=x' }, /^uri is none: /],
    ['key', decodeKeyRecord, encodeKeyRecord(KEY), { scheme: 'rsa' }, /^scheme is unknown/],
    ['key', decodeKeyRecord, encodeKeyRecord(KEY), { public_key: '07' }, /^public_key is not 32 bytes/],
    ['key', decodeKeyRecord, encodeKeyRecord(KEY), { public_key: 'x' }, /^public_key is not 32 bytes/],
    ['key', decodeKeyRecord, encodeKeyRecord(KEY), { made_at: 'today' }, /^made_at: /],
    ['key', decodeKeyRecord, encodeKeyRecord(KEY), { made_at: 7 }, /^made_at is missing/],
    ['key', decodeKeyRecord, encodeKeyRecord(KEY), { hsm: null }, /^hsm is not/],
    ['key', decodeKeyRecord, encodeKeyRecord(KEY), { hsm: [] }, /^hsm is not/],
    ['key', decodeKeyRecord, encodeKeyRecord(KEY), { hsm: { ...FACTS, origin: 'x' } }, /^hsm is not/],
    ['key', decodeKeyRecord, encodeKeyRecord(KEY), { hsm: { ...FACTS, backup: 'x' } }, /^hsm is not/],
    ['key', decodeKeyRecord, encodeKeyRecord(KEY), { version: 2 }, /^version is 2/],
    ['key', decodeKeyRecord, encodeKeyRecord(KEY), { version: undefined }, /^version is null/],
    ['key', decodeKeyRecord, encodeKeyRecord(KEY), { more: 1 }, /^its keys are not/],
    ['revocation', decodeRevocation, encodeRevocation(REVOKED), { fingerprint: '07' }, /^fingerprint is not/],
    ['revocation', decodeRevocation, encodeRevocation(REVOKED), { fingerprint: 7 }, /^fingerprint is not/],
    ['revocation', decodeRevocation, encodeRevocation(REVOKED), { revoked_at: 'x' }, /^revoked_at: /],
    ['revocation', decodeRevocation, encodeRevocation(REVOKED), { reason: 'x' }, /^reason is none of/],
    ['bundle mark', decodeBundleMark, encodeBundleMark(MARK), { state: 'x' }, /^state is none of/],
    ['bundle mark', decodeBundleMark, encodeBundleMark(MARK), { at: 'x' }, /^at: /],
    ['bundle mark', decodeBundleMark, encodeBundleMark(MARK), { sha256: `${SHA}0` }, /^sha256 is not/],
    ['bundle mark', decodeBundleMark, encodeBundleMark(MARK), { sha256: 7 }, /^sha256 is not/],
    ['key mark', decodeKeyMark, encodeKeyMark(END), { state: 'x' }, /^state is none of/],
    ['key mark', decodeKeyMark, encodeKeyMark(END), { at: 'x' }, /^at: /],
    ['key mark', decodeKeyMark, encodeKeyMark(END), { public_key: '' }, /^public_key is not hex/],
    ['key mark', decodeKeyMark, encodeKeyMark(END), { public_key: 'x' }, /^public_key is not hex/],
    ['reserve', decodeReserve, encodeReserve(RESERVE), { fingerprint: '07' }, /^fingerprint is not/],
    ['reserve', decodeReserve, encodeReserve(RESERVE), { since: 'x' }, /^since: /],
  ])('a %s %#', (_what, decode, bytes, change, message) => {
    const whole = JSON.parse(fromUtf8(bytes) ?? '') as object;
    expect(decode(utf8(JSON.stringify({ ...whole, ...change })))).toMatch(message);
    expect(decode(utf8('['))).toMatch(/it is not JSON/);
  });
});

describe('JSON', () => {
  test.each<[string | Uint8Array, RegExp]>([
    ['[]', /no|not a JSON object/],
    ['null', /not a JSON object/],
    ['"x"', /not a JSON object/],
    ['{', /not JSON/],
    ['{"a":1,"a":2}', /the key "a" twice/],
    [Uint8Array.of(0x7b, 0xff, 0x7d), /not UTF-8/],
    ['['.repeat(40), /nested more than/],
  ])('%p', (text, message) => {
    expect(parseJsonObject(text)).toMatch(message);
  });

  test('fields are own ones, of their type', () => {
    expect([textField({ a: 'x' }, 'a'), textField({ a: 1 }, 'a'), textField({}, 'toString')]).toEqual([
      'x',
      undefined,
      undefined,
    ]);
    const two = { a: 1, b: 2 };
    expect([['a', 'b'], ['b', 'a'], ['a'], ['a', 'c'], ['a', 'b', 'c']].map((keys) => hasExactly(two, keys))).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
    expect(hasExactly({ a: 1 }, ['toString'])).toBe(false);
  });
});
