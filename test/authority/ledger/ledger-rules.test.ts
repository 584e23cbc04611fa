/** What no command could have written, table by table: a transcript in order, and one thing in it changed. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { decodeEvent } from '../../../src/authority/events/event.js';
import {
  checkWrites,
  isCeremony,
  isCeremonyEvent,
  type OperationName,
  recordedKind,
} from '../../../src/authority/events/writes.js';
import { NO_HEAD, type TranscriptEntry } from '../../../src/authority/formats/transcript.js';
import { faultIn, type InLedger } from '../../../src/authority/ledger/ledger-rules.js';
import {
  changeFault,
  filesIn,
  isSequence,
  numberIn,
  segmentsOf,
} from '../../../src/authority/ledger/recorded-change.js';
import type { JsonObject } from '../../../src/codec/strict-json.js';
import { filled } from '../../support/events.js';
import { codeOf, temporaryFolder } from '../support.js';

const AT = 1_800_000_000;
const SHA = 'ab'.repeat(32);
const FURTHEST = 86_400;

type Line = readonly [event: string, fields?: JsonObject, later?: number];

const filed = (...paths: readonly string[]): JsonObject => ({ files: paths.map((path) => ({ path, sha256: SHA })) });
const entriesOf = (lines: readonly Line[]): TranscriptEntry[] =>
  lines.map(([event, fields = {}, later = 0], seq) => ({
    ...{ seq, atSeconds: AT + later, prev: SHA },
    ...decodeEvent(event, filled(event, fields)),
  }));

function record(command: string, lines: readonly Line[], change: Partial<InLedger> = {}): InLedger {
  const entries = entriesOf([['start', { command }], ...lines, ['end']]);
  const previousTranscript = command === 'init' ? NO_HEAD : SHA;
  return {
    file: 'transcripts/0002-run.jsonl',
    place: 1,
    parsed: { entries, head: SHA, previousTranscript, complete: true },
    beforeSeconds: AT,
    ...change,
  };
}

const fault = (command: string, lines: readonly Line[], change?: Partial<InLedger>, dir = '/nowhere'): string =>
  faultIn(dir, record(command, lines, change)) ?? 'none';

const ROOT = 'credentials/root-1.pem';
const INTERMEDIATE = 'credentials/intermediate-1.pem';
const BUNDLE = 'bundles/bundle-000007.cose';
const PRINT = 'cd'.repeat(32);
const SETTINGS: Line = ['settings', { sha256: SHA, values: {} }];
const SIGN_ROOT: Line = ['sign', { what: 'AsCredential' }];

describe('numbers', () => {
  test.each([
    [1, true],
    [0, false],
    [-1, false],
    [1.5, false],
    [AT + FURTHEST, true],
    [AT + FURTHEST + 1, false],
  ])('%p', (value, good) => {
    expect(isSequence(value, AT)).toBe(good);
  });

  test('in names', () => {
    expect(numberIn(BUNDLE)).toBe(7);
    expect(numberIn('bundles/bundle-000012.withdrawn.json')).toBe(12);
    expect(numberIn('bundles/other.cose')).toBeNaN();
  });
});

describe('files of an event', () => {
  test.each<[string, JsonObject, number]>([
    ['none', {}, 0],
    ['no array', { files: 'x' }, 0],
    ['good', filed(ROOT, BUNDLE), 2],
    ['null and an array', { files: [null, [], 'x'] }, 0],
    ['no hash', { files: [{ path: ROOT }] }, 0],
    ['a hash that is too long', { files: [{ path: ROOT, sha256: `${SHA}0` }] }, 0],
    ['a hash in capitals', { files: [{ path: ROOT, sha256: SHA.toUpperCase() }] }, 0],
    ['no path', { files: [{ sha256: SHA }] }, 0],
    ['a path outside', filed('../root-1.pem'), 0],
  ])('%s', (_what, fields, found) => {
    expect(filesIn(fields)).toHaveLength(found);
  });

  test('are final unless it says otherwise', () => {
    const one = { path: ROOT, sha256: SHA };
    const files = [one, { ...one, final: true }, { ...one, final: false }];
    expect(filesIn({ files }).map(({ final }) => final)).toEqual([true, true, false]);
  });

  test('end a change', () => {
    const lines: Line[] = [['start'], ['files', filed(ROOT)], ['step'], ['files', filed()], ['end']];
    expect(segmentsOf(entriesOf(lines)).map(({ events, files }) => [events.length, files.length])).toEqual([
      [2, 1],
      [2, 0],
      [1, 0],
    ]);
    expect(segmentsOf(entriesOf(lines.slice(0, 2)))).toHaveLength(1);
  });
});

describe('a change', () => {
  const changed = (operation: OperationName, lines: readonly Line[]): string => {
    const [segment] = segmentsOf(entriesOf([['start'], ...lines]));
    return (segment && changeFault(operation, segment)) ?? 'none';
  };
  const wrote = (operation: OperationName, path: string, ...events: readonly Line[]): string =>
    changed(operation, [...events, ['files', filed(path)]]);

  test('names each file once', () => {
    const twice = {
      files: [...(filed(ROOT).files as readonly unknown[]), ...(filed(ROOT).files as readonly unknown[])],
    };
    expect(changed('root generate', [SIGN_ROOT, ['files', twice as never]])).toBe(`${ROOT} is there twice`);
  });

  const OTHER_SIGN = { what: 'bundle', sequence: 8 };
  test.each<[OperationName, string, Line, ...JsonObject[]]>([
    ['root generate', ROOT, SIGN_ROOT, OTHER_SIGN, { what: 'IntermediateAsCredential' }],
    ['root generate', 'keys/root-1.json', ['sign']],
    ['key attach', 'keys/root-1.json', ['key', { what: 'attached' }], { what: 'used' }],
    ['key destroy', 'keys/root-1.destroyed.json', ['key']],
    ['intermediate issue', INTERMEDIATE, ['sign', { what: 'IntermediateAsCredential' }], { what: 'AsCredential' }],
    ['intermediate request', 'requests/a.pem', ['sign', { what: 'IntermediateAsCredential request' }], OTHER_SIGN],
    ['revoke', `revocations/${PRINT}.json`, ['revoke', { fingerprints: [SHA, PRINT] }], { fingerprints: [SHA] }],
    ['bundle export', BUNDLE, ['sign', { what: 'bundle', sequence: 7 }], OTHER_SIGN, { what: 'AsCredential' }],
    ['bundle assemble', BUNDLE, ['signature']],
    ['bundle forged', `bundles/forged-${SHA}.cose`, ['forged', { bundle_sha256: SHA }], { bundle_sha256: PRINT }],
    [
      'bundle withdraw',
      'bundles/bundle-000007.withdrawn.json',
      ['bundle', { state: 'withdrawn', sequence: 7 }],
      { state: 'withdrawn', sequence: 8 },
      { state: 'published', sequence: 7 },
    ],
    ['ledger receive', ROOT, ['received']],
  ])('%s: %s is announced by its event, and by no other', (operation, path, [event, fields = {}], ...others) => {
    expect(wrote(operation, path, [event, fields])).toBe('none');
    expect(wrote(operation, path)).toMatch(/^nothing in it says why/);
    for (const other of others) expect(wrote(operation, path, [event, other])).toMatch(/^nothing in it says why/);
  });

  test('a key is not announced by what was done with another', () => {
    expect(wrote('root generate', 'keys/root-1.json', ['key', { what: 'new passphrase' }])).toMatch(
      /^nothing in it says/,
    );
  });

  test('a root in reserve comes with its root', () => {
    const reserve = 'credentials/root-2.reserve.json';
    const both = (...paths: readonly string[]): string =>
      changed('root generate', [SIGN_ROOT, ['files', filed(...paths)]]);
    expect(both('credentials/root-2.pem', reserve)).toBe('none');
    expect(both(ROOT, reserve)).toMatch(/^nothing in it says why/);
  });

  test('a mark is of the state that it names', () => {
    const state = { state: 'published', sequence: 7 };
    expect(wrote('bundle withdraw', 'bundles/bundle-000007.withdrawn.json', ['bundle', state])).not.toBe('none');
    expect(
      wrote('bundle withdraw', 'bundles/bundle-000007.withdrawn.json', ['bundle', { ...state, state: 7 }]),
    ).not.toBe('none');
  });

  test.each<[string, OperationName, readonly Line[], RegExp]>([
    ['an event of another command', 'revoke', [['sign'], ['files', filed()]], /revoke writes no event sign/],
    ['a file of another command', 'revoke', [['revoke'], ['files', filed(ROOT)]], /revoke does not write/],
    ['a file of no command', 'revoke', [['revoke'], ['files', filed('notes.txt')]], /revoke does not write/],
    ['files that are none', 'revoke', [['revoke'], ['files', { files: [7] }]], /not a valid files event: its files/],
    ['no list of files', 'revoke', [['revoke'], ['files', { files: 7 }]], /not a valid files event: its files/],
    ['a file elsewhere', 'revoke', [['revoke'], ['files', filed('../x')]], /are not paths and hashes/],
    [
      'an event that is none',
      'revoke',
      [
        ['revoke', { reason: 'x' }],
        ['files', filed()],
      ],
      /^line 2: it is not a valid revoke event/,
    ],
    [
      'a file that is to change',
      'root generate',
      [SIGN_ROOT, ['files', { files: [{ path: ROOT, sha256: SHA, final: false }] }]],
      /does not change once it is written/,
    ],
  ])('%s', (_what, operation, lines, message) => {
    expect(changed(operation, lines)).toMatch(message);
  });

  test('settings may change', () => {
    const files = [{ path: 'authority.yaml', sha256: SHA, final: false }];
    expect(changed('init', [['files', { files }]])).toBe('none');
  });

  describe('of an authority that is rebuilt', () => {
    const rebuilt = { sequence: 7, sequence_floor: 7, bundle_sha256: SHA };
    const init = (fields: JsonObject, ...files: readonly string[]): string =>
      changed('init', [
        ['rebuild', fields],
        ['files', filed(...files)],
      ]);

    test('is about the bundle that it wrote, with a floor that is not below it', () => {
      expect(init(rebuilt, ROOT, BUNDLE)).toBe('none');
      expect(init({ ...rebuilt, sequence_floor: AT }, BUNDLE)).toBe('none');
      expect(init(rebuilt, ROOT)).toMatch(/names another bundle/);
      expect(init({ ...rebuilt, sequence: 8 }, BUNDLE)).toMatch(/names another bundle/);
      expect(init({ ...rebuilt, bundle_sha256: PRINT }, BUNDLE)).toMatch(/names another bundle/);
      for (const sequence_floor of [6, AT + FURTHEST + 1])
        expect(init({ ...rebuilt, sequence_floor }, BUNDLE)).toMatch(/is the number of no bundle/);
      for (const sequence_floor of ['9', null])
        expect(init({ ...rebuilt, sequence_floor }, BUNDLE)).toMatch(/not a valid rebuild event/);
    });
  });
});

describe('a command', () => {
  const REVOKED: Line[] = [['revoke', { fingerprints: [PRINT] }]];
  const FILES: Line = ['files', filed(`revocations/${PRINT}.json`)];

  test('in order', () => {
    expect(fault('revoke', [...REVOKED, FILES])).toBe('none');
    expect(fault('revoke', [SETTINGS, ...REVOKED, FILES])).toBe('none');
    expect(fault('revoke', [SETTINGS, ['memory'], ...REVOKED, FILES])).toBe('none');
    expect(fault('init', [['files', filed()]], { beforeSeconds: undefined })).toBe('none');
  });

  test.each<[string, string, readonly Line[], RegExp]>([
    ['settings later on', 'revoke', [...REVOKED, ['settings'], FILES], /writes the event settings elsewhere/],
    ['a memory later on', 'revoke', [...REVOKED, ['revoke'], ['memory'], FILES], /writes the event memory elsewhere/],
    ['files twice', 'revoke', [FILES, ...REVOKED, FILES], /writes the event files elsewhere/],
    ['no files', 'revoke', REVOKED, /does not say which files/],
    ['what another writes', 'revoke', [SIGN_ROOT, FILES], /writes no event sign/],
    ['no command', 'invent', [FILES], /no command that writes is called "invent"/],
    ['a time that falls', 'revoke', [['revoke', {}, 2], FILES], /^line 3: its time is before/],
  ])('%s', (_what, command, lines, message) => {
    expect(fault(command, lines)).toMatch(message);
  });

  test('begins no earlier than what it follows', () => {
    expect(fault('revoke', [...REVOKED, FILES], { beforeSeconds: AT })).toBe('none');
    expect(fault('revoke', [...REVOKED, FILES], { beforeSeconds: AT + 1 })).toMatch(/^line 1: its time is before/);
  });

  test('has one mode', () => {
    const mode = { mode: 'REHEARSAL' };
    const { parsed, ...others } = record('revoke', [...REVOKED, FILES]);
    const marked = (which: (seq: number) => boolean): string | undefined => {
      const entries = parsed.entries.map((one) =>
        which(one.seq) ? ({ ...one, fields: { ...one.fields, ...mode } } as TranscriptEntry) : one,
      );
      return faultIn('/nowhere', { ...others, parsed: { ...parsed, entries } });
    };
    expect(marked(() => true)).toBeUndefined();
    expect(marked((seq) => seq !== 2)).toMatch(/^line 3: it has another mode/);
  });

  test('init begins, once', () => {
    const { parsed, ...others } = record('init', [['files', filed()]]);
    expect(faultIn('/nowhere', { ...others, parsed: { ...parsed, previousTranscript: SHA } })).toMatch(/another init/);
    const other = record('revoke', [...REVOKED, FILES]);
    const first = { ...other, parsed: { ...other.parsed, previousTranscript: NO_HEAD } };
    expect(faultIn('/nowhere', first)).toMatch(/begins with init/);
  });
});

describe('a clock that goes back', () => {
  const clock = (fields: JsonObject = {}): Line => [
    'clock',
    { newest_record: '2027-01-15T08:00:01Z', vouched_for_by: ['anna', 'ben'], ...fields },
  ];
  const recovered = (lines: readonly Line[], beforeSeconds: number | undefined = AT + 1): string =>
    fault('clock recover', [...lines, ['files', filed()]], { beforeSeconds });

  test('from the newest time, on the word of two', () => {
    expect(recovered([clock()])).toBe('none');
    expect(recovered([])).toMatch(/does not say once/);
    expect(recovered([clock(), clock()])).toMatch(/does not say once/);
    for (const people of [['anna'], [], ['anna', 'Anna']])
      expect(recovered([clock({ vouched_for_by: people })])).toMatch(/fewer than two people/);
    expect(recovered([clock({ vouched_for_by: 'anna, ben' })])).toMatch(/not a valid clock event/);
  });

  test('and only if it was ahead', () => {
    expect(recovered([clock({ newest_record: '2027-01-15T08:00:00Z' })])).toMatch(/was not before/);
    expect(recovered([clock({ newest_record: '2027-01-15T08:00:00Z' })], AT)).toMatch(/was not before/);
  });
});

describe('a ceremony', () => {
  const plan = (steps: readonly unknown[]): string => {
    const dir = temporaryFolder();
    mkdirSync(join(dir, 'transcripts'));
    writeFileSync(join(dir, 'transcripts/0002-run.jsonl.plan.json'), JSON.stringify({ steps }));
    return dir;
  };
  const dir = plan([null, [], { n: 1, operation: 'revoke' }, { n: 2 }, { n: 3, operation: 'dance' }]);
  const FILES: Line = ['files', filed(`revocations/${PRINT}.json`)];
  const change: Line[] = [['revoke', { fingerprints: [PRINT] }], FILES];
  const run = (...lines: readonly Line[]): string => fault('run', lines, {}, dir);

  test('changes what its step does', () => {
    expect(run(['step', { step: 1 }], ...change, ['done'])).toBe('none');
    expect(run(['step', { step: 1 }], ['settings'], ['done'], ['files', filed()])).toMatch(/no step of the plan/);
    expect(run(['step', { step: 1 }], ['say'], ['done'], ['step', { step: 2 }], ['say'], ['done'])).toBe('none');
    expect(run(['plan'], ['files', filed('transcripts/0002-run.jsonl.plan.json')], ['say'])).toBe('none');
    expect(run(['plan'], ['files', filed('transcripts/0002-run.jsonl.plan.json.html')])).toBe('none');
  });

  test.each<[string, readonly Line[], RegExp]>([
    ['before its steps', change, /^line 2: something was changed there/],
    ['between two steps', [['step', { step: 1 }], ['done'], ...change], /^line 4: something was changed there/],
    ['in a step without an operation', [['step', { step: 2 }], ...change], /something was changed there/],
    ['in a step of no operation of ours', [['step', { step: 3 }], ...change], /something was changed there/],
    ['in a step of no plan', [['step', { step: 9 }], ...change], /something was changed there/],
    ['what its step does not do', [['step', { step: 1 }], SIGN_ROOT, FILES], /revoke writes no event sign/],
    ['files alone', [['files', filed(ROOT)]], /^line 1: something was changed there|something was changed there/],
    ['another plan', [['files', filed('transcripts/0009-run.jsonl.plan.json')]], /something was changed there/],
  ])('%s nothing changes', (_what, lines, message) => {
    expect(run(...lines)).toMatch(message);
  });

  test('of which there is no plan changes nothing', () => {
    expect(fault('run', [['step', { step: 1 }], ...change], {}, temporaryFolder())).toMatch(/something was changed/);
    expect(fault('run', [['say']], {}, temporaryFolder())).toBe('none');
  });
});

describe('what each kind of file is called', () => {
  test.each([
    ['authority.yaml', 'settings'],
    ['credentials/root-1.pem', 'root'],
    ['credentials/root-01.pem', undefined],
    ['credentials/root-1234567.pem', undefined],
    ['credentials/root-1.reserve.json', 'reserve'],
    ['credentials/intermediate-12.pem', 'intermediate'],
    ['keys/a.json', 'key'],
    ['keys/a.destroyed.json', 'key-mark'],
    ['keys/a/b.json', undefined],
    ['requests/a.pem', 'request'],
    ['requests/a.txt', undefined],
    ['revocations/0a.json', 'revocation'],
    ['revocations/x.json', undefined],
    ['bundles/bundle-000001.cose', 'bundle'],
    ['bundles/bundle-1.cose', undefined],
    ['bundles/bundle-000001.cose.bak', undefined],
    ['bundles/bundle-000001.withdrawn.json', 'bundle-mark'],
    ['bundles/bundle-000001.other.json', undefined],
    [`bundles/forged-${SHA}.cose`, 'forgery'],
    ['bundles/forged-00.cose', undefined],
    ['transcripts/0001-run.jsonl.plan.json', 'plan'],
    ['transcripts/0001-run.jsonl.plan.json.anna.sig', 'plan'],
    ['transcripts/0001-run.jsonl', undefined],
    ['x/authority.yaml', undefined],
    ['x/credentials/root-1.pem', undefined],
    ['x/bundles/bundle-000001.cose', undefined],
  ])('%s: %s', (path, kind) => {
    expect(recordedKind(path)).toBe(kind);
    expect(recordedKind(`x/${path}`)).toBeUndefined();
    expect(recordedKind(`${path}/x`)).toBeUndefined();
    if (!path.endsWith('.sig')) expect(recordedKind(`${path}x`)).toBeUndefined();
  });

  test('nothing is written that would be a finding', () => {
    expect(codeOf(() => checkWrites('revoke', ['revoke'], [`revocations/${PRINT}.json`]))).toBeUndefined();
    expect(codeOf(() => checkWrites('revoke', ['sign'], []))).toBe('internal');
    expect(codeOf(() => checkWrites('revoke', ['revoke'], [`revocations/${PRINT}.json`, ROOT]))).toBe('internal');
  });

  test('ceremonies and their events', () => {
    expect([isCeremony('run'), isCeremony('rehearse'), isCeremony('revoke')]).toEqual([true, true, false]);
    expect([isCeremonyEvent('step'), isCeremonyEvent('sign')]).toEqual([true, false]);
  });
});
