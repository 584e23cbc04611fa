import { appendFileSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { encodePending } from '../../src/authority/formats/pending.js';
import { parseTranscript } from '../../src/authority/formats/transcript.js';
import { FOLDERS } from '../../src/authority/ground/layout.js';
import { recover } from '../../src/authority/journal/recovery.js';
import { commit } from '../../src/authority/journal/transaction.js';
import { OpenTranscript } from '../../src/authority/open-transcript.js';
import { utf8 } from '../../src/common/bytes.js';
import { fieldsOf } from '../support/events.js';
import { codeOf, temporaryFolder } from './support.js';

const PATH = 'transcripts/0001-run.jsonl';
const START = {
  previousHead: '0'.repeat(64),
  fields: fieldsOf('start', { command: 'run', previous_transcript: '0'.repeat(64) }),
  rehearsal: false,
};
const SIGN = { event: 'sign', fields: fieldsOf('sign') } as const;
const FILES = { event: 'files', fields: { files: [] } } as const;

function begin(rehearsal = false): { dir: string; file: string; transcript: OpenTranscript } {
  const dir = temporaryFolder();
  for (const folder of FOLDERS) mkdirSync(join(dir, folder));
  return { dir, file: join(dir, PATH), transcript: OpenTranscript.begin(dir, PATH, { ...START, rehearsal }, clock()) };
}

/** A second later at every look. */
function clock(): () => number {
  let seconds = 1_800_000_000;
  return () => ++seconds;
}

const events = (file: string): string[] =>
  parseTranscript(readFileSync(file), { mayBeIncomplete: true }).entries.map(({ event }) => event);

describe('a transcript under way', () => {
  test('has every line on the disk as soon as it is added, each with its own time, and its end', () => {
    const { file, transcript } = begin();
    transcript.add('step', fieldsOf('step'));
    expect(events(file)).toEqual(['start', 'step']);
    transcript.append([SIGN, FILES]);
    const { head } = transcript.end(['anna'], {});
    const parsed = parseTranscript(readFileSync(file));
    expect(parsed.head).toBe(head);
    expect(parsed.entries.map(({ event }) => event)).toEqual(['start', 'step', 'sign', 'files', 'end']);
    expect(new Set(parsed.entries.map(({ atSeconds }) => atSeconds)).size).toBe(5);
  });

  test('of a rehearsal says so in every line, also after it was opened again', () => {
    const { dir, file, transcript } = begin(true);
    transcript.add('step', fieldsOf('step'));
    OpenTranscript.reopen(dir, PATH, clock()).transcript.add('resumed', fieldsOf('resumed'));
    const modes = readFileSync(file, 'utf8').trim().split('\n');
    expect(modes).toHaveLength(3);
    for (const line of modes) expect(line).toContain('"mode":"REHEARSAL"');
  });

  test('says so if the clock was set back, and never falls', () => {
    const dir = temporaryFolder();
    for (const folder of FOLDERS) mkdirSync(join(dir, folder));
    const times = [10, 10, 9, 10, 11].map((seconds) => 1_800_000_000 + seconds);
    const transcript = OpenTranscript.begin(dir, PATH, START, () => times.shift() ?? 0);
    for (const step of [1, 2, 3, 4]) transcript.add('step', fieldsOf('step', { step }));
    const { entries } = parseTranscript(readFileSync(join(dir, PATH)), { mayBeIncomplete: true });
    expect(entries.map(({ atSeconds }) => atSeconds - 1_800_000_000)).toEqual([10, 10, 10, 10, 11]);
    expect(entries.map(({ fields }) => 'clock_said' in fields)).toEqual([false, false, true, false, false]);
  });

  test('is not written to by two', () => {
    const { file, transcript } = begin();
    appendFileSync(file, '{}\n');
    expect(codeOf(() => transcript.add('step', fieldsOf('step')))).toBe('file-changed');
  });

  test('is begun once', () => {
    const { dir } = begin();
    expect(codeOf(() => OpenTranscript.begin(dir, PATH, START, clock()))).toBe('file-exists');
  });

  test('that has its end is not gone on with', () => {
    const { dir, transcript } = begin();
    transcript.end([], {});
    expect(codeOf(() => OpenTranscript.reopen(dir, PATH, clock()))).toBe('no-ceremony');
  });
});

describe('a line that a crash tore', () => {
  test('is set aside, and its hash is known, wherever it was torn', () => {
    const whole = begin();
    whole.transcript.add('step', fieldsOf('step'));
    const first = readFileSync(whole.file).indexOf(0x0a) + 1;
    const { length } = readFileSync(whole.file);
    for (const cut of [first + 1, first + 20, length - 1]) {
      const { dir, file, transcript } = begin();
      transcript.add('step', fieldsOf('step'));
      truncateSync(file, cut);
      const { transcript: again, tornSha256 } = OpenTranscript.reopen(dir, PATH, clock());
      expect(tornSha256).toMatch(/^[0-9a-f]{64}$/);
      again.add('resumed', fieldsOf('resumed', { torn_line_sha256: tornSha256 ?? '' }));
      expect(events(file)).toEqual(['start', 'resumed']);
      const aside = readdirSync(join(dir, 'transcripts')).filter((name) => name.includes('.torn-'));
      expect(aside).toHaveLength(1);
      expect(readFileSync(join(dir, 'transcripts', aside[0] ?? ''))).toHaveLength(cut - first);
    }
  });

  test('is not set aside twice if a crash came before it was removed', () => {
    const { dir, file } = begin();
    appendFileSync(file, '{"seq":');
    const torn = readFileSync(file);
    OpenTranscript.reopen(dir, PATH, clock());
    writeFileSync(file, torn);
    expect(OpenTranscript.reopen(dir, PATH, clock()).tornSha256).toBeDefined();
    expect(readdirSync(join(dir, 'transcripts'))).toHaveLength(2);
  });

  test('is not lost if something else has its name; an empty file is what a crash left of it', () => {
    const { dir, file } = begin();
    appendFileSync(file, '{"seq":');
    const torn = readFileSync(file);
    OpenTranscript.reopen(dir, PATH, clock());
    const [aside = ''] = readdirSync(join(dir, 'transcripts')).filter((name) => name.includes('.torn-'));
    for (const planted of ['x', 'planted', 'much more than was torn']) {
      writeFileSync(file, torn);
      writeFileSync(join(dir, 'transcripts', aside), planted);
      expect(codeOf(() => OpenTranscript.reopen(dir, PATH, clock()))).toBe('authority-damaged');
      expect(readFileSync(file)).toEqual(torn);
    }
    writeFileSync(join(dir, 'transcripts', aside), '');
    OpenTranscript.reopen(dir, PATH, clock());
    expect(readFileSync(join(dir, 'transcripts', aside), 'utf8')).toBe('{"seq":');
  });
});

describe('files and lines together', () => {
  const NEW = [{ path: 'credentials/root-1.pem', bytes: utf8('a root') }];

  test('appear in one transaction', () => {
    const { dir, file, transcript } = begin();
    transcript.append([FILES], (lines) => {
      commit(dir, 'root generate', NEW, lines);
    });
    transcript.add('done', fieldsOf('done'));
    expect(events(file)).toEqual(['start', 'files', 'done']);
    expect(readFileSync(join(dir, 'credentials/root-1.pem'), 'utf8')).toBe('a root');
  });

  test('are completed wherever the lines were torn', () => {
    const { dir, file, transcript } = begin();
    const before = readFileSync(file);
    let text = '';
    transcript.append([SIGN, FILES], (lines) => {
      text = lines.text;
      commit(dir, 'root generate', NEW, lines);
    });
    const after = readFileSync(file);
    const lines = { path: PATH, length: before.length, text };
    for (let there = before.length; there <= after.length; there += 7) {
      writeFileSync(file, after.subarray(0, there));
      writeFileSync(join(dir, 'pending.json'), encodePending({ operation: 'root generate', files: [], lines }));
      expect(recover(dir)?.kind).toBe('completed');
      expect(readFileSync(file)).toEqual(after);
    }
    // And nothing is set aside where nothing is torn.
    expect(readdirSync(join(dir, 'transcripts'))).toEqual(['0001-run.jsonl']);
  });

  test('are not completed in another transcript', () => {
    const { dir, file } = begin();
    const { length } = readFileSync(file);
    appendFileSync(file, 'x');
    const lines = { path: PATH, length, text: '{}\n' };
    writeFileSync(join(dir, 'pending.json'), encodePending({ operation: 'root generate', files: [], lines }));
    expect(codeOf(() => recover(dir))).toBe('authority-damaged');
  });

  test.each([
    ['another folder', { path: 'credentials/root-1.pem', length: 0, text: '{}\n' }],
    ['no newline', { path: PATH, length: 0, text: '{}' }],
    ['a length below nothing', { path: PATH, length: -1, text: '{}\n' }],
  ])('are refused in a journal with %s', (_what, lines) => {
    const { dir } = begin();
    writeFileSync(join(dir, 'pending.json'), encodePending({ operation: 'root generate', files: [], lines }));
    expect(codeOf(() => recover(dir))).toBe('authority-damaged');
  });
});
