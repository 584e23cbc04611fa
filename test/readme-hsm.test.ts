/** README.md's section to follow with SoftHSM: every command runs as written, from an empty home, and prints what is shown. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { blocksOf, isInteractive, normalise, README, ROOT, type Step } from './support/readme/readme-blocks.js';
import { ReadmeShell, type Ran } from './support/readme/readme-run.js';
import { hasTool, testWhere, toolTest } from './support/machine/tools.js';

const TIMEOUT = 120_000;
const blocks = blocksOf(README).filter(({ note }) => note.startsWith('SoftHSM'));
const runnable = blocks.filter(({ note }) => note === 'SoftHSM');

describe('the section to follow with SoftHSM', () => {
  const shell = new ReadmeShell();
  // The `as-ceremony` of a person who has followed the README so far.
  beforeAll(() => {
    shell.run({ command: `mkdir -p ~/bin && ln -sf '${ROOT}bin/as-ceremony.js' ~/bin/as-ceremony` });
  });
  afterAll(() => {
    shell.end();
  });

  /** What differs between versions of SoftHSM. */
  const comparable = (text: string): string =>
    normalise(text, shell.home)
      .replace(/(firmware +|PKCS11 )\d+\.\d+/g, '$1N.N')
      // The module's real path, where the vendor's link leads.
      .replace(/\/usr\/lib\/(\w+-linux-gnu\/)?softhsm\//g, '/usr/lib/softhsm/')
      .replace(/ +/g, ' ');

  function check({ shown }: Step, { output, status }: Ran, answered: boolean): void {
    expect({ output, failed: status !== 0 }).toEqual({ output, failed: shown.startsWith('error: ') });
    const printed = comparable(output);
    if (!answered) {
      if (shown !== '') expect(printed).toBe(comparable(shown));
      return;
    }
    let from = 0;
    for (const line of comparable(shown.replace(/^\? /gm, '')).split('\n')) {
      const at = printed.indexOf(line, from);
      expect({ printed, line, there: at >= 0 }).toEqual({ printed, line, there: true });
      from = at + line.length;
    }
  }

  function runStep(step: Step): void {
    const asks = isInteractive({ line: 0, language: 'console', note: '', text: '', steps: [step] });
    if (!asks) check(step, shell.run(step), false);
    else if (hasTool('expect')) check(step, shell.runAnswering(step), true);
    else expect(shell.run({ command: `${step.command} --yes` }).status).toBe(0);
  }

  for (const { line, steps, text } of runnable) {
    const name = `line ${String(line)}: ${steps[0]?.command.split('\n')[0] ?? ''}`;
    const run = (): void => {
      steps.forEach(runStep);
    };
    if (/^\$ jq /m.test(text)) {
      testWhere(hasTool('softhsm2-util') && hasTool('jq'), 'softhsm2 or no jq', name, run, TIMEOUT);
    } else toolTest('softhsm2-util', name, run, TIMEOUT);
  }

  test('begins with what is installed, and every command for HSMs is in it', () => {
    expect(blocks[0]?.text).toBe('apt-get install g++ make python3 softhsm2 jq');
    expect(blocks[1]?.text).toBe('npm run setup');
    expect(blocks).toHaveLength(runnable.length + 2);
    const all = runnable.map(({ text }) => text).join('\n');
    for (const name of ['hsm list', 'hsm init-token', 'hsm check', 'hsm keys', 'root generate', 'key verify']) {
      expect(all).toMatch(new RegExp(`^\\$ as-ceremony (-C \\S+ )?${name} `, 'm'));
    }
  });
});
