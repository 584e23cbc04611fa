/**
 * Every kind of file of an authority, damaged in every plain way: `status`, `ledger verify` and whatever builds on it
 * name the file, and write nothing.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { verifyLedger } from '../../src/audit/verify/verify-ledger.js';
import { openAuthority } from '../../src/authority/authority.js';
import { commit } from '../../src/authority/journal/transaction.js';
import { OpenTranscript } from '../../src/authority/open-transcript.js';
import { toHex, utf8 } from '../../src/common/bytes.js';
import { CeremonyError } from '../../src/common/errors.js';
import { textOf } from '../../src/common/remedy.js';
import { fingerprintOf } from '../../src/credential/fingerprint-of.js';
import { hash } from '../../src/crypto/hash.js';
import { markBundle } from '../../src/operations/bundles/mark-bundle.js';
import { generateRoot } from '../../src/operations/credentials/generate-root.js';
import { requestIntermediate } from '../../src/operations/credentials/request-intermediate.js';
import { destroyKey } from '../../src/operations/keys/destroy-key.js';
import { type AuthorityStatus, statusOf } from '../../src/operations/status/authority-status.js';
import { suite } from '../policy/support.js';
import { fieldsOf } from '../support/events.js';
import { AT, Bench, DAY } from './support.js';

const LATER = AT + 3 * DAY;
const WHOLE = new Bench([], true);
const revoked: string[] = [];
const PLAN = 'transcripts/0015-run.jsonl.plan.json';

/** One of every kind of file, and a sibling of each. */
beforeAll(async () => {
  const twin = { keyUri: 'file:keys/root-2.age', listed: false };
  await generateRoot(await WHOLE.context({ seed: 'root' }), { ciphersuite: suite('ed25519-sha256'), twin });
  const first = await WHOLE.issue(await WHOLE.request());
  const made = await WHOLE.request({ seed: 'second' }, { key: 'intermediate-2' });
  await WHOLE.issue(made);
  await WHOLE.export();
  await WHOLE.revoke(fingerprintOf(first.credential), AT + 1);
  await WHOLE.revoke(new Uint8Array(32).fill(7), AT + 1);
  await WHOLE.export({ atSeconds: AT + DAY });
  const mark = async (n: number, state: 'published' | 'withdrawn'): Promise<unknown> =>
    markBundle(
      await WHOLE.context({ atSeconds: AT + DAY }),
      readFileSync(join(WHOLE.dir, `bundles/bundle-00000${String(n)}.cose`)),
      state,
    );
  await mark(1, 'published');
  await mark(2, 'withdrawn');
  const wanted = { key: 'intermediate-1', endOfService: true, unproved: false };
  await destroyKey(await WHOLE.context({ atSeconds: AT + 2 * DAY }), wanted);
  await ceremony();
  await WHOLE.export({ atSeconds: AT + 2 * DAY });
  revoked.push(toHex(fingerprintOf(first.credential)), '07'.repeat(32));
}, 60_000);

/** The files that a ceremony leaves beside its transcript. */
async function ceremony(): Promise<void> {
  const { transcripts } = await openAuthority(WHOLE.dir);
  const path = PLAN.replace('.plan.json', '');
  const { head: previousHead } = transcripts;
  const fields = fieldsOf('start', { command: 'run', previous_transcript: previousHead });
  const start = { previousHead, fields, rehearsal: false };
  const record = OpenTranscript.begin(WHOLE.dir, path, start, () => AT + 2 * DAY);
  const files = [PLAN, `${PLAN}.anna.sig`].map((name) => ({ path: name, bytes: utf8(`what ${name} holds`) }));
  const named = files.map((one) => ({ path: one.path, sha256: toHex(hash('sha256', one.bytes)) }));
  record.append([{ event: 'files', fields: { files: named } }], (lines) => {
    commit(WHOLE.dir, 'run', files, lines);
  });
  record.end([], {});
}

/** A kind of file: one of it, another, and the name that a copy would have. */
type Kind = readonly [file: string, sibling: string, copy: string | undefined];

const KINDS: readonly Kind[] = [
  ['credentials/root-1.pem', 'credentials/intermediate-1.pem', 'credentials/root-3.pem'],
  ['credentials/root-2.pem', 'credentials/root-1.pem', 'credentials/root-4.pem'],
  ['credentials/root-2.reserve.json', 'credentials/root-2.pem', 'credentials/root-1.reserve.json'],
  ['credentials/intermediate-1.pem', 'credentials/intermediate-2.pem', 'credentials/intermediate-3.pem'],
  ['requests/intermediate-2.pem', 'requests/intermediate-1.pem', 'requests/intermediate-3.pem'],
  ['keys/root-1.json', 'keys/intermediate-2.json', 'keys/root-3.json'],
  ['keys/intermediate-1.destroying.json', 'keys/intermediate-1.destroyed.json', 'keys/intermediate-2.destroying.json'],
  ['bundles/bundle-000001.cose', 'bundles/bundle-000002.cose', 'bundles/bundle-000004.cose'],
  ['bundles/bundle-000003.cose', 'bundles/bundle-000001.cose', 'bundles/bundle-000009.cose'],
  [
    'bundles/bundle-000001.published.json',
    'bundles/bundle-000002.withdrawn.json',
    'bundles/bundle-000003.published.json',
  ],
  ['revocations/A.json', 'revocations/B.json', `revocations/${'08'.repeat(32)}.json`],
  ['transcripts/0001-init.jsonl', 'transcripts/0002-root-generate.jsonl', 'transcripts/0017-init.jsonl'],
  [
    'transcripts/0004-intermediate-issue.jsonl',
    'transcripts/0006-intermediate-issue.jsonl',
    'transcripts/0007-a.jsonl',
  ],
  ['transcripts/0016-bundle-export.jsonl', 'transcripts/0015-run.jsonl', 'transcripts/0017-bundle-export.jsonl'],
  [PLAN, `${PLAN}.anna.sig`, undefined],
];

/** What a transcript that is gone, is missed by: the one after it; where there is none, what it made. */
const MISSED_BY: Readonly<Record<string, string>> = {
  'transcripts/0001-init.jsonl': 'transcripts/0002-root-generate.jsonl',
  'transcripts/0004-intermediate-issue.jsonl': 'transcripts/0005-intermediate-request.jsonl',
  'transcripts/0016-bundle-export.jsonl': 'bundles/bundle-000003.cose',
};

const pathOf = (dir: string, file: string): string =>
  join(dir, file.replace('/A.json', `/${revoked[0] ?? ''}.json`).replace('/B.json', `/${revoked[1] ?? ''}.json`));

/** Does it, and gives the files that are to be named; undefined where there is nothing to do. */
type Damage = (dir: string, kind: Kind) => readonly string[] | undefined;
const DAMAGES: Readonly<Record<string, Damage>> = {
  missing: (dir, [file]) => {
    rmSync(pathOf(dir, file));
    return [MISSED_BY[file] ?? file];
  },
  'cut to its half': (dir, [file]) => {
    truncateSync(pathOf(dir, file), Math.floor(readFileSync(pathOf(dir, file)).length / 2));
    return [file];
  },
  'cut to nothing': (dir, [file]) => {
    truncateSync(pathOf(dir, file), 0);
    return [file];
  },
  'with one bit changed': (dir, [file]) => {
    const bytes = readFileSync(pathOf(dir, file));
    const middle = bytes.length >> 1;
    bytes[middle] = (bytes[middle] ?? 0) ^ 1;
    writeFileSync(pathOf(dir, file), bytes);
    return [file];
  },
  'in the place of another, and the other way round': (dir, [file, sibling]) => {
    renameSync(pathOf(dir, file), join(dir, 'aside'));
    renameSync(pathOf(dir, sibling), pathOf(dir, file));
    renameSync(join(dir, 'aside'), pathOf(dir, sibling));
    return [file, sibling];
  },
  'copied under another name': (dir, [file, , copy]) => {
    if (copy === undefined) return undefined;
    cpSync(pathOf(dir, file), pathOf(dir, copy));
    return [copy];
  },
  'a folder': (dir, [file]) => {
    rmSync(pathOf(dir, file));
    mkdirSync(pathOf(dir, file));
    return [file];
  },
};

/** What is said of a folder: each finding's message, or the error's own. */
async function said(action: () => unknown): Promise<{ error: CeremonyError | undefined; messages: readonly string[] }> {
  try {
    await action();
    return { error: undefined, messages: [] };
  } catch (error) {
    if (!(error instanceof CeremonyError)) throw error;
    return { error, messages: error.findings.map(({ message }) => message) };
  }
}

const status = async ({ dir }: Bench): Promise<AuthorityStatus> => statusOf(await openAuthority(dir), LATER);

function copy(): Bench {
  const bench = new Bench();
  rmSync(bench.dir, { recursive: true });
  cpSync(WHOLE.dir, bench.dir, { recursive: true });
  return bench;
}

test('what is whole is whole, and goes on', async () => {
  const bench = copy();
  const authority = await openAuthority(bench.dir);
  expect(authority.transcripts.files).toHaveLength(16);
  expect((await verifyLedger(bench.dir, undefined)).findings).toEqual([]);
  for (const [file, sibling] of KINDS)
    expect([file, sibling].map((one) => existsSync(pathOf(bench.dir, one)))).toEqual([true, true]);
  await bench.export({ atSeconds: LATER });
});

describe.each(KINDS.map((kind) => [kind[0], kind] as const))('%s', (file, kind) => {
  test.each(Object.entries(DAMAGES))('%s', async (name, damage) => {
    const bench = copy();
    const named = damage(bench.dir, kind);
    if (named === undefined) return;
    const expected = named.map((one) => pathOf('', one));
    if (file.startsWith('requests/') && name === 'missing') {
      // It may have been carried away, and is answered here: nothing depends on it.
      expect((await status(bench)).next.filter(({ kind }) => kind === 'request')).toEqual([]);
      return;
    }
    const before = bench.snapshot();
    const state = await said(async () => status(bench));
    expect(state.error).toMatchObject({ kind: 'could-not', code: 'authority-damaged' });
    expect(state.error?.hint).toMatch(/copy|backup/);
    for (const one of expected) expect(state.messages.join('\n')).toContain(`${one}: `);
    const ledger = (await verifyLedger(bench.dir, undefined)).findings.map(({ message }) => message);
    for (const one of expected) expect(ledger.join('\n')).toContain(`${one}: `);
    bench.asked.log.length = 0;
    const error = await bench.refusal(() => bench.export({ atSeconds: LATER }));
    expect(error.code).toBe('authority-damaged');
    for (const one of expected) expect(JSON.stringify([error.message, ...error.findings])).toContain(one);
    expect(bench.asked.log).toEqual([]);
    expect(bench.snapshot()).toEqual(before);
    // Nobody else is accused, but by a transcript: what follows it, and what it made, hangs on it.
    if (file.startsWith('transcripts/0')) return;
    expect(state.messages.filter((message) => !expected.some((one) => message.startsWith(`${one}: `)))).toEqual([]);
  });
});

test('a request that nobody answered, and is gone, is looked for until it would be too old', async () => {
  const bench = copy();
  const { file } = await bench.request({ seed: 'third', atSeconds: LATER }, { key: 'intermediate-3' });
  rmSync(join(bench.dir, file));
  const dueAt = async (atSeconds: number): Promise<readonly string[]> =>
    statusOf(await openAuthority(bench.dir), atSeconds)
      .next.filter(({ subject }) => subject === file)
      .map(({ action }) => action);
  expect(await dueAt(LATER + DAY)).toEqual([
    'look for requests/intermediate-3.pem: it was made here, is missing, and no intermediate here answers it',
  ]);
  expect(await dueAt(LATER + 31 * DAY)).toEqual([]);
});

/** Secret, and on no record: what shows without the passphrase, and what shows when they are to sign. */
const KEY_FILES: readonly [string, (dir: string) => void, note: RegExp | undefined, code: string][] = [
  ['missing', (dir) => rmSync(join(dir, 'keys/root-1.age')), /keys\/root-1.age: it is not here/, 'file-not-found'],
  ['cut to its half', (dir) => truncateSync(join(dir, 'keys/root-1.age'), 240), /root-1.age/, 'bad-key-file'],
  ['cut to nothing', (dir) => truncateSync(join(dir, 'keys/root-1.age'), 0), /root-1.age/, 'bad-key-file'],
  [
    'with one bit changed',
    (dir) => {
      const text = readFileSync(join(dir, 'keys/root-1.age'), 'latin1').split('\n');
      const last = text.length - 3;
      text[last] = (text[last] ?? '').replace(/^./, (letter) => (letter === 'A' ? 'B' : 'A'));
      writeFileSync(join(dir, 'keys/root-1.age'), text.join('\n'), 'latin1');
    },
    undefined,
    'bad-key-file',
  ],
  [
    'in the place of another',
    (dir) => {
      rmSync(join(dir, 'keys/root-1.age'));
      renameSync(join(dir, 'keys/intermediate-2.age'), join(dir, 'keys/root-1.age'));
    },
    /intermediate-2.age: it is not here/,
    'key-mismatch',
  ],
];

describe('keys/root-1.age', () => {
  test.each(KEY_FILES)('%s', async (_name, damage, note, code) => {
    const bench = copy();
    damage(bench.dir);
    const { keyNotes } = await status(bench);
    if (note === undefined) expect(keyNotes).toEqual([]);
    else expect(keyNotes.map(textOf).join('\n')).toMatch(note);
    const error = await bench.refusal(() => bench.export({ atSeconds: LATER }));
    expect([error.code, error.message]).toEqual([code, expect.stringContaining('root-1.age')]);
  });

  test('a folder', async () => {
    const bench = copy();
    rmSync(join(bench.dir, 'keys/root-1.age'));
    mkdirSync(join(bench.dir, 'keys/root-1.age'));
    const { error } = await said(() => openAuthority(bench.dir));
    expect([error?.code, error?.message]).toEqual([
      'authority-damaged',
      expect.stringContaining('keys/root-1.age: it is a folder'),
    ]);
  });

  test('copied under another name', async () => {
    const bench = copy();
    cpSync(join(bench.dir, 'keys/root-1.age'), join(bench.dir, 'keys/root-3.age'));
    expect((await status(bench)).keyNotes).toMatchObject([
      { text: expect.stringMatching(/^keys\/root-3.age: no key record/) },
    ]);
  });
});

describe('authority.yaml', () => {
  const file = (dir: string): string => join(dir, 'authority.yaml');
  test('missing, or a folder: no authority, or an error that names it', async () => {
    const bench = copy();
    rmSync(file(bench.dir));
    expect((await said(() => openAuthority(bench.dir))).error).toMatchObject({ code: 'no-authority' });
    mkdirSync(file(bench.dir));
    expect((await said(() => openAuthority(bench.dir))).error?.message).toContain('authority.yaml: it is a folder');
  });

  test('cut or changed: refused, or shown as what changed', async () => {
    const whole = readFileSync(file(WHOLE.dir));
    for (let length = 0; length < whole.length; length += 7) {
      const bench = copy();
      writeFileSync(file(bench.dir), whole.subarray(0, length));
      const { error } = await said(async () => {
        expect((await status(bench)).settingsChanges?.length).toBeGreaterThan(0);
      });
      if (error !== undefined) expect(['bad-settings', 'authority-damaged']).toContain(error.code);
    }
  });
});

test('a transcript’s signature without its transcript, and a name twice', async () => {
  const bench = copy();
  writeFileSync(join(bench.dir, 'transcripts/0099-run.jsonl.anna.sig'), 'x');
  const { messages } = await said(() => openAuthority(bench.dir));
  expect(messages).toEqual(['transcripts/0099-run.jsonl.anna.sig: the transcript that it belongs to is missing']);
});

test('an answer from elsewhere, kept beside its key, is no stranger; without that key it is', async () => {
  const bench = copy();
  const online = new Bench();
  const context = await online.context();
  const { roots } = await openAuthority(bench.dir);
  const [root] = roots;
  if (root === undefined) throw new TypeError('no root');
  const made = await requestIntermediate(context, {
    keyUri: 'file:keys/intermediate-1.age',
    ciphersuite: suite('ed25519-sha256'),
    signer: root.credential,
  });
  const { file } = await bench.issue(made, { atSeconds: LATER });
  cpSync(join(bench.dir, file), join(online.dir, 'credentials/intermediate-1.pem'));
  expect((await openAuthority(online.dir)).intermediates).toHaveLength(1);
  expect((await verifyLedger(online.dir, undefined)).findings).toEqual([]);
  cpSync(join(bench.dir, 'credentials/intermediate-2.pem'), join(online.dir, 'credentials/intermediate-2.pem'));
  expect((await said(() => openAuthority(online.dir))).messages).toEqual([
    'credentials/intermediate-2.pem: no transcript says that it was made: one is missing, or it was put there',
  ]);
});
