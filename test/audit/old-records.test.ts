/**
 * Records that were made before: they are read as they were on the day they were made. `told` was written then; where a
 * wording is changed on purpose, it is changed there too.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { FOLDERS } from '../../src/authority/ground/layout.js';
import { temporaryFolder } from '../authority/support.js';
import { described } from './described.js';

const RECORDS = fileURLToPath(new URL('../vectors/records/', import.meta.url));

interface OldRecord {
  /** By their paths; key files are not among them. */
  readonly files: Readonly<Record<string, string | { readonly base64: string }>>;
  readonly told: unknown;
}

const names = readdirSync(RECORDS);

test('there are some', () => {
  expect(names.length).toBeGreaterThan(8);
});

test.each(names)('%s', async (name) => {
  const { files, told } = JSON.parse(readFileSync(join(RECORDS, name), 'utf8')) as OldRecord;
  const dir = temporaryFolder();
  for (const folder of FOLDERS) mkdirSync(join(dir, folder));
  for (const [path, contents] of Object.entries(files)) {
    const file = join(dir, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, typeof contents === 'string' ? contents : Buffer.from(contents.base64, 'base64'));
  }
  expect(JSON.parse(JSON.stringify(await described(dir)))).toEqual(told);
});
