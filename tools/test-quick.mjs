// For daily work, in two minutes: types, and the tests that run within one process. Arguments go to jest.
import { run, setup } from './setup.mjs';

const NOT_QUICK = ['test/(scenarios|decade|documents)/', 'test/operations/interrupted/'];

setup();
run('npx', ['--no-install', 'tsc', '--noEmit']);
run('node', ['tools/build.mjs']);
run('node', ['tools/jest.mjs', '--testPathIgnorePatterns', ...NOT_QUICK, ...process.argv.slice(2)]);
