/**
 * What a user's state folder and paper know of a record, beside a folder in which another one lies: an old copy, one
 * written anew, one that grew.
 */
import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { addEvent, encodeTranscript, headOf, startTranscript } from '../../../src/authority/formats/transcript.js';
import type { JsonObject } from '../../../src/codec/strict-json.js';
import { cli, cliJson, type Ended, type JsonRecord } from '../../support/cli/cli.js';
import { mustSucceed, newAuthority, newFolder, readTree, type Scene } from '../../support/cli/cli-authority.js';
import { expectRefusal } from '../../support/cli/cli-errors.js';
import { Terminal } from '../../support/cli/cli-terminal.js';
import { addCeremony, linesOf, newestTranscript } from '../../support/cli/transcripts.js';
import { filled } from '../../support/events.js';
import { makeSshKey, sshTest, writeAllowedSigners } from '../../support/keys/ssh-keys.js';

/** One person at one machine: an authority, and the state folder that remembers it. */
interface OperationContext {
  readonly scene: Scene;
  readonly state: string;
  readonly env: Readonly<Record<string, string>>;
  run(...args: readonly string[]): Ended;
  json(...args: readonly string[]): Ended & { readonly json: JsonRecord };
}

function deskAt(scene: Scene, state = join(newFolder(), 'state')): OperationContext {
  const env = { XDG_STATE_HOME: state };
  return {
    scene,
    state,
    env,
    run: (...args) => scene.cli(args, { env }),
    json: (...args) => scene.json(args, { env }),
  };
}

/** An authority with a root, an intermediate and bundle 1, remembered from its first change on. */
function newDesk(): OperationContext {
  const context = deskAt(newAuthority());
  mustSucceed(context.run('root', 'generate'));
  mustSucceed(context.run('intermediate', 'request', '--key', 'file:keys/intermediate-1.age'));
  mustSucceed(context.run('intermediate', 'issue', join(context.scene.dir, 'requests/intermediate-1.pem')));
  mustSucceed(context.run('bundle', 'export'));
  return context;
}

const headOfNewest = (scene: Scene): string => headOf(readFileSync(newestTranscript(scene)));
const memoryFile = ({ state }: OperationContext): string => {
  const folder = join(state, 'as-ceremony');
  return join(folder, readdirSync(folder)[0] ?? '');
};

/** Refused, and nothing is written. */
function expectRewritten(context: OperationContext, why: RegExp): void {
  const before = readTree(context.scene.dir);
  const { status, json } = context.json('bundle', 'export');
  expect([status, json.code, json.message]).toEqual([1, 'history-rewritten', expect.stringMatching(why)]);
  // Who only looks is told the same.
  const verified = context.json('ledger', 'verify');
  expect([verified.status, verified.json.findings]).toEqual([
    1,
    [expect.objectContaining({ code: 'history-rewritten', message: expect.stringMatching(why) as unknown })],
  ]);
  const looked = context.json('status');
  expect([looked.status, looked.json.history_rewritten]).toEqual([0, expect.stringMatching(why)]);
  expect(looked.stderr).toMatch(/^warning: this is not the record that is remembered here/);
  expect(readTree(context.scene.dir)).toEqual(before);
}

/** A further transcript that a command could have written. */
function plant(
  scene: Scene,
  command: string,
  events: readonly (readonly [string, JsonObject])[],
  atSeconds: number,
): void {
  const newest = newestTranscript(scene);
  const fields = { tool: 'as-ceremony', tool_version: '0.1.0', command, machine: 'vault' };
  let transcript = startTranscript({ previousHead: headOf(readFileSync(newest)), fields, atSeconds });
  for (const [event, own] of [...events, ['files', { files: [] }], ['end', { to_sign: [] }]] as const)
    transcript = addEvent(transcript, event, filled(event, own), atSeconds);
  const number = Number(/(\d+)-[^/]*$/.exec(newest)?.[1]) + 1;
  const name = `${String(number).padStart(4, '0')}-${command.replace(' ', '-')}.jsonl`;
  writeFileSync(join(scene.dir, 'transcripts', name), encodeTranscript(transcript));
}

const now = (): number => Math.floor(Date.now() / 1000);

describe('a memory outside the folder', () => {
  test('an old copy that is put in the place of the newest signs no second bundle 2', () => {
    const context = newDesk();
    const { dir } = context.scene;
    cpSync(dir, `${dir}-old`, { recursive: true });
    mustSucceed(context.run('revoke', 'intermediate-1', '--reason', 'key-compromise'));
    mustSucceed(context.run('bundle', 'export'));
    renameSync(dir, `${dir}-new`);
    renameSync(`${dir}-old`, dir);
    expectRewritten(context, /which is nowhere in this one/);
    expect(context.json('ledger', 'verify').json).toMatchObject({ ok: false, code: 'ledger-broken' });
    for (const args of [['revoke', 'root-1', '--reason', 'superseded'], ['run', 'bundle-series'], ['doctor']])
      expect(context.json(...args).json.code).toBe('history-rewritten');
    rmSync(dir, { recursive: true });
    renameSync(`${dir}-new`, dir);
    const { stderr } = mustSucceed(context.run('bundle', 'export'));
    expect(stderr).not.toMatch(/The record:/);
  });

  test('nor if it is elsewhere; whoever knows why may continue in words, on record, and it is then remembered', async () => {
    const context = newDesk();
    const { dir } = context.scene;
    const copy = `${dir}-elsewhere`;
    cpSync(dir, copy, { recursive: true });
    mustSucceed(context.run('bundle', 'export'));
    const args = ['-C', copy, '--yes', '--passphrase-file', context.scene.passphraseFile, 'bundle', 'export'];
    const otherwise = new Terminal(args, { env: context.env });
    await otherwise.answer(/type: go on with another record/, 'yes');
    expect(await otherwise.end()).toBe(1);
    const terminal = new Terminal(args, { env: context.env });
    await terminal.see(/this is not the record that is remembered here/);
    await terminal.answer(/type: go on with another record/, 'go on with another record');
    expect(await terminal.end()).toBe(0);
    const lines = linesOf(newestTranscript({ ...context.scene, dir: copy }));
    expect(lines[1]).toMatchObject({ event: 'memory', answer: 'go on with another record' });
    expect(cliJson(['-C', copy, 'ledger', 'verify'], { env: context.env }).status).toBe(0);
    expectRewritten(context, /nowhere/);
  });

  test('a record that was rewritten from its beginning is another one of the same domain', () => {
    const context = newDesk();
    const other = deskAt(newAuthority());
    mustSucceed(other.run('root', 'generate'));
    expectRewritten(deskAt(other.scene, context.state), /another record of example\.org is/);
    // A second authority that this user begins is none of anybody else's.
    const second = join(newFolder(), 'second');
    mustSucceed(cli(['init', 'example.org', second], { env: context.env }));
    mustSucceed(
      cli(['-C', second, 'root', 'generate', '--yes', '--passphrase-file', context.scene.passphraseFile], {
        env: context.env,
      }),
    );
  }, 30_000);

  test('is what a rebuilt authority goes on from', () => {
    const context = newDesk();
    mustSucceed(context.run('bundle', 'export'));
    const { json } = mustSucceed(context.json('fingerprint', join(context.scene.dir, 'credentials/root-1.pem')));
    const [root] = json.credentials as { fingerprint: string }[];
    const rebuild = (...more: string[]): Ended =>
      context.run(
        ...['init', 'example.org', 'rebuilt', '--trust', root?.fingerprint ?? ''],
        ...['--from-bundle', join(context.scene.dir, 'bundles/bundle-000001.cose'), ...more],
      );
    expectRefusal(rebuild(), {
      status: 1,
      code: 'not-newest',
      says: /bundle 2 of example\.org/,
      hint: '--sequence-floor 2',
    });
    mustSucceed(rebuild('--sequence-floor', '2'));
  });

  test('a clock that was set back, and a bundle that is unknown', () => {
    const context = newDesk();
    const time = linesOf(newestTranscript(context.scene)).at(-1)?.time;
    const saved = readFileSync(memoryFile(context), 'utf8');
    plant(
      context.scene,
      'clock recover',
      [['clock', { newest_record: time as string, vouched_for_by: ['Anna', 'Bert'] }]],
      now() - 86_400,
    );
    expect(cliJson(['-C', context.scene.dir, 'ledger', 'verify']).status).toBe(0);
    expectRewritten(context, /its clock was set back/);
    rmSync(newestTranscript(context.scene));
    writeFileSync(memoryFile(context), saved.replace('"sequence":1', '"sequence":7'));
    expectRewritten(context, /bundle 7 was signed, and the highest that this record knows is 1/);
  });

  test('what was added elsewhere is reported, with the settings that changed meanwhile', () => {
    const context = newDesk();
    mustSucceed(context.scene.cli(['key', 'verify', 'root-1', '--from', copyOfKey(context.scene)]));
    const yaml = join(context.scene.dir, 'authority.yaml');
    writeFileSync(yaml, readFileSync(yaml, 'utf8').replace('intermediate: P1Y', 'intermediate: P2Y'));
    mustSucceed(context.scene.cli(['key', 'verify', 'root-1', '--from', copyOfKey(context.scene)]));
    const { stderr } = mustSucceed(context.run('bundle', 'export'));
    expect(stderr).toMatch(/2 transcripts were added, or went on, since it was last changed by this user/);
    expect(stderr).toMatch(/authority\.yaml changed since then: lifetimes\.intermediate: P1Y -> P2Y/);
    expect(mustSucceed(context.run('bundle', 'export')).stderr).not.toMatch(/The record:/);
  });

  test('is for its owner alone, whole or not there, and never an error', () => {
    const context = newDesk();
    const file = memoryFile(context);
    expect([statSync(file).mode & 0o777, statSync(join(context.state, 'as-ceremony')).mode & 0o777]).toEqual([
      0o600, 0o700,
    ]);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
      domain: 'example.org',
      head: headOfNewest(context.scene),
      sequence: 1,
    });
    for (const damaged of ['', '{', '{"version":1}', 'x'.repeat(10_000), '[[[[']) {
      writeFileSync(file, damaged);
      const { stderr } = mustSucceed(context.run('bundle', 'export'));
      expect(stderr).toMatch(/What was remembered of this record is damaged/);
    }
    rmSync(file);
    mkdirSync(file);
    mustSucceed(context.run('bundle', 'export'));
    // A state folder that can't be: a file stands in its place.
    const odd = deskAt(context.scene, join(newFolder(), 'state'));
    writeFileSync(odd.state, '');
    expect(mustSucceed(odd.run('bundle', 'export')).stderr).toMatch(/Nothing is remembered of this record/);
    chmodSync(odd.state, 0o400);
  }, 60_000);

  test('a ceremony is remembered step by step; a rehearsal is not', () => {
    const context = newDesk();
    mustSucceed(context.run('run', 'bundle-series', '--set', 'count=2'));
    expect(JSON.parse(readFileSync(memoryFile(context), 'utf8'))).toMatchObject({
      head: headOfNewest(context.scene),
      sequence: 3,
    });
    expect(mustSucceed(context.run('bundle', 'export')).stderr).not.toMatch(/The record:/);
    mustSucceed(context.run('rehearse', 'bundle-series', '--into', context.scene.path('rehearsal')));
    expect(readdirSync(join(context.state, 'as-ceremony'))).toHaveLength(1);
  }, 60_000);
});

sshTest(
  'without a memory, the last transcript that witnesses signed is named, and what came after it',
  () => {
    const { scene } = newDesk();
    expect(mustSucceed(scene.cli(['bundle', 'export'])).stderr).toMatch(
      /No witness vouches for any of its \d+ transcripts: none has a signature/,
    );
    const anna = makeSshKey(scene.folder, 'anna');
    const witnessed = addCeremony(scene, { toSign: ['anna'], atSeconds: now() });
    mustSucceed(cli(['transcript', 'sign', witnessed, '--as', 'anna', '--key', anna.file, '--yes']));
    expect(mustSucceed(scene.cli(['bundle', 'export'])).stderr).toMatch(/there is no allowed_signers/);
    writeAllowedSigners(join(scene.dir, 'allowed_signers'), [['anna', anna]]);
    const { stderr } = mustSucceed(scene.cli(['bundle', 'export']));
    expect(stderr).toMatch(/The last transcript that a witness signed is transcripts\/0007-run\.jsonl/);
    expect(stderr).toMatch(
      /1 transcript was added, or went on, since witnesses last signed: 0008-bundle-export\.jsonl/,
    );
  },
  60_000,
);

describe('--head', () => {
  test('is compared before anything is signed, in groups as on paper too', () => {
    const { scene } = newDesk();
    const head = headOfNewest(scene);
    const before = readTree(scene.dir);
    const wrong = scene.json(['bundle', 'export', '--head', 'ab'.repeat(32)]);
    expect([wrong.status, wrong.json.code]).toEqual([1, 'head-differs']);
    expect(scene.json(['ledger', 'verify', '--head', 'ab'.repeat(32)]).json.code).toBe('ledger-broken');
    expect(scene.json(['bundle', 'export', '--head', 'abc']).status).toBe(2);
    expect(readTree(scene.dir)).toEqual(before);
    mustSucceed(scene.cli(['status', '--head', head]));
    const groups = head
      .toUpperCase()
      .replace(/(.{4})/g, '$1 ')
      .trim();
    expect(mustSucceed(scene.cli(['--head', groups, 'bundle', 'export'])).stderr).not.toMatch(/The record:/);
  });
});

describe('a number far above the newest bundle', () => {
  const staged = (scene: Scene, sequence: number): void => {
    const { json } = cliJson(['fingerprint', join(scene.dir, 'credentials/root-1.pem')]);
    const kid = (json.credentials as { fingerprint: string }[])[0]?.fingerprint ?? '';
    const sign: JsonObject = { what: 'bundle', sequence, kid, signed_sha256: 'ab'.repeat(32) };
    plant(
      scene,
      'bundle sign',
      [
        ['sign', sign],
        ['stage', { prepared_sha256: 'ab'.repeat(32) }],
      ],
      now(),
    );
  };

  test('is wanted in words, whatever it came from', async () => {
    const { scene } = newDesk();
    staged(scene, 990);
    const near = mustSucceed(scene.cli(['bundle', 'prepare', '--out', scene.path('near')])).stderr;
    expect(near).not.toMatch(/above that of the newest bundle/);
    staged(scene, 5000);
    for (const command of [['export'], ['prepare', '--out', scene.path('far')]]) {
      const { status, json } = scene.json(['bundle', ...command]);
      expect([command, status, json.code]).toEqual([command, 2, 'usage']);
    }
    expect(scene.cli(['run', 'bundle-series', '--set', 'count=2']).stderr).toMatch(
      /nobody was there to type number 5002/,
    );
    expect(readdirSync(join(scene.dir, 'bundles'))).toEqual(['bundle-000001.cose']);
    mustSucceed(scene.cli(['resume', '--abort']));
    const args = ['-C', scene.dir, '--passphrase-file', scene.passphraseFile, 'bundle', 'export'];
    const declined = new Terminal(args, {});
    await declined.see(/5001 above that of the newest bundle here, 1/);
    await declined.answer(/type: number 5002/, 'yes');
    expect(await declined.end()).toBe(1);
    const terminal = new Terminal(args, {});
    await terminal.answer(/type: number 5002/, 'number 5002');
    expect(await terminal.end()).toBe(0);
  });
});

/** Another copy of the root's key file. */
function copyOfKey(scene: Scene): string {
  const copy = join(newFolder(), 'root-1.age');
  cpSync(join(scene.dir, 'keys/root-1.age'), copy);
  return `file:${copy}`;
}
