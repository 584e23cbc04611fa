// Builds the program into one CommonJS file (pack.mjs says how), and the library into two ES modules with their types.
import { createHash } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { pack } from './pack.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const { version, dependencies, optionalDependencies } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
const lock = createHash('sha256')
  .update(readFileSync(`${root}package-lock.json`))
  .digest('hex');

/** The clock may never show less than the time of the last commit that was built (SOURCE_DATE_EPOCH where there is no git). */
function buildTime() {
  if (process.env.SOURCE_DATE_EPOCH) return Number(process.env.SOURCE_DATE_EPOCH);
  const git = spawnSync('git', ['log', '-1', '--format=%ct'], { cwd: root, encoding: 'utf8' });
  return git.status === 0 ? Number(git.stdout.trim()) : 0;
}

/**
 * Commander loads node:child_process for subcommands that are programs of their own. This program has none, and
 * that module costs a sixth of the start.
 */
const withoutSubprocesses = {
  name: 'without-subprocesses',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
      /[\\/]commander[\\/]/.test(importer) ? { path: 'none', namespace: 'no-subprocesses' } : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'no-subprocesses' }, () => ({ contents: 'module.exports = {}' }));
  },
};

const common = { absWorkingDir: root, bundle: true, target: 'node20', legalComments: 'none', logLevel: 'warning' };
const library = { ...common, format: 'esm' };
const [program] = await Promise.all([
  build({
    ...common,
    entryPoints: { main: 'src/cli/main.ts' },
    outdir: 'dist',
    write: false,
    splitting: true,
    platform: 'node',
    format: 'esm',
    // These load only when they are used, and as their publishers made them.
    external: [...Object.keys(dependencies), ...Object.keys(optionalDependencies)],
    plugins: [withoutSubprocesses],
    define: {
      'BUILD.version': JSON.stringify(version),
      'BUILD.time': JSON.stringify(buildTime()),
      'BUILD.lock': JSON.stringify(lock),
    },
  }),
  build({ ...library, entryPoints: ['src/index.ts'], outfile: 'dist/index.js', platform: 'neutral' }),
  build({ ...library, entryPoints: ['src/node.ts'], outfile: 'dist/node.js', platform: 'node' }),
]);
// Beside the old one and then in its place, so that a program that runs meanwhile finds one or the other.
writeFileSync(`${root}dist/as-ceremony.cjs.new`, await pack(program.outputFiles, './main.js'));
renameSync(`${root}dist/as-ceremony.cjs.new`, `${root}dist/as-ceremony.cjs`);

// Types of the library, for packing: slow, and of no use to the program.
if (process.argv.includes('--types')) {
  const tsc = spawnSync('npx', ['--no-install', 'tsc', '-p', 'tsconfig.types.json'], { cwd: root, stdio: 'inherit' });
  if (tsc.status !== 0) process.exit(tsc.status ?? 1);
}
