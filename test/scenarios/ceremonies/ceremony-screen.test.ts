/** What people at a real terminal of 80 columns and 24 rows see of a ceremony, and what their keys do. */
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect } from '@jest/globals';
import { newAuthority, type Scene } from '../../support/cli/cli-authority.js';
import { CTRL_C, ENTER, Terminal } from '../../support/cli/cli-terminal.js';
import { toolTest } from '../../support/machine/tools.js';

const AGREE = 'should this go ahead';
const PEOPLE = ['--person', 'operator=Olga Orlow', '--person', 'witness=Wanda Witt'];

const NAMES = 'Olga Orlow, Wanda Witt';

const script = (steps: string): string => `version: 1
title: A root on a small screen
purpose: What is shown, and when.
roles: { operator: { people: 1 }, witness: { people: 1 } }
needs: { roots: none }
steps:
${steps}`;

const ROOT_AND_BUNDLE = `  - { id: machine, check: [preflight, authority], by: operator, no: [retry, abort] }
  - { id: root, run: root generate, with: { key: 'file:keys/root-1.age' }, by: operator, no: [retry, hold] }
  - { id: bundle, run: bundle export, by: operator, no: [retry, hold] }
`;

/** An authority whose keys take seconds, as real ones do. */
function slowScene(steps: string): Scene & { readonly script: string } {
  const scene = newAuthority('example.org', (yaml) => yaml.replace(/^key_work_factor: .*$/m, 'key_work_factor: 18'));
  const path = scene.path('small.yaml');
  writeFileSync(path, script(steps));
  return { ...scene, script: path };
}

const open: Terminal[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.kill();
});

function at(scene: Scene, args: readonly string[], env: Record<string, string> = {}, rows = 24): Terminal {
  const clock = new Date().toISOString().slice(0, 16).replace('T', ' ');
  const given = ['--passphrase-file', scene.passphraseFile, '--clock', clock];
  const terminal = new Terminal(['-C', scene.dir, ...args, ...given], { cwd: scene.folder, env, rows });
  open.push(terminal);
  return terminal;
}

const aMoment = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

for (const TERM of ['xterm-256color', 'dumb']) {
  toolTest(
    'script',
    `TERM=${TERM}: what is typed while the program works is not shown, and answers nothing`,
    async () => {
      const scene = slowScene(ROOT_AND_BUNDLE);
      const terminal = at(scene, ['run', scene.script, ...PEOPLE], { TERM });
      await terminal.answer('Roll-call', NAMES);
      await terminal.see(AGREE);
      terminal.type(`yes${ENTER}yes${ENTER}TYPED-AHEAD${ENTER}`);
      await terminal.see('Working on');
      terminal.type(`TYPED-AHEAD${ENTER}yes${ENTER}yes`);
      await aMoment(100);
      terminal.type(`${ENTER}yes${ENTER}`);
      await terminal.answer('are on paper', '');
      await terminal.see('Bundle 1 of');
      await terminal.see(AGREE);
      await aMoment(700);
      expect(terminal.text).not.toContain('TYPED-AHEAD');
      expect(readdirSync(join(scene.dir, 'bundles'))).toEqual([]);
      terminal.type(`yes${ENTER}`);
      expect(await terminal.end()).toBe(0);
      expect(readdirSync(join(scene.dir, 'bundles'))).toHaveLength(1);
    },
  );
}

toolTest('script', 'Ctrl-C while the program works asks whether to stop', async () => {
  const scene = slowScene(ROOT_AND_BUNDLE);
  const terminal = at(scene, ['run', scene.script, ...PEOPLE]);
  await terminal.answer('Roll-call', NAMES);
  await terminal.answer(AGREE, 'yes');
  await terminal.see('Working on');
  terminal.type(CTRL_C);
  await terminal.answer('Stop the ceremony here', 'stop');
  expect(await terminal.end()).toBe(130);
  expect(readdirSync(join(scene.dir, 'bundles'))).toEqual([]);
});

toolTest('script', 'after No every choice has a line of its own', async () => {
  const scene = slowScene(ROOT_AND_BUNDLE);
  const terminal = at(scene, ['run', scene.script, ...PEOPLE]);
  await terminal.answer('Roll-call', NAMES);
  await terminal.answer(AGREE, 'no');
  await terminal.see('\n  retry: repeat this step\n  hold: stop here, and resume another time\n');
  await terminal.answer('What next', 'hold');
  expect(await terminal.end()).toBe(1);
  expect(terminal.text).not.toContain(String.raw`\u{`);
});

const COMPARED = `${ROOT_AND_BUNDLE}  - { id: fingerprint, compare: root, with: the paper, by: witness, no: [retry, hold] }
`;

toolTest(
  'script',
  'a fingerprint fits the screen where it is written down, and where it is compared its digits are nowhere',
  async () => {
    for (const [rows, has, hasNot, LANG = 'C.UTF-8'] of [
      [24, /no room for the QR code: /, '▀'],
      [16, /no room for the QR code and the words/, '▀'],
      [60, /▀/, 'no room'],
      // Without UTF-8 the code is twice as wide: 90 columns.
      [60, /no room for the QR code: /, '##', 'C'],
    ] as const) {
      const scene = newAuthority();
      writeFileSync(scene.path('small.yaml'), script(COMPARED));
      const terminal = at(scene, ['run', scene.path('small.yaml'), ...PEOPLE], { LANG }, rows);
      // What is about to happen stands before the first question.
      await terminal.see(
        /A root on a small screen[^]*operator: Olga Orlow[^]*SHA-256 of the plan:\n(?: +[0-9a-f ]{39}\n){2}/,
      );
      await terminal.answer('Roll-call', NAMES);
      await terminal.answer(AGREE, 'yes');
      await terminal.see('are on paper');
      const made = terminal.text.slice(terminal.text.lastIndexOf('The fingerprint of credentials/root-1.pem'));
      expect(made).toMatch(/\n(?: {4}(?:[0-9a-f]{4} ?){8}\n){2}\? Enter when all of its digits are on paper/);
      expect(made).toMatch(has);
      expect(made).not.toContain(hasNot);
      expect(made.split('\n').length).toBeLessThan(rows);
      // It stays until it stands there.
      terminal.type(`no${ENTER}`);
      await terminal.answer(/The fingerprint of credentials[^]*are on paper/, '');
      await terminal.see('Bundle ');
      await terminal.answer(AGREE, 'yes');
      await terminal.see('Step 4 of 4');
      await terminal.see('Where are the digits read from');
      const shown = terminal.text.slice(terminal.text.lastIndexOf('Step 4 of 4'));
      expect(shown).not.toMatch(/(?:[0-9a-f]{4} ){3}/);
      expect(shown).toMatch(has);
      expect(shown).not.toContain(hasNot);
      expect(shown.split('\n').length).toBeLessThan(rows);
      for (const line of [...made.split('\n'), ...shown.split('\n')]) expect(line.length).toBeLessThanOrEqual(80);
      const screens = terminal.raw.split('\u001b[2J');
      const digits = /[0-9a-f]{4} (?:[0-9a-f]{4} ){6}[0-9a-f]{4}/g;
      expect(screens.at(-1)).not.toMatch(digits);
      terminal.kill();
      await terminal.end();
    }
  },
);

toolTest('script', 'a rehearsal says so above every step, and steps that are left out are named', async () => {
  const scene = newAuthority();
  const left = `  - { id: in, media: insert, medium: a stick, path: '\${stick}', given: stick, by: operator, no: [hold] }
  - { id: out, media: eject, medium: a stick, path: '\${stick}', given: stick, by: operator, no: [hold] }
`;
  const parameters = "parameters: { stick: { type: path, default: '', says: a folder } }\nneeds:";
  writeFileSync(scene.path('small.yaml'), script(ROOT_AND_BUNDLE + left).replace('needs:', parameters));
  const terminal = at(scene, ['rehearse', scene.path('small.yaml'), ...PEOPLE, '--into', scene.path('practice')]);
  await terminal.answer('Roll-call', NAMES);
  await terminal.answer(AGREE, 'yes');
  await terminal.answer('are on paper', '');
  await terminal.see('Bundle ');
  await terminal.answer(AGREE, 'yes');
  await terminal.see('Steps 4 to 5 are left out by the plan.');
  expect(await terminal.end()).toBe(0);
  expect(terminal.text.match(/^(?:REHEARSAL \| )?Step \d of 5/gm)).toEqual(
    ['1', '2', '3'].map((n) => `REHEARSAL | Step ${n} of 5`),
  );
  expect(terminal.text).toMatch(/\n\d+ warnings? above\.\n/);
});
