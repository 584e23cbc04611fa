/** docs/reference/ is what the program says of itself. UPDATE_REFERENCE=1 writes it instead (npm run reference). */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { ROOT } from '../support/documents/document.js';
import { REFERENCE } from '../support/documents/reference.js';

const FOLDER = join(ROOT, 'docs/reference');
const update = process.env.UPDATE_REFERENCE === '1';
// What the bundler puts in.
Object.assign(globalThis, { BUILD: { version: '', time: 0, lock: '' } });
if (update) mkdirSync(FOLDER, { recursive: true });

test.each(Object.entries(REFERENCE))('%s is made from the program', async (name, make) => {
  const path = join(FOLDER, name);
  const text = await make();
  if (update) writeFileSync(path, text);
  expect(readFileSync(path, 'utf8')).toBe(text);
});

test('there are no other files', () => {
  expect(readdirSync(FOLDER).sort()).toEqual(Object.keys(REFERENCE));
});
