// Installs the dependencies where they are missing or the lock file has changed. `npm run demo` and `npm test` begin
// with it; `npm run setup` installs in any case, builds the program, and says whether keys in an HSM will work.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const stamp = `${root}node_modules/.as-ceremony-setup`;

/** Node's own headers, where they lie beside Node: pkcs11js then compiles without a download. */
function headers() {
  const prefix = dirname(dirname(process.execPath));
  return existsSync(`${prefix}/include/node/node.h`) ? { npm_config_nodedir: prefix } : {};
}

export function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
  if (status !== 0) {
    console.error(`${command} ${args.join(' ')} failed${error ? `: ${error.message}` : ''}`);
    process.exit(status ?? 1);
  }
}

/** `again`: even if nothing seems to have changed; a compiler that pkcs11js lacked may be there now. */
export function setup({ again = false } = {}) {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    console.error(`Node ${process.versions.node} is too old; 20.19 or newer is needed.`);
    process.exit(1);
  }
  const lock = readFileSync(`${root}package-lock.json`);
  const wanted = createHash('sha256').update(lock).update(process.version).digest('hex');
  if (!again && existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { env: { ...process.env, ...headers() } });
  writeFileSync(stamp, wanted);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  setup({ again: true });
  run('node', ['tools/build.mjs']);
  const compiled = existsSync(`${root}node_modules/pkcs11js/build/Release/pkcs11.node`);
  console.log(
    compiled
      ? 'Installed, with pkcs11js for keys in an HSM.'
      : 'Installed, without pkcs11js: keys in an HSM need a C++ compiler, make and Python here, and then this command again.',
  );
}
