/** Recorded machines: what a system shows in /proc and /sys, written into a folder; everything else as a test says. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Authority } from '../../../src/authority/authority.js';
import { defaultSettings } from '../../../src/authority/formats/settings-defaults.js';
import { type Machine, thisMachine } from '../../../src/ceremony/preflight/machine.js';
import type { Check, Look, Means } from '../../../src/ceremony/preflight/machine-check.js';
import { parseDuration, parseTime } from '../../../src/common/time.js';
import { newFolder } from '../../support/cli/cli-authority.js';
import { MEANS } from '../../support/keys/softhsm.js';

export const NOW = parseTime('2026-11-24T05:40:00Z');

export type Recording = Readonly<Record<string, string>>;

export function recorded(files: Recording, facts: Partial<Machine> = {}): Machine {
  const root = newFolder();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return { ...thisMachine(root), platform: 'linux', ...facts };
}

/** An authority that has settings and nothing else. */
export function anAuthority(fields: Partial<Authority> = {}): Authority {
  return {
    settings: defaultSettings('example.org'),
    keyRecords: [],
    newestSeconds: undefined,
    ...fields,
  } as unknown as Authority;
}

let drawn = 0;

export function means(fields: Partial<Means> = {}): Means {
  return {
    machine: recorded({}),
    atSeconds: NOW,
    buildSeconds: NOW - 1,
    random: (length) => Uint8Array.from({ length }, (_, i) => i + drawn++),
    dir: '/authority',
    authority: anAuthority(),
    rehearsal: false,
    clockTolerance: parseDuration('PT5M'),
    typedClock: undefined,
    media: [],
    program: { version: '1.2.3', node: 'v20.0.0', root: '/nowhere', nodePath: process.execPath },
    hsm: MEANS,
    hsmUris: [],
    ...fields,
  };
}

export async function look(check: Check, fields: Partial<Means> = {}): Promise<Look> {
  return check.look(means(fields));
}

/** What a check sees of a recorded machine. */
export async function lookAt(check: Check, files: Recording, facts: Partial<Machine> = {}): Promise<string> {
  const { state, saw, hint } = await look(check, { machine: recorded(files, facts) });
  if ((state === 'fine') !== (hint === undefined)) throw new Error(`${state}, with the hint ${String(hint)}`);
  return `${state}: ${saw}`;
}
