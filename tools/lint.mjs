// Types, lint, unused code, format.
import { run } from './setup.mjs';

const npx = (...args) => run('npx', ['--no-install', ...args]);
npx('tsc', '--noEmit');
npx('eslint', '.');
npx('knip');
npx('prettier', '--check', '--log-level', 'warn', '.');
