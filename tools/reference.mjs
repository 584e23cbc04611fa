// Writes docs/reference/ from the program; a test compares the two.
import { run } from './setup.mjs';

run('node', ['tools/jest.mjs', '-w', '1', 'test/documents/reference.test.ts'], {
  env: { ...process.env, UPDATE_REFERENCE: '1' },
});
