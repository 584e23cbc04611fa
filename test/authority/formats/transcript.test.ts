import { spawnSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  addEvent,
  encodeTranscript,
  endTranscript,
  headOf,
  nameOf,
  NO_HEAD,
  parseTranscript,
  startTranscript,
  type Transcript,
} from '../../../src/authority/formats/transcript.js';
import { type JsonObject, parseJsonObject } from '../../../src/codec/strict-json.js';
import { fromUtf8, utf8 } from '../../../src/common/bytes.js';
import { toolTest } from '../../support/machine/tools.js';
import { codeOf } from '../support.js';

const AT = 1_795_339_800;
const PREVIOUS = 'ab'.repeat(32);

function sample(): Transcript {
  const start = startTranscript({
    previousHead: PREVIOUS,
    fields: { tool_version: '1.0', command: 'revoke' },
    atSeconds: AT,
  });
  const event = addEvent(start, 'question', { text: 'Grüße, "so"\n', n: 1, list: [1, { a: null }] }, AT + 1);
  return endTranscript(event, ['alice'], {}, AT + 2);
}

const bytes = encodeTranscript(sample());
const text = fromUtf8(bytes) ?? '';

describe('a transcript', () => {
  test('has the fixed fields first, in order, one line each', () => {
    expect(text.split('\n')).toHaveLength(4);
    expect(
      text.startsWith(
        `{"seq":0,"time":"2026-11-22T09:30:00Z","prev":"${NO_HEAD}","event":"start","previous_transcript":"${PREVIOUS}","tool_version":"1.0","command":"revoke"}\n{"seq":1,`,
      ),
    ).toBe(true);
    expect(text).toContain('"event":"end","to_sign":["alice"]}\n');
  });

  test('is read back', () => {
    const parsed = parseTranscript(bytes);
    expect(parsed.entries.map((one) => [one.seq, one.atSeconds, nameOf(one)])).toEqual([
      [0, AT, 'start'],
      [1, AT + 1, 'question'],
      [2, AT + 2, 'end'],
    ]);
    expect(parsed.entries[1]?.fields).toEqual({ text: 'Grüße, "so"\n', n: 1, list: [1, { a: null }] });
    expect(parsed).toMatchObject({ head: sample().head, previousTranscript: PREVIOUS, complete: true });
    expect(headOf(bytes)).toBe(sample().head);
  });

  test('begins with start, ends with end, and has both once', () => {
    const none: Transcript = { lines: [], head: NO_HEAD, rehearsal: false };
    const first = { previous_transcript: PREVIOUS };
    const [whole, event] = [sample(), addEvent(none, 'say', first, AT)];
    const start = startTranscript({ previousHead: PREVIOUS, fields: {}, atSeconds: AT });
    for (const [transcript, reason] of [
      [addEvent(start, 'start', first, AT), /line 2: the event start must be the first, and only the first/],
      [event, /line 1: the event start must be the first, and only the first/],
      [addEvent(whole, 'say', {}, AT), /line 4: it follows the end/],
      [endTranscript(whole, [], {}, AT), /line 4: it follows the end/],
    ] as const)
      expect(() => parseTranscript(encodeTranscript(transcript), { mayBeIncomplete: true })).toThrow(reason);
  });

  toolTest('sha256sum', 'has the head that sha256sum prints', () => {
    const run = spawnSync('sh', ['-c', `tail -1 | tr -d '\\n' | sha256sum`], { input: bytes, encoding: 'utf8' });
    expect(run.stdout.slice(0, 64)).toBe(sample().head);
  });

  test('without an end is accepted only if that is allowed', () => {
    const open = encodeTranscript(startTranscript({ previousHead: NO_HEAD, fields: {}, atSeconds: AT }));
    expect(codeOf(() => parseTranscript(open))).toBe('bad-transcript');
    expect(parseTranscript(open, { mayBeIncomplete: true }).complete).toBe(false);
  });

  test.each(['seq', 'time', 'prev', 'event'])('does not let an event set %s', (key) => {
    expect(codeOf(() => addEvent(sample(), 'x', { [key]: 1 }, AT))).toBe('internal');
  });

  const cases: [string, (whole: string) => string][] = [
    ['nothing', () => ''],
    ['a blank line', (whole) => `\n${whole}`],
    ['a blank line at the end', (whole) => `${whole}\n`],
    ['a torn last line', (whole) => whole.slice(0, -1)],
    ['carriage returns', (whole) => whole.replaceAll('\n', '\r\n')],
    ['a byte-order mark', (whole) => `\uFEFF${whole}`],
    ['a changed letter', (whole) => whole.replace('revoke', 'rewoke')],
    [
      'a missing line',
      (whole) =>
        whole
          .split('\n')
          .filter((_line, index) => index !== 1)
          .join('\n'),
    ],
    [
      'a line after the end',
      (whole) => `${whole}{"seq":3,"time":"2026-11-22T09:30:00Z","prev":"${sample().head}","event":"x"}\n`,
    ],
    ['a key twice', (whole) => whole.replace('"command"', '"tool_version"')],
    ['a key twice, once escaped', (whole) => whole.replace('"command"', '"tool\\u005fversion"')],
    ['a local time', (whole) => whole.replace('09:30:02Z', '09:30:02+00:00')],
    ['a leap second', (whole) => whole.replace('09:30:02Z', '09:30:60Z')],
    ['seq as a text', (whole) => whole.replace('"seq":2', '"seq":"2"')],
    ['a wrong seq', (whole) => whole.replace('"seq":2', '"seq":3')],
    ['no seq', (whole) => whole.replace('"seq":2,', '')],
    ['no event', (whole) => whole.replace('"event":"end",', '')],
    ['a list for a line', () => '[]\n'],
    ['no start', (whole) => whole.replace('"event":"start"', '"event":"begin"')],
    ['no previous_transcript', (whole) => whole.replace(`"previous_transcript":"${PREVIOUS}",`, '')],
    ['a short previous_transcript', (whole) => whole.replace(PREVIOUS, 'ab')],
    ['a first prev that is not zeros', (whole) => whole.replace(NO_HEAD, PREVIOUS)],
  ];
  test.each(cases)('with %s is refused', (_name, change) => {
    expect(change(text)).not.toBe(text);
    expect(codeOf(() => parseTranscript(utf8(change(text))))).toBe('bad-transcript');
  });

  test('that is not UTF-8 is refused', () => {
    expect(codeOf(() => parseTranscript(Uint8Array.of(0x80, 0x0a)))).toBe('bad-transcript');
  });

  test('keeps every value, and notices every changed byte but the last line’s own', () => {
    const value = fc.jsonValue().map((json) => JSON.parse(JSON.stringify(json)) as JsonObject[string]);
    const fields = fc.dictionary(
      fc.string().filter((key) => !['seq', 'time', 'prev', 'event', '__proto__'].includes(key)),
      value,
    );
    fc.assert(
      fc.property(fc.array(fields, { maxLength: 5 }), fc.nat(), (events, at) => {
        let transcript = startTranscript({ previousHead: NO_HEAD, fields: {}, atSeconds: AT });
        for (const one of events) transcript = addEvent(transcript, 'x', one, AT);
        const file = encodeTranscript(endTranscript(transcript, [], {}, AT));
        const parsed = parseTranscript(file);
        expect(parsed.entries.slice(1, -1).map((entry) => ({ ...entry.fields }))).toEqual(
          events.map((one) => ({ ...one })),
        );
        const lastLine = file.lastIndexOf(0x0a, file.length - 2);
        const changed = file.slice();
        const index = at % (lastLine + 1);
        changed[index] = (changed[index] ?? 0) ^ 1;
        expect(codeOf(() => parseTranscript(changed))).toBe('bad-transcript');
      }),
    );
  });
});

describe('parseJsonObject', () => {
  test.each([
    ['{"a":1,"b":{"a":1},"c":[{"a":1},{"a":2}]}', undefined],
    ['{"a":"a\\":","b":":a"}', undefined],
    ['{"a":1,"a":1}', 'it has the key "a" twice'],
    ['{"x":[{"a":1,"\\u0061":1}]}', 'it has the key "a" twice'],
    ['{"a":{},"b":[],"a":1}', 'it has the key "a" twice'],
    ['{"__proto__":1,"__proto__":2}', 'it has the key "__proto__" twice'],
    ['[]', 'it is not a JSON object'],
    ['null', 'it is not a JSON object'],
    ['{', 'it is not JSON'],
    ['{"a":1} x', 'it is not JSON'],
  ])('%s', (json, reason) => {
    const parsed = parseJsonObject(json);
    expect(typeof parsed === 'string' ? parsed : undefined).toBe(reason);
  });

  test('finds no key twice in what JSON.stringify makes', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
        expect(typeof parseJsonObject(JSON.stringify(object))).toBe('object');
      }),
    );
  });
});
