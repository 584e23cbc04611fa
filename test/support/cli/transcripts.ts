/**
 * A ceremony's transcript in an authority, as the program's own code makes them, for what single commands never write.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  addEvent,
  encodeTranscript,
  endTranscript,
  headOf,
  startTranscript,
} from '../../../src/authority/formats/transcript.js';
import type { JsonObject } from '../../../src/codec/strict-json.js';
import { filled } from '../events.js';
import type { Scene } from './cli-authority.js';

/** 2026-11-24T12:00:00Z. */
const CEREMONY_ENDS = 1_795_521_600;

export interface Wanted {
  readonly toSign?: readonly string[];
  readonly rehearsal?: boolean;
  readonly events?: readonly (readonly [event: string, fields: JsonObject])[];
  readonly withoutEnd?: boolean;
  /**
   * Unix seconds of every line; `CEREMONY_ENDS` and the minutes before it where it isn't given, which is before any
   * authority of today.
   */
  readonly atSeconds?: number;
}

export function newestTranscript({ dir }: Scene): string {
  const name = readdirSync(join(dir, 'transcripts'))
    .filter((one) => one.endsWith('.jsonl'))
    .sort()
    .at(-1);
  return join(dir, 'transcripts', name ?? '');
}

export interface Line {
  readonly event: string;
  readonly [field: string]: unknown;
}

export function linesOf(file: string): Line[] {
  return readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
}

/** The id and the outcome of every step that has ended. */
export function outcomesOf(file: string): [id: string, outcome: string][] {
  const lines = linesOf(file);
  const ids = new Map(lines.filter(({ event }) => event === 'step').map(({ step, id }) => [step, String(id)]));
  return lines
    .filter(({ event }) => event === 'done')
    .map(({ step, outcome }) => [ids.get(step) ?? '', String(outcome)]);
}

/** The SHA-256 of a file of the authority, as `files` has it. */
export function named({ dir }: Scene, path: string): JsonObject {
  return {
    path,
    sha256: createHash('sha256')
      .update(readFileSync(join(dir, path)))
      .digest('hex'),
  };
}

/** Writes one more transcript, linked to the newest. Returns its path. */
export function addCeremony(
  scene: Scene,
  { toSign = [], rehearsal = false, events = [], withoutEnd, atSeconds }: Wanted = {},
): string {
  const newest = newestTranscript(scene);
  const start = { tool: 'as-ceremony', tool_version: '0.1.0', command: 'run', machine: 'vault' };
  let transcript = startTranscript({
    previousHead: headOf(readFileSync(newest)),
    fields: start,
    rehearsal,
    atSeconds: atSeconds ?? CEREMONY_ENDS - 600,
  });
  for (const [event, fields] of events)
    transcript = addEvent(transcript, event, filled(event, fields), atSeconds ?? CEREMONY_ENDS - 60);
  if (withoutEnd !== true) transcript = endTranscript(transcript, toSign, {}, atSeconds ?? CEREMONY_ENDS);
  const number = Number(/(\d+)-[^/]*$/.exec(newest)?.[1]) + 1;
  const path = join(scene.dir, 'transcripts', `${String(number).padStart(4, '0')}-run.jsonl`);
  writeFileSync(path, encodeTranscript(transcript));
  return path;
}
