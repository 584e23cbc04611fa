/**
 * What somebody plants who can write an authority's folder: further transcripts, whose chain is good; and what whoever
 * looks says of them.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { addEvent, encodeTranscript, headOf, startTranscript } from '../../../src/authority/formats/transcript.js';
import type { JsonObject } from '../../../src/codec/strict-json.js';
import { filled } from '../events.js';
import { cliJson } from './cli.js';
import { readTree, type Scene } from './cli-authority.js';
import { type Line, newestTranscript } from './transcripts.js';

export type PlantedEvent = readonly [event: string, fields: JsonObject];

/** Unix seconds. */
export const now = (): number => Math.floor(Date.now() / 1000);

/**
 * A further transcript, whose chain is good. Relative to the authority; `skip` is by how much its number is above the
 * one before.
 */
export function plant(
  scene: Scene,
  command: string,
  events: readonly PlantedEvent[],
  atSeconds = now(),
  skip = 1,
): string {
  const newest = newestTranscript(scene);
  let transcript = startTranscript({
    previousHead: headOf(readFileSync(newest)),
    fields: { tool: 'as-ceremony', tool_version: '0.1.0', command, machine: 'vault' },
    atSeconds,
  });
  for (const [event, fields] of [...events, ['end', { to_sign: [] }] as const])
    transcript = addEvent(transcript, event, filled(event, fields), atSeconds);
  const number = Number(/(\d+)-[^/]*$/.exec(newest)?.[1]) + skip;
  const name = `transcripts/${String(number).padStart(4, '0')}-${command.replaceAll(/[^a-z]/g, '-')}.jsonl`;
  writeFileSync(join(scene.dir, name), encodeTranscript(transcript));
  return name;
}

export const files = (...list: readonly JsonObject[]): PlantedEvent => ['files', { files: list }];

/** The fingerprint of root 1, or of another one. */
export const kidOf = (scene: Scene, root = 'root-1'): string =>
  String(
    (cliJson(['fingerprint', join(scene.dir, `credentials/${root}.pem`)]).json.credentials as Line[])[0]?.fingerprint,
  );

/** Neither believed nor signed on top of: whoever looks says what it is. */
export function expectFound(scene: Scene, what: RegExp): void {
  const before = readTree(scene.dir);
  const seen = cliJson(['-C', scene.dir, 'ledger', 'verify']);
  expect([seen.status, seen.json.code]).toEqual([1, 'ledger-broken']);
  expect(JSON.stringify(seen.json.findings)).toMatch(what);
  const signed = scene.json(['bundle', 'export']);
  expect([signed.status, signed.json.code]).toEqual([3, 'authority-damaged']);
  expect(JSON.stringify(signed.json)).toMatch(what);
  expect(readTree(scene.dir)).toEqual(before);
}
