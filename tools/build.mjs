// Builds the program into CommonJS files that are loaded as they are needed, with every package inside but those with
// native code; and the library into two ES modules, with their types where they are asked for.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { define } from './build-define.mjs';
import { licencesOf } from './licences.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);
const { optionalDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));

/**
 * Commander loads node:child_process for subcommands that are programs of their own. This program has none, and
 * that module costs a sixth of the start.
 */
const withoutSubprocesses = {
  name: 'without-subprocesses',
  resolveId: (id, importer) =>
    id === 'node:child_process' && /[\\/]commander[\\/]/.test(importer ?? '') ? '\0no-subprocesses' : undefined,
  load: (id) => (id === '\0no-subprocesses' ? 'export default {}' : undefined),
};

async function write(input, output, { platform, define } = {}) {
  const bundle = await rolldown({
    input,
    platform,
    external: Object.keys(optionalDependencies),
    transform: { target: 'node20', ...(define === undefined ? {} : { define }) },
    plugins: [withoutSubprocesses],
  });
  const written = await bundle.write({ comments: { legal: false }, ...output });
  await bundle.close();
  return written.output;
}

const program = { dir: 'dist/program.new', format: 'cjs', entryFileNames: '[name].cjs', chunkFileNames: '[name].cjs' };
rmSync(program.dir, { recursive: true, force: true });
const chunks = await write({ main: 'src/cli/main.ts' }, program, { platform: 'node', define });
writeFileSync(`${program.dir}/THIRD-PARTY-LICENSES`, licencesOf(chunks));
await write('src/index.ts', { file: 'dist/index.js', format: 'es' }, { platform: 'neutral' });
await write('src/node.ts', { file: 'dist/node.js', format: 'es' }, { platform: 'node' });
// Beside the old one and then in its place: a program that starts meanwhile finds one or the other.
rmSync('dist/program.old', { recursive: true, force: true });
if (existsSync('dist/program')) renameSync('dist/program', 'dist/program.old');
renameSync(program.dir, 'dist/program');
rmSync('dist/program.old', { recursive: true, force: true });

// Types of the library, for packing: slow, and of no use to the program.
if (process.argv.includes('--types')) {
  const tsc = spawnSync('npx', ['--no-install', 'tsc', '-p', 'tsconfig.types.json'], { stdio: 'inherit' });
  if (tsc.status !== 0) process.exit(tsc.status ?? 1);
}
