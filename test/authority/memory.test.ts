/** What is remembered of authorities outside of them. */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Memory, type Remembered } from '../../src/authority/memory.js';
import { codeOf, temporaryFolder } from './support.js';

const ONE: Remembered = {
  domain: 'example.org',
  first: 'aa'.repeat(32),
  head: 'bb'.repeat(32),
  sequence: 7,
  atSeconds: 1_800_000_000,
};

function kept(...all: readonly Remembered[]): Memory {
  const memory = new Memory(join(temporaryFolder(), 'state'));
  for (const one of all) memory.keep(one);
  return memory;
}

test('what is kept is remembered, in the file of that authority alone', () => {
  const memory = kept(ONE, { ...ONE, domain: 'example.com' }, { ...ONE, sequence: 0, head: 'cc'.repeat(32) });
  expect(memory.of(ONE)).toEqual({ ...ONE, sequence: 0, head: 'cc'.repeat(32) });
  expect(memory.of({ ...ONE, first: 'dd'.repeat(32) })).toBeUndefined();
  expect(memory.ofDomain('example.com')).toEqual([{ ...ONE, domain: 'example.com' }]);
  expect(memory.ofDomain('example.net')).toEqual([]);
  expect(readdirSync(memory.folder)).toHaveLength(2);
  expect(statSync(memory.folder).mode & 0o777).toBe(0o700);
  expect(statSync(memory.pathOf(ONE)).mode & 0o777).toBe(0o600);
});

test('nothing is remembered if there is no folder', () => {
  const memory = new Memory(join(temporaryFolder(), 'nowhere'));
  expect(memory.of(ONE)).toBeUndefined();
  expect(memory.ofDomain('example.org')).toEqual([]);
});

test('what cannot be kept leaves nothing half done', () => {
  const memory = kept(ONE);
  mkdirSync(memory.pathOf({ ...ONE, domain: 'example.net' }));
  expect(codeOf(() => memory.keep({ ...ONE, domain: 'example.net' }))).toBeDefined();
  expect(readdirSync(memory.folder)).toHaveLength(2);
});

describe('a file that is none', () => {
  const whole = JSON.parse(readFileSync(kept(ONE).pathOf(ONE), 'utf8')) as Record<string, unknown>;
  const found = (change: Record<string, unknown> | string): Remembered | string | undefined => {
    const memory = kept(ONE);
    writeFileSync(memory.pathOf(ONE), typeof change === 'string' ? change : JSON.stringify({ ...whole, ...change }));
    expect(memory.ofDomain('example.org')).toEqual([]);
    return memory.of(ONE);
  };

  test.each<[string, Record<string, unknown> | string, RegExp]>([
    ['no JSON', '{', /it is not JSON/],
    ['another version', { version: 2 }, /its version is not 1/],
    ['one key more', { more: 1 }, /it has other keys/],
    ['no domain', { domain: '' }, /names no domain/],
    ['a first that is no hash', { first: 'aa' }, /not hashes/],
    ['a head that is no hash', { head: `${ONE.head}0` }, /not hashes/],
    ['a head that begins otherwise', { head: `x${ONE.head}` }, /not hashes/],
    ['a sequence below zero', { sequence: -1 }, /not a number/],
    ['a sequence that is text', { sequence: '7' }, /not a number/],
    ['half a sequence', { sequence: 0.5 }, /not a number/],
    ['no time', { time: 'yesterday' }, /yesterday/],
    ['a file that is too long', ' '.repeat(5000), /./],
  ])('%s', (_what, change, message) => {
    expect(found(change)).toMatch(message);
  });

  test.each([{ first: 'ee'.repeat(32) }, { domain: 'example.com' }])('of another authority: %p', (change) => {
    const memory = kept(ONE);
    writeFileSync(memory.pathOf(ONE), JSON.stringify({ ...whole, ...change }));
    expect(memory.of(ONE)).toMatch(/of another authority/);
  });

  test('of another name is not looked at', () => {
    const memory = kept(ONE);
    writeFileSync(join(memory.folder, 'x.json'), JSON.stringify(whole));
    expect(memory.ofDomain('example.org')).toHaveLength(1);
  });
});
