// The whole check of the project: types, lint and format beside the tests. Arguments go to jest.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { run, setup } from './setup.mjs';

const tool = (name) => fileURLToPath(new URL(name, import.meta.url));

setup();
run('node', [tool('build.mjs')]);
const lint = ended(spawn('node', [tool('lint.mjs')], { stdio: ['ignore', 'pipe', 'pipe'] }));
const tests = await ended(spawn('node', [tool('jest.mjs'), ...process.argv.slice(2)], { stdio: 'inherit' }));
const linted = await lint;
if (linted.status !== 0) console.error(linted.text);
console.log(linted.status === 0 ? 'Types, lint and format are in order.' : 'Types, lint or format are not in order.');
process.exitCode = tests.status === 0 ? linted.status : tests.status;

/** Its exit status, and what it printed where that was kept. */
function ended(child) {
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (part) => (text += part));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ status: code ?? 1, text }));
  });
}
