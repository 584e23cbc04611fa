/** Each folder of an authority, and the record over them: what is read, and what becomes a finding. */
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { openAuthority } from '../../../src/authority/authority.js';
import { forgeryPath, readBundles } from '../../../src/authority/folders/bundles-folder.js';
import { FolderReader } from '../../../src/authority/folders/folder-reader.js';
import { readKeys } from '../../../src/authority/folders/keys-folder.js';
import { readRequests, readRevocations } from '../../../src/authority/folders/small-folders.js';
import { encodePending } from '../../../src/authority/formats/pending.js';
import { defaultSettings } from '../../../src/authority/formats/settings-defaults.js';
import {
  encodeBundleMark,
  encodeKeyMark,
  encodeKeyRecord,
  encodeRevocation,
} from '../../../src/authority/formats/small-files.js';
import {
  addEvent,
  encodeTranscript,
  endTranscript,
  NO_HEAD,
  startTranscript,
} from '../../../src/authority/formats/transcript.js';
import { FOLDERS } from '../../../src/authority/ground/layout.js';
import { initAuthority } from '../../../src/authority/init-authority.js';
import { readLedger, transcriptFiles } from '../../../src/authority/ledger/ledger.js';
import type { JsonObject } from '../../../src/codec/strict-json.js';
import { toHex, utf8 } from '../../../src/common/bytes.js';
import { CeremonyError } from '../../../src/common/errors.js';
import { encodeCredentialFile } from '../../../src/credential/credential-file.js';
import { hash } from '../../../src/crypto/hash.js';
import { issue, makeRequest, makeRoot, suite } from '../../policy/support.js';
import { filled } from '../../support/events.js';
import { codeOf, temporaryFolder } from '../support.js';

const AT = 1_800_000_000;
type Files = Readonly<Record<string, Uint8Array | string>>;

const sha256 = (bytes: Uint8Array | string): string =>
  toHex(hash('sha256', typeof bytes === 'string' ? utf8(bytes) : bytes));

function folderOf(files: Files): string {
  const dir = temporaryFolder();
  for (const folder of FOLDERS) mkdirSync(join(dir, folder));
  for (const [path, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), bytes);
  }
  return dir;
}

/** What `read` gives, and all findings. */
function looked<T>(dir: string, read: (reader: FolderReader) => T): { got: T; findings: readonly string[] } {
  const reader = new FolderReader(dir);
  try {
    reader.readTop();
    const got = read(reader);
    reader.settle();
    return { got, findings: reader.findings.map(({ message }) => message) };
  } finally {
    reader.close();
  }
}

describe('keys', () => {
  const { scheme } = suite('ed25519-sha256');
  const publicKey = (seed: number): Uint8Array => new Uint8Array(32).fill(seed);
  const record = (seed: number): Uint8Array =>
    encodeKeyRecord({ uri: 'file:keys/a.age', scheme, publicKey: publicKey(seed), madeAtSeconds: AT });
  const mark = (state: 'destroying' | 'destroyed', seed: number): Uint8Array =>
    encodeKeyMark({ state, atSeconds: AT, publicKey: publicKey(seed) });
  const read = (files: Files) => looked(folderOf(files), readKeys);

  test('with and without an end', () => {
    const { got, findings } = read({
      'keys/a.json': record(1),
      'keys/a.age': 'secret',
      'keys/a.destroying.json': mark('destroying', 1),
      'keys/b.json': record(2),
      'keys/b.destroying.json': mark('destroying', 2),
      'keys/b.destroyed.json': mark('destroyed', 2),
      'keys/c.json': record(3),
    });
    expect(findings).toEqual([]);
    expect(got.records.map(({ file, name, end }) => [file, name, end?.state])).toEqual([
      ['keys/a.json', 'a', 'destroying'],
      ['keys/b.json', 'b', 'destroyed'],
      ['keys/c.json', 'c', undefined],
    ]);
    expect(got.names).toHaveLength(7);
  });

  test.each<[string, Files, readonly RegExp[]]>([
    ['one key twice', { 'keys/a.json': record(1), 'keys/b.json': record(1) }, [/b.json: it is about the same key as/]],
    ['a mark without a key', { 'keys/a.destroyed.json': mark('destroyed', 1) }, [/there is no key record/]],
    [
      'a mark of another state',
      { 'keys/a.json': record(1), 'keys/a.destroyed.json': mark('destroying', 1) },
      [/its contents do not match its name/],
    ],
    [
      'a mark of another key',
      { 'keys/a.json': record(1), 'keys/a.destroyed.json': mark('destroyed', 2) },
      [/it is about another key/],
    ],
    ['no record', { 'keys/a.json': '{}' }, [/a.json: version is null/]],
    [
      'a mark of no record',
      { 'keys/a.json': '{}', 'keys/a.destroyed.json': mark('destroyed', 1) },
      [/a.json: version/],
    ],
    ['a stranger', { 'keys/notes.txt': 'x' }, [/notes.txt: no file of that name belongs there/]],
    ['a mark that is none', { 'keys/a.json': record(1), 'keys/a.destroyed.json': '[]' }, [/not a JSON object/]],
  ])('%s', (_what, files, expected) => {
    const { findings } = read(files);
    expect(findings).toHaveLength(expected.length);
    for (const [i, pattern] of expected.entries()) expect(findings[i]).toMatch(pattern);
  });
});

describe('bundles', () => {
  const mark = (state: 'published' | 'withdrawn', of: string): Uint8Array =>
    encodeBundleMark({ state, atSeconds: AT, sha256: sha256(of) });
  const read = (files: Files) => looked(folderOf(files), readBundles);

  test('by number, with their marks, and what others signed', () => {
    const forged = forgeryPath(utf8('forged'));
    const { got, findings } = read({
      'bundles/bundle-1000000.cose': 'million',
      'bundles/bundle-000002.cose': 'two',
      'bundles/bundle-000002.withdrawn.json': mark('withdrawn', 'two'),
      'bundles/bundle-000010.cose': 'ten',
      'bundles/bundle-000010.published.json': mark('published', 'ten'),
      [forged]: 'forged',
    });
    expect(findings).toEqual([]);
    expect(got.bundles.map(({ number, mark: own }) => [number, own?.state])).toEqual([
      [2, 'withdrawn'],
      [10, 'published'],
      [1_000_000, undefined],
    ]);
    expect(got.forgeries.map(({ file, bytes }) => [file, Buffer.from(bytes).toString()])).toEqual([[forged, 'forged']]);
  });

  test.each<[string, Files, readonly RegExp[]]>([
    [
      'a mark without a bundle',
      { 'bundles/bundle-000001.published.json': mark('published', 'x') },
      [/there is no bundle/],
    ],
    [
      'a mark of another bundle',
      { 'bundles/bundle-000001.cose': 'one', 'bundles/bundle-000001.published.json': mark('published', 'x') },
      [/it is about another bundle/],
    ],
    [
      'a mark of another state',
      { 'bundles/bundle-000001.cose': 'one', 'bundles/bundle-000001.published.json': mark('withdrawn', 'one') },
      [/its contents do not match its name/],
    ],
    [
      'both marks',
      {
        'bundles/bundle-000001.cose': 'one',
        'bundles/bundle-000001.published.json': mark('published', 'one'),
        'bundles/bundle-000001.withdrawn.json': mark('withdrawn', 'one'),
      },
      [/bundle-000001.cose: it is marked as published and as withdrawn/],
    ],
    [
      'both marks, of which one is none',
      {
        'bundles/bundle-000001.cose': 'one',
        'bundles/bundle-000001.published.json': '{',
        'bundles/bundle-000001.withdrawn.json': mark('withdrawn', 'one'),
      },
      [/published.json: it is not JSON/],
    ],
    ['a forgery of another name', { [forgeryPath(utf8('x'))]: 'y' }, [/its name is not the SHA-256/]],
    ['a short number', { 'bundles/bundle-1.cose': 'one' }, [/no file of that name belongs there/]],
    ['a long number with a zero', { 'bundles/bundle-0000001.cose': 'one' }, [/no file of that name belongs there/]],
    [
      'a mark that is none',
      { 'bundles/bundle-000001.cose': 'x', 'bundles/bundle-000001.published.json': '{' },
      [/not JSON/],
    ],
  ])('%s', (_what, files, expected) => {
    const { findings } = read(files);
    expect(findings).toHaveLength(expected.length);
    for (const [i, pattern] of expected.entries()) expect(findings[i]).toMatch(pattern);
  });
});

describe('requests and revocations', () => {
  const revocation = encodeRevocation({
    fingerprint: new Uint8Array(32).fill(1),
    revokedAtSeconds: AT,
    reason: 'superseded',
  });
  const own = `revocations/${'01'.repeat(32)}.json`;

  test('are read', () => {
    const dir = folderOf({ [own]: revocation, 'requests/b.pem': 'b', 'requests/a.pem': 'a' });
    expect(looked(dir, readRequests)).toEqual({ got: ['requests/a.pem', 'requests/b.pem'], findings: [] });
    const { got, findings } = looked(dir, readRevocations);
    expect([got.map(({ file, reason }) => [file, reason]), findings]).toEqual([[[own, 'superseded']], []]);
  });

  test.each<[string, Files, readonly RegExp[]]>([
    ['a revocation of another name', { [`revocations/${'02'.repeat(32)}.json`]: revocation }, [/not that of what it/]],
    ['no revocation', { 'revocations/x.json': '{}' }, [/version is null/]],
    [
      'one twice',
      { [own]: revocation, 'revocations/x.json': revocation },
      [/x.json: its name is not that of what it revokes/],
    ],
    ['a stranger', { 'revocations/x.txt': '' }, [/no file of that name belongs there/]],
  ])('%s', (_what, files, expected) => {
    const { findings } = looked(folderOf(files), readRevocations);
    expect(findings).toHaveLength(expected.length);
    for (const [i, pattern] of expected.entries()) expect(findings[i]).toMatch(pattern);
  });

  test('a request of another name', () => {
    expect(looked(folderOf({ 'requests/.pem': '', 'requests/a.txt': '' }), readRequests).findings).toHaveLength(2);
  });
});

describe('the record', () => {
  const REVOKED = `revocations/${'01'.repeat(32)}.json`;
  const made = (...files: readonly (readonly [string, string])[]): JsonObject => ({
    files: files.map(([path, text]) => ({ path, sha256: sha256(text), final: true })),
  });

  /** One transcript after another: each has its name, its command and its events. */
  function record(
    transcripts: readonly {
      readonly name: string;
      readonly command: string;
      readonly events: readonly (readonly [string, JsonObject])[];
      readonly previousHead?: string;
      readonly open?: boolean;
    }[],
    files: Files = {},
  ): string {
    const dir = folderOf(files);
    let head = NO_HEAD;
    for (const { name, command, events, previousHead = head, open = false } of transcripts) {
      let transcript = startTranscript({
        previousHead,
        fields: filled('start', { command, previous_transcript: previousHead }),
        atSeconds: AT,
      });
      for (const [event, fields] of events) transcript = addEvent(transcript, event, filled(event, fields), AT);
      if (!open) transcript = endTranscript(transcript, [], {}, AT);
      writeFileSync(join(dir, 'transcripts', name), encodeTranscript(transcript));
      head = transcript.head;
    }
    return dir;
  }
  const INIT = {
    name: '0001-init.jsonl',
    command: 'init',
    events: [
      ['settings', { sha256: sha256('x'), values: { version: 1 } }],
      ['files', { files: [] }],
    ] as const,
  };
  const REVOKE = {
    name: '0002-revoke.jsonl',
    command: 'revoke',
    events: [
      ['revoke', { fingerprints: ['01'.repeat(32)] }],
      ['files', made([REVOKED, 'revocation'])],
    ] as const,
  };
  const REQUEST = {
    name: '0003-intermediate-request.jsonl',
    command: 'intermediate request',
    events: [
      ['sign', { what: 'IntermediateAsCredential request' }],
      ['files', made(['requests/a.pem', 'request'])],
    ] as const,
  };
  const ledger = (dir: string) => looked(dir, readLedger);
  const only = (dir: string): readonly string[] => ledger(dir).findings;

  test('in order', () => {
    const { got, findings } = ledger(record([INIT, REVOKE], { [REVOKED]: 'revocation' }));
    expect(findings).toEqual([]);
    expect(got.transcripts.files).toEqual(['transcripts/0001-init.jsonl', 'transcripts/0002-revoke.jsonl']);
    expect([got.transcripts.nextNumber, got.transcripts.incomplete, got.newestSeconds]).toEqual([3, false, AT]);
    expect(got.transcripts.positionOf(got.transcripts.head)).toBe(1);
    expect(got.transcripts.positionOf(got.transcripts.first)).toBe(0);
    expect(got.transcripts.positionOf(NO_HEAD)).toBeUndefined();
    expect(got.settings?.values).toEqual({ version: 1 });
    expect(got.settingsHistory).toHaveLength(1);
  });

  test('of nothing is none', () => {
    const { got } = ledger(folderOf({}));
    expect([got.transcripts.nextNumber, got.transcripts.head, got.newestSeconds]).toEqual([1, NO_HEAD, undefined]);
  });

  test('files that it names', () => {
    const dir = record([INIT, REVOKE], { [REVOKED]: 'revocation' });
    writeFileSync(join(dir, REVOKED), 'changed');
    expect(only(dir)).toEqual([`${REVOKED}: it is not the file that a transcript says was made`]);
    rmSync(join(dir, REVOKED));
    expect(only(dir)).toEqual([`${REVOKED}: it is missing; a transcript says that it was made`]);
    writeFileSync(join(dir, REVOKED), 'revocation');
    writeFileSync(join(dir, 'revocations/copy.json'), 'revocation');
    writeFileSync(join(dir, 'revocations/new.json'), 'new');
    writeFileSync(join(dir, 'keys/a.age'), 'secret');
    expect(only(dir)).toEqual([
      `revocations/copy.json: no transcript says that it was made: it is a copy of ${REVOKED}`,
      'revocations/new.json: no transcript says that it was made: one is missing, or it was put there',
    ]);
  });

  test('a request stays the one that was made, while it is there', () => {
    const dir = record([INIT, { ...REVOKE, events: [REVOKE.events[0], ['files', { files: [] }]] }, REQUEST], {
      'requests/a.pem': 'request',
      'requests/b.pem': 'from elsewhere',
    });
    const signature = /0003-intermediate-request.jsonl: line 2: no file that was written with it has/;
    const others = (): readonly string[] => only(dir).filter((one) => !signature.test(one));
    expect([others(), only(dir).filter((one) => signature.test(one)).length]).toEqual([[], 1]);
    writeFileSync(join(dir, 'requests/c.pem'), 'request');
    expect(others()).toEqual(['requests/c.pem: it is the same request as requests/a.pem']);
    rmSync(join(dir, 'requests/c.pem'));
    writeFileSync(join(dir, 'requests/a.pem'), 'other');
    expect(others()).toEqual(['requests/a.pem: it is not the file that a transcript says was made']);
    rmSync(join(dir, 'requests/a.pem'));
    writeFileSync(join(dir, 'requests/d.pem'), 'from elsewhere');
    expect(others()).toEqual(['requests/d.pem: it is the same request as requests/b.pem']);
    rmSync(join(dir, 'requests/d.pem'));
    expect(ledger(dir).got.missingRequests.map(({ file }) => file)).toEqual(['requests/a.pem']);
  });

  test('an answer from elsewhere is not on record, and is for a key of ours by a root that is not ours', () => {
    const elsewhere = makeRoot({ seed: 9 });
    const request = makeRequest(elsewhere, { seed: 5 });
    const { scheme } = suite('ed25519-sha256');
    const key = (publicKey: Uint8Array): string =>
      Buffer.from(encodeKeyRecord({ uri: 'file:keys/a.age', scheme, publicKey, madeAtSeconds: AT })).toString();
    const answered = (publicKey: Uint8Array, own: Files = {}): readonly string[] => {
      const files = { 'keys/a.json': key(publicKey), 'keys/a.age': 'x', ...own };
      const dir = record(
        [
          INIT,
          {
            name: '0002-key-attach.jsonl',
            command: 'key attach',
            events: [
              ['key', { what: 'attached' }],
              ['files', made(['keys/a.json', files['keys/a.json']])],
            ],
          },
        ],
        files,
      );
      const file = encodeCredentialFile(issue(elsewhere, request, 9));
      writeFileSync(join(dir, 'credentials/intermediate-1.pem'), file);
      return only(dir).filter((one) => one.includes('intermediate-1'));
    };
    const { publicKey } = request.payload;
    const unknown = [expect.stringMatching(/^credentials\/intermediate-1.pem: no transcript says that it was made/)];
    expect(answered(publicKey)).toEqual([]);
    expect(answered(new Uint8Array(32).fill(1))).toEqual(unknown);
    expect(answered(publicKey, { 'credentials/root-1.pem': encodeCredentialFile(elsewhere) })).toEqual(unknown);
    expect(answered(publicKey, { 'credentials/root-1.pem': encodeCredentialFile(makeRoot()) })).toEqual([]);
  });

  test('a file is recorded once, whatever a later transcript says of it', () => {
    const twice = (text: string): string =>
      record(
        [
          INIT,
          REVOKE,
          { ...REVOKE, name: '0003-revoke.jsonl', events: [REVOKE.events[0], ['files', made([REVOKED, text])]] },
        ],
        {
          [REVOKED]: 'revocation',
        },
      );
    expect(only(twice('revocation'))).toEqual([]);
    expect(only(twice('another'))).toEqual([
      expect.stringMatching(/0003-revoke.jsonl: it says of revocations.* what transcripts\/0002-revoke.jsonl does not/),
    ]);
  });

  test('what a name has that is no file of its own is found once', () => {
    const dir = record([INIT, { ...REVOKE, events: [REVOKE.events[0], ['files', { files: [] }]] }, REQUEST]);
    symlinkSync('/nowhere', join(dir, 'requests/a.pem'));
    const { findings } = looked(dir, (reader) => [readRequests(reader), readLedger(reader)]);
    expect(findings.filter((one) => one.startsWith('requests/'))).toEqual([
      expect.stringMatching(/^requests\/a.pem: it is a symbolic link/),
    ]);
  });

  test('a site that knows nothing of an authority signs for it, and says so', () => {
    const signing = (stage: JsonObject, sequence: number, what = 'bundle'): readonly string[] =>
      only(
        record([
          INIT,
          {
            name: '0002-bundle-sign.jsonl',
            command: 'bundle sign',
            events: [
              ['sign', what === 'bundle' ? { what, sequence } : { what }],
              ['stage', stage],
              ['files', { files: [] }],
            ],
          },
        ]),
      );
    expect(signing({ compared: false }, 7)).toEqual([]);
    expect(signing({ compared: true }, 7)).toEqual([expect.stringMatching(/is not a root of this authority/)]);
    expect(signing({}, 7)).toEqual([expect.stringMatching(/is not a root of this authority/)]);
    expect(signing({ compared: false }, 0)).toEqual([expect.stringMatching(/no bundle can have that number/)]);
    expect(signing({ compared: false }, 7, 'AsCredential')).toEqual([expect.stringMatching(/is not a bundle/)]);
  });

  test('transcripts follow each other, in their numbers', () => {
    const files = { [REVOKED]: 'revocation' };
    const dir = record([INIT, REVOKE], files);
    const [second, third] = ['0002', '0003'].map((n) => join(dir, `transcripts/${n}-revoke.jsonl`));
    renameSync(second ?? '', third ?? '');
    expect(only(dir)).toEqual([expect.stringMatching(/0003-revoke.jsonl: its number is not 2, the one after/)]);
    expect(only(record([INIT, { ...REVOKE, previousHead: 'ab'.repeat(32) }], files))).toEqual([
      expect.stringMatching(/is not linked to the transcript before it: one is missing/),
    ]);
    const forked = record([INIT, REVOKE], files);
    const { head } = ledger(record([INIT])).got.transcripts;
    const twin = record([INIT, REVOKE, { ...REVOKE, name: '0003-revoke.jsonl', previousHead: head }], files);
    expect(only(forked)).toEqual([]);
    expect(only(twin)).toContainEqual(expect.stringMatching(/follows the same transcript as .*0002.*the record forks/));
    const same = record([INIT, REVOKE, { ...REVOKE, name: '0002-root-generate.jsonl' }], files);
    expect(only(same)).toContainEqual(expect.stringMatching(/its number is taken by another transcript/));
  });

  test('what has no end is a ceremony, and the newest', () => {
    const RUN = { name: '0002-run.jsonl', command: 'run', events: [['say', {}]] as const, open: true };
    const open = record([INIT, RUN]);
    expect([only(open), ledger(open).got.transcripts.incomplete]).toEqual([[], true]);
    expect(only(record([INIT, { ...REVOKE, open: true }], { [REVOKED]: 'revocation' }))).toEqual([
      expect.stringMatching(/it has no end, and no ceremony wrote it/),
      expect.stringMatching(/one is missing, or cut short \(transcripts\/0002-revoke.jsonl has no end\)/),
    ]);
    expect(only(record([INIT, RUN, { ...REVOKE, name: '0003-revoke.jsonl' }], { [REVOKED]: 'revocation' }))[0]).toMatch(
      /0002-run.jsonl: not a transcript: it is incomplete/,
    );
    const torn = record([INIT, RUN]);
    writeFileSync(join(torn, 'transcripts/0002-run.jsonl'), '{"seq"', { flag: 'a' });
    expect([only(torn), ledger(torn).got.transcripts.incomplete]).toEqual([[], true]);
  });

  test('companions have their transcript', () => {
    const dir = record([INIT], {
      'transcripts/0001-init.jsonl.anna.sig': 'x',
      'transcripts/0002-run.jsonl.anna.sig': 'x',
    });
    expect(only(dir)).toEqual(['transcripts/0002-run.jsonl.anna.sig: the transcript that it belongs to is missing']);
    expect(transcriptFiles(dir)).toEqual(['transcripts/0001-init.jsonl']);
    writeFileSync(join(dir, 'transcripts/notes.txt'), '');
    expect(only(dir)).toHaveLength(2);
  });

  test('transcripts are in the order of their numbers, not of their names', () => {
    const dir = folderOf({ 'transcripts/99999-a.jsonl': '', 'transcripts/100000-b.jsonl': '', 'transcripts/x': '' });
    expect(transcriptFiles(dir)).toEqual(['transcripts/99999-a.jsonl', 'transcripts/100000-b.jsonl']);
  });
});

describe('at the top', () => {
  test('nothing is a stranger’s', () => {
    const dir = folderOf({
      'authority.yaml': '',
      allowed_signers: '',
      'NOTES.txt': '',
      '.lock.claim-0123456789ab': '',
    });
    mkdirSync(join(dir, 'lost+found'));
    const top = (): readonly string[] => looked(dir, () => undefined).findings;
    expect(top()).toEqual(['NOTES.txt: no file of that name belongs there']);
    rmSync(join(dir, 'NOTES.txt'));
    rmSync(join(dir, 'lost+found'), { recursive: true });
    expect(top()).toEqual([]);
    writeFileSync(join(dir, 'lost+found'), '');
    rmSync(join(dir, 'keys'), { recursive: true });
    writeFileSync(join(dir, 'keys'), '');
    expect(top()).toEqual(['keys: it is not a folder', 'lost+found: no file of that name belongs there']);
    const { got, findings } = looked(dir, readKeys);
    expect([got.records, findings.length]).toEqual([[], 2]);
  });

  test('what a journal is about to name is not there yet', () => {
    const [path, other] = ['01', '02'].map((byte) => `revocations/${byte.repeat(32)}.json`) as [string, string];
    const waiting = (of: string): string => `${of.replace('/', '/.')}.0123456789ab.tmp`;
    const files = [path, other].map((of) => ({ temporary: waiting(of), path: of, sha256: sha256('x'), mode: 0o644 }));
    const dir = folderOf({
      'pending.json': encodePending({ operation: 'revoke', files }),
      [path]: 'x',
      [waiting(other)]: 'x',
    });
    const names = (): readonly string[] => looked(dir, (reader) => reader.list('revocations')).got;
    expect(looked(dir, (reader) => [...reader.underWay])).toEqual({ got: [path, other], findings: [] });
    expect(names()).toHaveLength(1);
    renameSync(join(dir, waiting(other)), join(dir, other));
    expect(looked(dir, (reader) => [...reader.underWay])).toEqual({ got: [], findings: [] });
    expect(names()).toHaveLength(2);
    writeFileSync(join(dir, 'pending.json'), '{');
    expect(looked(dir, () => undefined).findings).toEqual([expect.stringMatching(/^pending.json: .* is damaged/)]);
  });

  test('everything is found before anything is refused', async () => {
    const dir = temporaryFolder();
    const { ciphersuite } = defaultSettings('example.org');
    const made = { domain: 'example.org', ciphersuite, files: [], events: [], atSeconds: AT };
    const random = (length: number): Uint8Array => new Uint8Array(length);
    const writer = { toolVersion: '1', hostName: 'x' };
    initAuthority(dir, { ...made, writer }, { hostName: 'x', atSeconds: AT, random });
    const findings = async (): Promise<readonly string[]> => {
      const error: unknown = await openAuthority(dir).catch((thrown: unknown) => thrown);
      return error instanceof CeremonyError ? error.findings.map(({ message }) => message) : [];
    };
    expect(await findings()).toEqual([]);
    writeFileSync(join(dir, 'bundles/notes.txt'), '');
    rmSync(join(dir, 'keys'), { recursive: true });
    writeFileSync(join(dir, 'keys'), '');
    expect(await findings()).toEqual([
      'keys: it is not a folder',
      'bundles/notes.txt: no file of that name belongs there',
    ]);
  });

  test('what is wrong with a key’s record explains its mark', () => {
    const { scheme } = suite('ed25519-sha256');
    const [one, other] = [1, 2].map((seed) => new Uint8Array(32).fill(seed)) as [Uint8Array, Uint8Array];
    const dir = folderOf({
      'keys/a.json': encodeKeyRecord({ uri: 'file:keys/a.age', scheme, publicKey: one, madeAtSeconds: AT }),
      'keys/a.destroyed.json': encodeKeyMark({ state: 'destroyed', atSeconds: AT, publicKey: other }),
    });
    const { findings } = looked(dir, (reader) => {
      readKeys(reader);
      reader.find('keys/a.json', 'it was changed');
    });
    expect(findings).toEqual(['keys/a.json: it was changed']);
  });

  test('a suspicion is not a finding if something else explains it', () => {
    const { findings } = looked(folderOf({}), (reader) => {
      reader.suspect('a', ['b'], 'because of b');
      reader.suspect('c', ['d'], 'of itself');
      reader.suspect('e', [], 'twice');
      reader.find('b', 'it is wrong');
      reader.find('e', 'it is wrong too');
    });
    expect(findings).toEqual(['b: it is wrong', 'e: it is wrong too', 'c: of itself']);
    const reader = new FolderReader(folderOf({}));
    expect(codeOf(() => reader.end())).toBeUndefined();
    reader.suspect('c', ['d'], 'of itself');
    expect(codeOf(() => reader.end())).toBe('authority-damaged');
    reader.close();
  });
});
