/** Runs every example of a document, and compares what it prints with what the document shows. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { hasTool, testWhere, toolTest } from '../machine/tools.js';
import { type Block, documentAt, isInteractive, normalise, ROOT, type Step } from './document.js';
import { makeLeafChain } from './leaf-chain.js';
import { DocumentShell, type Ran } from './shell.js';

const TIMEOUT = 180_000;
const TOOLS = ['age', 'jq', 'openssl', 'xxd', 'sha256sum', 'softhsm2-util', 'ssh-keygen'] as const;
const RUN = ['sh', 'console'];

/** Defines the tests; `needs` are programs that all examples of the document lean on. */
export function testExamples(path: string, needs: readonly string[] = []): void {
  const { begins, blocks } = documentAt(path);
  const shell = new DocumentShell();

  describe(`every example of ${path}`, () => {
    beforeAll(() => {
      if (path !== 'README.md') shell.haveCommand();
      if (begins === 'after the first ceremony') replayFirstCeremony(shell);
    }, TIMEOUT);
    afterAll(() => {
      shell.end();
    });
    for (const block of blocks.filter(({ language }) => RUN.includes(language))) {
      const name = `line ${String(block.line)}: ${block.steps[0]?.command.split('\n')[0] ?? ''}`;
      const used = TOOLS.filter((tool) => new RegExp(`(^|[ (|])${tool} `, 'm').test(block.text));
      const missing = [...needs, ...used].find((tool) => !hasTool(tool));
      if (missing !== undefined) toolTest(missing, name, () => undefined);
      else if (block.note === 'network') {
        const run = (): void => {
          for (const step of block.steps) check(shell, step, shell.runInClone(step));
        };
        testWhere(process.env.REQUIRE_ALL === '1', 'REQUIRE_ALL=1 (it installs packages)', name, run, 2 * TIMEOUT);
      } else if (isInteractive(block)) testAnswered(shell, name, block);
      else {
        const run = async (): Promise<void> => {
          await provide(shell, block, blocks);
          const folder = block.note === 'in the clone' ? ROOT : undefined;
          for (const step of block.steps) check(shell, step, shell.run(step, folder));
        };
        test(name, run, TIMEOUT);
      }
    }

    test('is run: other blocks are text, or a script that an example runs', () => {
      const others = blocks.filter(({ language }) => !RUN.includes(language));
      expect(others.filter(({ language }) => language !== 'js' && language !== 'text')).toEqual([]);
      const scripts = blocks.filter(({ note }) => /^with .+\.mjs$/.test(note)).length;
      expect(others.filter(({ language }) => language === 'js')).toHaveLength(scripts);
    });
  });
}

function testAnswered(shell: DocumentShell, name: string, block: Block): void {
  const run = (): void => {
    for (const step of block.steps) {
      if (isAnswered(step)) check(shell, step, shell.runAnswering(step), true);
      else check(shell, step, shell.run(step));
    }
  };
  toolTest('expect', name, run, TIMEOUT);
  if (hasTool('expect') || /Enter passphrase|\(type: /.test(block.text)) return;
  test(`${name} (without questions)`, () => {
    for (const step of block.steps) expect(shell.runUnattended(step).status).toBe(0);
  });
}

function isAnswered(step: Step): boolean {
  return isInteractive({ line: 0, language: 'console', note: '', text: '', steps: [step] });
}

function check(shell: DocumentShell, { shown, command }: Step, { output, status }: Ran, answered = false): void {
  const refusal = /^(error: |\{"ok":false)/m.test(shown);
  expect({ command, output, failed: status !== 0 }).toEqual({ command, output, failed: refusal });
  const [wanted, printed] = [normalise(shown, shell.home), normalise(output, shell.home)];
  if (!answered) {
    if (shown !== '') expect(printed).toBe(wanted);
    return;
  }
  // A terminal draws a question many times: every line must be there, in order, and that is all that can be said.
  let from = 0;
  for (const line of wanted.split('\n').map((one) => one.replace(/^\? /, ''))) {
    const at = printed.indexOf(line, from);
    expect({ printed, line, there: at >= 0 }).toEqual({ printed, line, there: true });
    from = at + line.length;
  }
}

/** Files that the document says somebody else gave, and the JavaScript that stands above the commands. */
async function provide(shell: DocumentShell, { note, line }: Block, blocks: readonly Block[]): Promise<void> {
  const folder = join(shell.home, 'ceremony');
  if (note === 'with a leaf chain') {
    await makeLeafChain(folder, join(folder, 'authority'), shell.passphraseFile('intermediate-1'));
  }
  const file = /^with (.+\.mjs)$/.exec(note)?.[1];
  if (file === undefined) return;
  const code = blocks.filter((one) => one.language === 'js' && one.line < line).at(-1);
  writeFileSync(join(folder, file), code?.text ?? '');
}

/** What README.md shows, without anybody at a terminal. */
function replayFirstCeremony(shell: DocumentShell): void {
  for (const block of documentAt('README.md').blocks) {
    if (!RUN.includes(block.language) || block.note !== '') continue;
    for (const step of block.steps) {
      const { status, output } = isAnswered(step) ? shell.runUnattended(step) : shell.run(step);
      if (status !== 0) throw new Error(`README.md:${String(block.line)}: ${step.command}\n${output}`);
    }
  }
}
