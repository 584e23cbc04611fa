/** A ceremony that was killed somewhere: what its people do then, and what must have come of it. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import type { State } from '../machine/snapshots.js';
import { cli } from './cli.js';
import { mustSucceed, type Scene } from './cli-authority.js';

/** Goes on from a state as a person would. */
export function goOn(
  scene: Scene,
  args: readonly string[],
  secrets: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): void {
  const resumed = scene.json(['resume', ...secrets], { env });
  if (resumed.status !== 0 && resumed.json.code !== 'no-ceremony') throw new Error(resumed.stdout + resumed.stderr);
  // Killed before its plan was on the disk, or before the first line: nothing had begun.
  if (!existsSync(join(scene.dir, 'credentials/root-1.pem'))) mustSucceed(scene.json(args, { env }));
}

/** One root, one key on record, one bundle that a client accepts, and an unbroken ledger. */
export function expectResult(scene: Scene, keys: readonly string[]): void {
  const root = join(scene.dir, 'credentials/root-1.pem');
  const bundle = join(scene.dir, 'bundles/bundle-000001.cose');
  mustSucceed(cli(['bundle', 'verify', bundle, '--trust', root, '--domain', 'example.org']));
  mustSucceed(scene.cli(['ledger', 'verify']));
  const list = (folder: string): readonly string[] => readdirSync(join(scene.dir, folder)).sort();
  expect([list('keys'), list('credentials'), list('bundles')]).toEqual([keys, ['root-1.pem'], ['bundle-000001.cose']]);
  expect(list('.').filter((name) => /pending|lock|tmp/.test(name))).toEqual([]);
}

/**
 * How many states are gone on from; npm run test:long takes all. CHANGES=60-70 takes those alone, for whoever looks for
 * a fault.
 */
const { KILL_STATES = '30', CHANGES } = process.env;

/** The first and the last ones, and as many between them as there is time for. */
function chosen(states: readonly State[]): readonly State[] {
  if (CHANGES !== undefined) {
    const [from = 0, to = Infinity] = CHANGES.split('-').map((text) => Number(text || Infinity));
    return states.filter(({ at }) => from <= at && at <= to);
  }
  const step = Math.ceil(states.length / Number(KILL_STATES));
  return states.filter((_, i) => i < 3 || i >= states.length - 3 || i % step === 0);
}

export function eachState(states: readonly State[], check: () => void): void {
  expect(states.length).toBeGreaterThan(40);
  for (const { at, restore } of chosen(states)) {
    restore();
    try {
      check();
    } catch (error) {
      throw new Error(`killed at change ${String(at)}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
