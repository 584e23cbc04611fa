/**
 * As much as fits into a file or a folder, put there by somebody who can write it: said in seconds, and in a length
 * that a person can read.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { cli, cliJson, type Ended } from '../../support/cli/cli.js';
import { authorityWith, mustSucceed, newFolder } from '../../support/cli/cli-authority.js';
import { expectRefusal } from '../../support/cli/cli-errors.js';
import { now } from '../../support/cli/planted.js';
import { addCeremony, named } from '../../support/cli/transcripts.js';
import { filled } from '../../support/events.js';

const SECONDS = 20;
/** What a terminal still holds. */
const READABLE = 256 * 1024;

/** Within the time that a busy machine may take; without bounds it is minutes. */
function inTime(action: () => Ended): Ended {
  const begun = performance.now();
  const ended = action();
  expect(performance.now() - begun).toBeLessThan(SECONDS * 1000);
  return ended;
}

const many = <T>(one: (i: number) => T): readonly T[] => Array.from({ length: 140_000 }, (_, i) => one(i));

test('millions of empty lines in a transcript', () => {
  const { dir } = authorityWith('root');
  writeFileSync(join(dir, 'transcripts/0003-run.jsonl'), '\n'.repeat(8 * 1024 * 1024));
  const ended = inTime(() => cli(['-C', dir, 'status']));
  expectRefusal(ended, { status: 3, code: 'authority-damaged', says: 'it has more than 131072 lines' });
});

test('more mistakes in the settings, or in a script, than anybody reads', () => {
  const { dir } = authorityWith('root');
  const mistakes = `a: ${'}'.repeat(60_000)}`;
  writeFileSync(join(dir, 'authority.yaml'), mistakes);
  const script = join(newFolder(), 'script.yaml');
  writeFileSync(script, mistakes);
  for (const args of [['status'], ['plan', script]]) {
    const ended = inTime(() => cli(['-C', dir, ...args]));
    expect(ended.stderr.length).toBeLessThan(READABLE);
    expect(ended.stderr).toMatch(/ {2}- and \d+ more, which --json lists\ncode: bad-\w+\n/);
    const { findings } = cliJson(['-C', dir, ...args]).json as { readonly findings: readonly unknown[] };
    expect(findings.length).toBeGreaterThan(10_000);
  }
});

test('thousands of files that a crash seems to have left', () => {
  const scene = authorityWith('root');
  mkdirSync(join(scene.dir, 'requests'), { recursive: true });
  for (let i = 0; i < 3000; i++)
    writeFileSync(join(scene.dir, `requests/.a.${i.toString(16).padStart(12, '0')}.tmp`), '');
  mustSucceed(inTime(() => scene.cli(['bundle', 'export'])));
});

test('people, and values of parameters, without end', () => {
  const { dir } = authorityWith('root');
  const script = join(newFolder(), 'script.yaml');
  const steps = Array.from(
    { length: 30 },
    (_, i) => `  - { id: s${String(i)}, say: '${'${x}'.repeat(400)}', by: witness, no: [hold] }`,
  );
  const head =
    'version: 1\ntitle: A\npurpose: B\nroles: { witness: { people: 1 } }\nparameters: { x: { type: text, says: c } }\nsteps:\n';
  writeFileSync(script, `${head}${steps.join('\n')}\n`);
  const plan = (x: string, people: number): Ended => {
    const all = Array.from({ length: people }, (_, i) => [
      '--person',
      `witness=N${String(i)} <n${String(i)}@example.org>`,
    ]);
    return inTime(() => cli(['-C', dir, 'plan', script, '--out', `${script}.json`, '--set', `x=${x}`, ...all.flat()]));
  };
  const long = 'x'.repeat(100_000);
  expectRefusal(plan(long, 1), { status: 2, code: 'usage', says: 'is longer than 4096' });
  expectRefusal(plan('x'.repeat(4096), 1), { status: 2, code: 'usage', says: 'becomes longer than 16384 characters' });
  expectRefusal(plan('y', 3000), { status: 1, code: 'bad-people', says: '128 people at most, and 3000 are named' });
});

test.each([
  [
    'people',
    [['people', { people: Array.from({ length: 20_000 }, (_, i) => ({ name: `N${String(i)}`, role: 'operator' })) }]],
    { status: 1, code: 'bad-transcript', says: 'names more than 128 people' },
  ],
  ['attempts at one step', Array.from({ length: 20_000 }, () => ['step', { step: 1 }]), undefined],
] as const)('a transcript with %s without end', (_what, events, refusal) => {
  const scene = authorityWith('root');
  const transcript = addCeremony(scene, { events: events as never });
  for (const command of ['minutes', 'evidence']) {
    const out = scene.path(`${command}.html`);
    const ended = inTime(() => cli(['transcript', command, transcript, '--out', out]));
    if (refusal === undefined) mustSucceed(ended);
    else expectRefusal(ended, refusal);
  }
});

test.each([
  ['signers', 'end', { to_sign: many((i) => `a${String(i)}`) }, 'its to_sign is not valid'],
  [
    'names to collect',
    'collect',
    { step: 1, without_principal: [], to_sign: many((i) => `a${String(i)}`) },
    'its to_sign is not valid',
  ],
  ['files', 'files', { files: many((i) => ({ path: `f${String(i)}`, sha256: 'ab'.repeat(32) })) }, ''],
  ['findings', 'refusal', { findings: many(() => ({ rule: 'a', code: 'b', message: 'c' })) }, ''],
  ['steps that are done', 'resumed', { done: many((i) => i) }, ''],
  ['differing files', 'media', { action: 're-read', differing: many((i) => `f${String(i)}`) }, ''],
] as const)('one event of a transcript with %s without end', (_what, event, fields, says) => {
  const scene = authorityWith('root');
  const events = [[event, filled(event, fields)]] as const;
  const transcript = addCeremony(scene, { events, withoutEnd: event === 'end', atSeconds: now() });
  for (const command of ['transcript verify', 'ledger verify']) {
    const args = command === 'ledger verify' ? [] : [transcript];
    const { status, stderr } = inTime(() => cli(['-C', scene.dir, ...command.split(' '), ...args]));
    expect([command, stderr]).not.toEqual([command, expect.stringContaining('code: internal')]);
    if (says !== '') expect([command, status, stderr]).toEqual([command, 1, expect.stringContaining(says)]);
  }
});

test('evidence of a key, and of copies without end', () => {
  const scene = authorityWith('root');
  const times = <T>(one: T): readonly T[] => Array.from({ length: 8000 }, () => one);
  const medium = { step: 1, medium: 'm', path: '/m', in_memory: false };
  const copy = ['media', { ...medium, action: 'copy', files_copied: 1 }] as const;
  const read = ['media', { ...medium, action: 're-read', files_read: 1, uncached: true, differing: [] }] as const;
  const made = ['files', { files: [named(scene, 'credentials/root-1.pem')] }] as const;
  const transcript = addCeremony(scene, { events: [made, ...times(copy), ...times(read)], atSeconds: now() });
  const { stdout } = inTime(() => cli(['-C', scene.dir, '--json', 'transcript', 'evidence', transcript]));
  const { rows } = JSON.parse(stdout) as { readonly rows: readonly { readonly id: string; readonly shows: unknown }[] };
  const says = 'copied to m (/m), and read again: no difference';
  expect(rows.find(({ id }) => id === 'backup')?.shows).toEqual([{ what: says, lines: [8002, 8003] }]);
});
