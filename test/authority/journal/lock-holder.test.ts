/** Whose lock it is, and whether its process is certainly gone. */
import { spawnSync } from 'node:child_process';
import { symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import {
  bootId,
  describeHolder,
  encodeHolder,
  isDead,
  type LockHolder,
  nonceOfEarlierStart,
  pidNamespace,
  processExists,
  processStart,
  readHolder,
} from '../../../src/authority/journal/lock-holder.js';
import { codeOf, temporaryFolder } from '../support.js';

const OWN: LockHolder = {
  pid: process.pid,
  pidNamespace: 'one',
  processStart: processStart(process.pid),
  bootId: 'boot',
  host: 'here',
  command: 'revoke',
  since: '2026-11-22T09:30:00Z',
  nonce: '0123456789ab',
};
/** No process has its number any more. */
const GONE = spawnSync('true').pid;

describe('dead is only what certainly is', () => {
  test.each<[string, Partial<LockHolder>, boolean]>([
    ['this process', {}, false],
    ['the same number, begun at another time', { processStart: '1' }, true],
    ['the same number, begun nobody knows when', { processStart: null }, false],
    ['a number that nobody has', { pid: GONE }, true],
    ['the same on another host', { pid: GONE, host: 'there' }, false],
    ['the same in another PID namespace', { pid: GONE, pidNamespace: 'two' }, false],
    ['the same in a namespace that is not known', { pid: GONE, pidNamespace: null }, false],
    ['before this kernel started', { bootId: 'earlier' }, true],
    ['before this kernel started, in another namespace', { bootId: 'earlier', pidNamespace: 'two' }, true],
    ['before this kernel started, on another host', { bootId: 'earlier', host: 'there' }, false],
    ['under a kernel that is not known', { bootId: null }, false],
  ])('%s: %p', (_who, change, dead) => {
    expect(isDead({ ...OWN, ...change }, OWN)).toBe(dead);
  });

  test('and where this kernel is not known, another is no other', () => {
    expect(isDead({ ...OWN, bootId: 'earlier' }, { ...OWN, bootId: null })).toBe(false);
  });
});

describe('a lock file', () => {
  const read = (text: string | Uint8Array): LockHolder | 'unreadable' | undefined => {
    const dir = temporaryFolder();
    writeFileSync(join(dir, 'lock'), text);
    return readHolder(dir, 'lock');
  };
  const whole = JSON.parse(Buffer.from(encodeHolder(OWN)).toString()) as Record<string, unknown>;

  test('is read as it was written', () => {
    expect(read(encodeHolder(OWN))).toEqual(OWN);
    const unknown = { ...OWN, pidNamespace: null, processStart: null, bootId: null };
    expect(read(encodeHolder(unknown))).toEqual(unknown);
    expect(readHolder(temporaryFolder(), 'lock')).toBeUndefined();
    const dir = temporaryFolder();
    symlinkSync('nowhere', join(dir, 'lock'));
    expect(codeOf(() => readHolder(dir, 'lock'))).toBe('authority-damaged');
  });

  test.each<[string, unknown]>([
    ['version', 2],
    ['pid', 0],
    ['pid', 1.5],
    ['pid', '7'],
    ['pid_namespace', 7],
    ['process_start', 7],
    ['boot_id', 7],
    ['host', 7],
    ['host', ''],
    ['host', 'a\u001bb'],
    ['command', null],
    ['command', 'x'.repeat(201)],
    ['since', undefined],
    ['since', 'Grüße'],
    ['nonce', '0123456789a'],
    ['nonce', '0123456789abc'],
    ['nonce', '0123456789AB'],
    ['nonce', 7],
    ['more', 1],
  ])('with the %s %p is no lock of ours', (key, value) => {
    expect(read(JSON.stringify({ ...whole, [key]: value }))).toBe('unreadable');
  });

  test('with the least number, and with the longest name', () => {
    expect(read(JSON.stringify({ ...whole, pid: 1, host: 'h'.repeat(200) }))).toMatchObject({ pid: 1 });
  });

  test.each(['', '{', '[]', 'null'])('%p is none', (text) => {
    expect(read(text)).toBe('unreadable');
  });
});

describe('a lock that nobody can read', () => {
  test('is void if it was written before this machine started, by more than its clock may be set', () => {
    const started = Math.floor(Date.now() / 1000 - process.hrtime()[0]);
    const at = (seconds: number): string | undefined => {
      const dir = temporaryFolder();
      writeFileSync(join(dir, 'lock'), '');
      utimesSync(join(dir, 'lock'), seconds, seconds);
      return nonceOfEarlierStart(dir, 'lock');
    };
    expect(at(started + 60)).toBeUndefined();
    expect(at(started)).toBeUndefined();
    expect(at(started - 3600)).toMatch(/^[0-9a-f]{12}$/);
    expect(nonceOfEarlierStart(temporaryFolder(), 'lock')).toBeUndefined();
  });
});

test('what this process knows of itself', () => {
  expect(processExists(process.pid)).toBe(true);
  expect(processExists(1)).toBe(true);
  expect(processExists(GONE)).toBe(false);
  expect(processStart(process.pid)).toMatch(/^\d+$/);
  expect(processStart(GONE)).toBeNull();
  expect(bootId()).toMatch(/^[0-9a-f-]{36}$/);
  expect(pidNamespace()).toMatch(/^\d+:\d+$/);
  expect(describeHolder({ ...OWN, pid: 7 })).toBe('process 7 on here (revoke) since 2026-11-22T09:30:00Z');
});
