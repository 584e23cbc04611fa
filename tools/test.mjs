// The whole check of the project: types, lint, format, build, tests. Arguments go to jest.
import { run, setup } from './setup.mjs';

setup();
const npx = (...args) => run('npx', ['--no-install', ...args]);
npx('tsc', '--noEmit');
npx('eslint', '.');
npx('knip');
npx('prettier', '--check', '--log-level', 'warn', '.');
run('node', ['tools/build.mjs']);
run('node', ['tools/jest.mjs', ...process.argv.slice(2)]);
