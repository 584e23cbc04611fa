/**
 * A whole ceremony as people run it in a terminal: planned, approved, run with every kind of step, and signed by its
 * witnesses.
 */
import { createHash } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { programFiles } from '../../../src/ceremony/preflight/program-hashes.js';
import { ROOT } from '../documents/document.js';
import { makeSshKey, signByHand, type SshKey, writeAllowedSigners } from '../keys/ssh-keys.js';
import { makeFolder, mustSucceed, newAuthority, type Scene } from './cli-authority.js';
import { Terminal } from './cli-terminal.js';

export const PEOPLE = [
  ['administrator', 'Adam Alt', 'adam@example.org'],
  ['operator', 'Olga Orlow', 'olga@example.org'],
  ['witness', 'Wanda Witt', 'wanda@example.org'],
] as const;

/** Every kind of step; paths and keys are parameters. */
const SCRIPT = `version: 1
title: A root in front of people
purpose: Every kind of step, once.
roles:
  administrator: { people: 1 }
  operator: { people: 1, not: [witness] }
  witness: { people: 1, not: [operator] }
parameters:
  key: { type: key, default: 'file:keys/root-1.age', says: where the root key is made }
  stick: { type: path, says: the folder of the medium }
needs: { roots: none }
steps:
  - { id: welcome, say: 'Everybody reads the paper.', by: administrator, no: [hold, abort] }
  - { id: machine, check: [preflight, authority], by: operator, no: [retry, abort] }
  - { id: clock, confirm: 'The time on the screen is that of my watch.', by: witness, no: [retry, hold] }
  - { id: room, ask: 'How many people are in the room', answer: number, by: administrator, no: [retry, deviation, hold] }
  - { id: root, run: root generate, with: { key: '\${key}' }, by: operator, no: [retry, hold] }
  - { id: fingerprint, compare: root, with: 'the paper of the witness', by: witness, no: [retry, hold] }
  - { id: bundle, run: bundle export, by: operator, no: [retry, hold] }
  - { id: in, media: insert, medium: 'the stick', path: '\${stick}', by: operator, no: [retry, hold] }
  - { id: copy, media: copy, medium: 'the stick', path: '\${stick}', by: operator, no: [retry, hold] }
  - { id: reread, media: re-read, medium: 'the stick', path: '\${stick}', by: operator, no: [retry, hold] }
  - { id: bag, seal: close, what: 'the stick', by: witness, no: [retry, hold] }
  - { id: rest, break: 'A break, and the roll-call after it.', by: administrator, no: [hold] }
  - { id: signatures, collect: [administrator, operator, witness], by: administrator, no: [retry] }
`;

export interface CeremonyScene extends Scene {
  readonly keys: Readonly<Record<string, SshKey>>;
  readonly script: string;
  readonly plan: string;
  readonly transcript: string;
}

/** An authority whose allowed_signers knows the people; and their script. */
export function ceremonyScene(settings?: (yaml: string) => string): CeremonyScene {
  const scene = newAuthority('example.org', settings);
  const keys = Object.fromEntries(PEOPLE.map(([, , principal]) => [principal, makeSshKey(scene.folder, principal)]));
  writeAllowedSigners(
    join(scene.dir, 'allowed_signers'),
    Object.entries(keys).map(([principal, key]) => [principal, key] as const),
  );
  const script = scene.path('whole.yaml');
  writeFileSync(script, SCRIPT);
  makeFolder(scene.path('stick'));
  const [plan, transcript] = [scene.path('plan.json'), join(scene.dir, 'transcripts/0002-run.jsonl')];
  return { ...scene, keys, script, plan, transcript };
}

export function makePlan(scene: CeremonyScene, ...more: readonly string[]): void {
  const people = PEOPLE.flatMap(([role, name, principal]) => ['--person', `${role}=${name} <${principal}>`]);
  const set = ['--set', `stick=${scene.path('stick')}`];
  mustSucceed(scene.cli(['plan', scene.script, '--out', scene.plan, ...people, ...set, ...more]));
}

export function approve({ plan, keys }: CeremonyScene, principal: string): void {
  const key = keys[principal];
  if (key === undefined) throw new Error(`no key of ${principal}`);
  writeFileSync(`${plan}.${principal}.sig`, signByHand(key, 'as-ceremony-plan', readFileSync(plan)));
}

/** What the program's files are now. */
function manifestOf(scene: Scene): string {
  const path = scene.path('SHA256SUMS');
  const sums = programFiles(ROOT).map((name) => {
    const sha256 = createHash('sha256')
      .update(readFileSync(join(ROOT, name)))
      .digest('hex');
    return `${sha256}  ${name}\n`;
  });
  writeFileSync(path, sums.join(''));
  return path;
}

/** Runs the plan in a terminal; with `otherwise` somebody says No once, and a deviation is accepted. */
export async function runWithPeople(scene: CeremonyScene, otherwise = false): Promise<void> {
  const clock = new Date().toISOString().slice(0, 16).replace('T', ' ');
  const given = ['--clock', clock, '--manifest', manifestOf(scene), '--media', scene.path('stick')];
  const args = ['-C', scene.dir, 'run', scene.plan, '--passphrase-file', scene.passphraseFile, ...given];
  const terminal = new Terminal(args, { cwd: scene.folder, columns: 120 });
  // The step's text, and then the question.
  const asksRoom = /How many people are in the room[^]*How many people are in the room/;
  await terminal.answer('Roll-call', PEOPLE.map(([, name]) => name).join(', '));
  await terminal.answer('Read aloud', '');
  await terminal.answer('attest to this', 'yes');
  if (otherwise) {
    await terminal.answer(asksRoom, 'no');
    await terminal.answer('What next', 'deviation');
    await terminal.answer('What is done instead', 'Nobody <b>counts</b> & all agree');
    await terminal.answer('Who accepts that', 'Wanda Witt');
    await terminal.answer('should this go ahead', 'no');
    await terminal.answer('What next', 'retry');
  } else await terminal.answer(asksRoom, '3');
  await terminal.answer('should this go ahead', 'yes');
  await terminal.answer('are on paper', '');
  await terminal.answer('Where are the digits read from', 'the paper of the witness');
  await terminal.see('type groups');
  await terminal.see(/\d of \d+/);
  const asked = /type groups ((?:\d+, )*\d+) of/.exec(
    terminal.text.slice(terminal.text.lastIndexOf('type groups')),
  )?.[1];
  const hex = fingerprintOnRecord(scene);
  terminal.type(
    `${(asked ?? '')
      .split(', ')
      .map((place) => hex.slice((Number(place) - 1) * 4, Number(place) * 4))
      .join(' ')}\r`,
  );
  await terminal.answer('should this go ahead', 'yes');
  await terminal.answer('Enter when it is done', '');
  await terminal.answer('Number of the bag', 'B-100');
  await terminal.answer('Number of its seal', 'S-200');
  await terminal.answer('Roll-call', PEOPLE.map(([, name]) => name).join(', '));
  const status = await terminal.end();
  if (status !== 0) throw new Error(`exit ${String(status)}: ${terminal.text}`);
}

function fingerprintOnRecord({ transcript }: CeremonyScene): string {
  return /"fingerprint":"([0-9a-f]{64})"/.exec(readFileSync(transcript, 'utf8'))?.[1] ?? '';
}

/** Each of these signs the transcript, as they would by hand. */
export function signTranscript({ transcript, keys }: CeremonyScene, ...principals: readonly string[]): void {
  for (const principal of principals) {
    const key = keys[principal];
    if (key === undefined) throw new Error(`no key of ${principal}`);
    writeFileSync(`${transcript}.${principal}.sig`, signByHand(key, 'as-ceremony', readFileSync(transcript)));
  }
}

export function unsign(scene: CeremonyScene, principal: string): void {
  renameSync(`${scene.transcript}.${principal}.sig`, scene.path(`${principal}.away`));
}
