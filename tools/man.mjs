// Writes the manual pages into the folder that is named, or into dist/man.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { define, time, version } from './build-define.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = resolve(process.argv[2] ?? join(root, 'dist/man'));
mkdirSync(folder, { recursive: true });

const scratch = mkdtempSync(join(folder, '.build-'));
try {
  const input = { man: join(root, 'src/cli/man/man-pages.ts') };
  const bundle = await rolldown({ input, platform: 'node', external: ['pkcs11js', 'koffi'], transform: { define } });
  await bundle.write({ dir: scratch, format: 'cjs', entryFileNames: '[name].cjs', chunkFileNames: '[name].cjs' });
  await bundle.close();
  const { manPages } = createRequire(import.meta.url)(join(scratch, 'man.cjs'));
  const date = new Date(time * 1000).toISOString().slice(0, 10);
  for (const [name, text] of await manPages(version, date)) writeFileSync(join(folder, name), text);
} finally {
  rmSync(scratch, { recursive: true });
}
