// What the build writes into what it makes from src/.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
export const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
const lock = createHash('sha256')
  .update(readFileSync(`${root}package-lock.json`))
  .digest('hex');

/**
 * The clock may never show less than the time of the last commit that was built (SOURCE_DATE_EPOCH where there is no
 * git).
 */
function buildTime() {
  if (process.env.SOURCE_DATE_EPOCH) return Number(process.env.SOURCE_DATE_EPOCH);
  const git = spawnSync('git', ['log', '-1', '--format=%ct'], { cwd: root, encoding: 'utf8' });
  return git.status === 0 ? Number(git.stdout.trim()) : 0;
}

export const time = buildTime();
export const define = {
  'BUILD.version': JSON.stringify(version),
  'BUILD.time': JSON.stringify(time),
  'BUILD.lock': JSON.stringify(lock),
};
