/**
 * Kills a command at one of its system calls on a file that it reaches through a folder it holds open: strace sees no
 * path there that it could filter by.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { newFolder } from '../cli/cli-authority.js';

type Under = readonly string[];

/**
 * `rehearse` runs the same command where nothing is lost by it. Returns what to run the real one under: it dies at the
 * last `call` on a file `name`.
 */
export function killedAt(call: string, name: string, rehearse: (under: Under) => unknown): Under {
  const log = join(newFolder(), 'calls');
  rehearse(['strace', '-f', '-qq', '-o', log, '-e', `trace=${call}`]);
  const lines = existsSync(log) ? readFileSync(log, 'utf8').split('\n') : [];
  const main = lines[0]?.split(' ')[0] ?? '';
  const calls = lines.filter((line) => line.startsWith(`${main} `) && !/\+\+\+|---|resumed/.test(line));
  const nth = calls.findLastIndex((line) => line.includes(`/${name}"`)) + 1;
  if (nth === 0) throw new Error(`no ${call} of ${name} among ${String(calls.length)} calls`);
  return [
    'strace',
    '-f',
    '-qq',
    '-o',
    '/dev/null',
    '-e',
    `trace=${call}`,
    '-e',
    `inject=${call}:signal=KILL:when=${String(nth)}`,
  ];
}
