/**
 * What people at a ceremony must do themselves: words, what they write down, and what they type from paper when
 * they go on.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { headShown, People } from '../../support/cli/ceremony-people.js';
import { run } from '../../support/cli/cli.js';
import { authorityWith, makeFolder, mustSucceed, newAuthority, type Scene } from '../../support/cli/cli-authority.js';
import { CTRL_C } from '../../support/cli/cli-terminal.js';
import { type Line, linesOf, newestTranscript, outcomesOf } from '../../support/cli/transcripts.js';
import { toolTest } from '../../support/machine/tools.js';

const NAMES = 'Olga, Willi';
const PERSONS = ['--person', 'operator=Olga <olga@example.org>', '--person', 'witness=Willi <willi@example.org>'];
const LOOK = '  - { id: look, check: [preflight, authority], by: operator, no: [retry, abort] }\n';
const SAY = '  - { id: say, say: Good morning, by: operator, no: [hold, abort] }\n';
const SIGN = '  - { id: sign, collect: [operator, witness], by: operator, no: [retry] }\n';
const REVOKE =
  '  - { id: revoke, run: revoke, with: { credential: root-1, reason: key-compromise }, by: operator, no: [hold, abort] }\n';
const WORDS = 'nothing usable is left';

function script(scene: Scene, steps: string): string {
  const file = scene.path('desk.yaml');
  const roles = '  operator: { people: 1, not: [witness] }\n  witness: { people: 1, not: [operator] }';
  writeFileSync(file, `version: 1\ntitle: A test\npurpose: To be run.\nroles:\n${roles}\nsteps:\n${steps}`);
  return file;
}

function people(scene: Scene, ...args: readonly string[]): People {
  return new People(['-C', scene.dir, ...args], { cwd: scene.folder });
}

const lines = (scene: Scene, event: string): Line[] =>
  linesOf(newestTranscript(scene)).filter((line) => line.event === event);

/** Changes lines of a transcript, and links those after them anew. */
function rewrite(file: string, change: (line: string) => string): void {
  let prev: string | undefined;
  const changed = readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => {
      const one = change(prev === undefined ? line : line.replace(/"prev":"[0-9a-f]{64}"/, `"prev":"${prev}"`));
      prev = createHash('sha256').update(one).digest('hex');
      return one;
    });
  writeFileSync(file, `${changed.join('\n')}\n`);
}

/** Begins a ceremony, and stops it at its first step. */
async function stopped(scene: Scene, steps = SAY + SIGN): Promise<People> {
  const all = people(scene, 'run', script(scene, steps), ...PERSONS);
  await all.answer('Roll-call', NAMES);
  await all.terminal.see('Read aloud');
  all.terminal.type(CTRL_C);
  await all.answer('Stop the ceremony here', 'stop');
  await all.ends(130);
  return all;
}

toolTest('script', 'words are typed by a person at the terminal, whatever --yes says', async () => {
  const scene = authorityWith('bundle');
  const args = ['run', script(scene, LOOK + REVOKE), '--yes'];
  const wrong = people(scene, ...args);
  await wrong.answer(`(type: ${WORDS})`, 'yes');
  await wrong.ends(1);
  expect(lines(scene, 'agree')).toMatchObject([{ answer: 'yes', by: 'whoever sits at the terminal' }]);
  expect(lines(scene, 'revoke')).toEqual([]);
  const again = people(scene, 'resume', '--yes');
  await again.answer(`(type: ${WORDS})`, WORDS);
  await again.ends(0);
  expect(lines(scene, 'agree').at(-1)).toMatchObject({ answer: WORDS, by: 'whoever sits at the terminal' });
  expect(lines(scene, 'revoke')).toHaveLength(1);
});

test('without a terminal, the record says that nobody was asked, and holds no answer', () => {
  const scene = authorityWith('bundle');
  mustSucceed(scene.json(['run', script(scene, LOOK + SAY + REVOKE)]));
  const [agree] = lines(scene, 'agree');
  expect(agree).toMatchObject({ by: 'nobody' });
  expect(agree).not.toHaveProperty('answer');
  expect(outcomesOf(newestTranscript(scene))).toContainEqual(['say', 'not-done']);
});

toolTest('script', 'the head is shown at every stop, and typed from paper before anything goes on', async () => {
  const scene = newAuthority();
  const all = await stopped(scene);
  const file = newestTranscript(scene);
  expect(headShown(all.terminal.text)).toBe(String(mustSucceed(scene.json(['transcript', 'show', file])).json.head));
  expect(all.terminal.text).toMatch(/Read aloud, its first four bytes: \S+ \S+ \S+ \S+\n/);
  const again = people(scene, 'resume');
  await again.answer('Roll-call', NAMES);
  await again.answer('type groups', '0000 1111 2222 3333');
  await again.terminal.see('NO: what was typed is not the head of this transcript');
  await again.answer('What next', 'retry');
  await again.typesHead(all);
  await again.answer('Read aloud', '');
  await again.ends(0);
  // What is expected is never shown.
  const before = again.terminal.text.slice(0, again.terminal.text.indexOf('What next'));
  for (const group of headShown(all.terminal.text).match(/.{4}/g) ?? []) expect(before).not.toContain(group);
  expect(lines(scene, 'head').map(({ compared }) => compared)).toEqual(['not-equal', 'equal']);
  // Who signs next, and with which command.
  for (const principal of ['olga@example.org', 'willi@example.org'])
    expect(again.terminal.text.replaceAll('\n', '')).toContain(
      `as-ceremony -C ${scene.dir} transcript sign ${file} --as ${principal}`,
    );
});

toolTest('script', 'a transcript that was rewritten while it waited does not match the paper', async () => {
  const scene = newAuthority();
  const all = await stopped(scene);
  // As whoever holds the disk does it: another answer, and every line after it chained anew.
  const file = newestTranscript(scene);
  rewrite(file, (line) => line.replace('Olga, Willi', 'Olga, Wilma'));
  mustSucceed(scene.cli(['transcript', 'show', file]));
  const again = people(scene, 'resume');
  await again.answer('Roll-call', NAMES);
  await again.typesHead(all);
  await again.terminal.see('NO: what was typed is not the head of this transcript');
  await again.answer('What next', 'hold');
  await again.ends(1);
  expect(linesOf(file).at(-1)).toMatchObject({ event: 'held' });
});

test('unattended, nobody compares the head, and the record says so', () => {
  const scene = authorityWith('root');
  const medium = scene.path('medium');
  const copy = `  - { id: copy, media: copy, medium: a stick, path: ${medium}, by: operator, no: [hold] }\n`;
  expect(scene.json(['run', script(scene, copy)]).json).toMatchObject({ code: 'held' });
  makeFolder(medium);
  mustSucceed(scene.json(['resume']));
  expect(lines(scene, 'head')).toMatchObject([{ compared: 'not-compared', by: 'nobody' }]);
});

toolTest('script', 'an interrupted ceremony is ended in words, and what it leaves is said', async () => {
  const scene = newAuthority();
  const root = '  - { id: root, run: root generate, by: operator, no: [retry, hold] }\n';
  const all = people(
    scene,
    'run',
    script(scene, LOOK + root + SAY + SIGN),
    ...PERSONS,
    '--passphrase-file',
    scene.passphraseFile,
  );
  await all.answer('Roll-call', NAMES);
  await all.answer('Your watch says', '');
  await all.answer('should this go ahead', 'yes');
  // It is shown and on record before the next step begins.
  await all.terminal.see('are on paper');
  const root1 = String(
    (mustSucceed(scene.json(['fingerprint', join(scene.dir, 'credentials/root-1.pem')])).json.credentials as Line[])[0]
      ?.fingerprint,
  );
  expect(all.terminal.text.replaceAll(/\s/g, '')).toContain(root1);
  all.terminal.type(CTRL_C);
  await all.answer('Stop the ceremony here', 'stop');
  await all.ends(130);
  for (const yes of [[], ['--yes']]) {
    const no = people(scene, 'resume', '--abort', ...yes);
    await no.answer('(type: end this ceremony)', 'yes');
    await no.ends(1);
    expect(no.terminal.text).toContain('code: declined');
  }
  const end = people(scene, 'resume', '--abort');
  await end.terminal.see(/files that stay\s+keys\/root-1\.json, credentials\/root-1\.pem/);
  await end.answer('(type: end this ceremony)', 'end this ceremony');
  await end.ends(0);
  expect(end.terminal.text).toMatch(/stays\s+keys\/root-1\.json, credentials\/root-1\.pem/);
  expect(linesOf(newestTranscript(scene)).at(-1)).toMatchObject({
    event: 'end',
    outcome: 'aborted',
    answer: 'end this ceremony',
    by: 'whoever sits at the terminal',
  });
  mustSucceed(scene.cli(['ledger', 'verify']));
});

toolTest('script', 'a fingerprint that a kill left unwritten is shown by resume', async () => {
  const scene = newAuthority();
  const root = '  - { id: root, run: root generate, by: operator, no: [retry, hold] }\n';
  const all = people(scene, 'run', script(scene, LOOK + root), ...PERSONS, '--passphrase-file', scene.passphraseFile);
  await all.answer('Roll-call', NAMES);
  await all.answer('Your watch says', '');
  await all.answer('should this go ahead', 'yes');
  await all.terminal.see('are on paper');
  run(['sh', '-c', `kill -KILL "$(sed 's/.*"pid":\\([0-9]*\\).*/\\1/' lock)"`], { cwd: scene.dir });
  await all.terminal.end();
  const again = people(scene, 'resume');
  await again.answer('Roll-call', NAMES);
  await again.answer('Is there none on paper', '');
  await again.writesDown();
  await again.ends(0);
  expect(lines(scene, 'fingerprint')).toMatchObject([{ step: 2, answer: '', by: 'operator (Olga)' }]);
});

test('ended unattended, the record says that nobody answered', () => {
  const scene = authorityWith('root');
  const copy = `  - { id: copy, media: copy, medium: a stick, path: ${scene.path('none')}, by: operator, no: [hold] }\n`;
  expect(scene.json(['run', script(scene, copy)]).json).toMatchObject({ code: 'held' });
  mustSucceed(scene.json(['resume', '--abort']));
  const end = linesOf(newestTranscript(scene)).at(-1);
  expect(end).toMatchObject({ event: 'end', outcome: 'aborted', by: 'nobody' });
  expect(end).not.toHaveProperty('answer');
});

for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
  toolTest(
    'script',
    `${signal} at a question ends it at once, with its head, on record, and without its lock`,
    async () => {
      const scene = authorityWith('bundle');
      const lock = join(scene.dir, 'lock');
      const holder = (): number => (JSON.parse(readFileSync(lock, 'utf8')) as { readonly pid: number }).pid;
      const all = people(scene, 'run', script(scene, LOOK + REVOKE + SIGN), ...PERSONS);
      await all.terminal.see('Roll-call');
      process.kill(holder(), signal);
      await all.ends(130);
      expect(existsSync(lock)).toBe(false);
      expect(lines(scene, 'interrupted')).toMatchObject([{ at: 'the roll-call' }]);
      const again = people(scene, 'resume');
      await again.answer('Roll-call', NAMES);
      await again.terminal.see('From the paper');
      process.kill(holder(), signal);
      await again.ends(130);
      expect(again.terminal.text).toContain('The head of the transcript');
      expect(existsSync(lock)).toBe(false);
      expect(lines(scene, 'interrupted')).toHaveLength(2);
    },
  );
}
