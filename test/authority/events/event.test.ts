/** What an event is, and what is none: by one of each form, from real transcripts. */
import { describe, expect, test } from '@jest/globals';
import { checkEvent, decodeEvent, type NewEvent } from '../../../src/authority/events/event.js';
import { told } from '../../../src/authority/events/sentence.js';
import { isOperationName, writesOf } from '../../../src/authority/events/writes.js';
import { SAMPLES } from '../../support/events.js';
import { codeOf } from '../support.js';

const named = SAMPLES.map(({ event, fields }) => [`${event} ${Object.keys(fields).join(' ')}`, event, fields] as const);
const isStrange = (event: string, fields: object): boolean => decodeEvent(event, { ...fields }).event === 'strange';

describe('an event', () => {
  test.each(named)('%s', (_name, event, fields) => {
    expect(decodeEvent(event, fields)).toEqual({ event, fields });
    expect(decodeEvent(event, { ...fields, mode: 'REHEARSAL', clock_said: 'x' }).event).toBe(event);
    expect(codeOf(() => checkEvent({ event, fields } as unknown as NewEvent))).toBeUndefined();
  });

  test.each(named)('is none with another field, or a field of another kind: %s', (_name, event, fields) => {
    for (const name of Object.keys(fields))
      expect([name, isStrange(event, { ...fields, [name]: -0.5 })]).toEqual([name, true]);
    for (const more of [{ more: 1 }, { mode: 'real' }, { clock_said: 7 }])
      expect(isStrange(event, { ...fields, ...more })).toBe(true);
  });

  test.each([
    ['key', 'what'],
    ['sign', 'signed_sha256'],
    ['files', 'files'],
    ['settings', 'values'],
    ['end', 'to_sign'],
    ['revoke', 'reason'],
    ['step', 'of'],
    ['done', 'outcome'],
    ['media', 'action'],
  ])('%s is none without %s', (event, name) => {
    for (const { fields } of SAMPLES.filter((one) => one.event === event)) {
      const others = Object.fromEntries(Object.entries(fields).filter(([key]) => key !== name));
      expect(decodeEvent(event, others)).toEqual({
        event: 'strange',
        name: event,
        why: `it has no ${name}`,
        fields: others,
      });
    }
  });

  test.each(['unheard-of', 'strange', 'toString', '__proto__', ''])('nothing is called %p', (event) => {
    expect(decodeEvent(event, {})).toEqual({
      event: 'strange',
      name: event,
      why: 'there is no event of that name',
      fields: {},
    });
  });

  test('that is none is not written', () => {
    expect(codeOf(() => checkEvent({ event: 'say', fields: { step: 1 } } as unknown as NewEvent))).toBe('internal');
  });

  test('of every name that a command may write is among these', () => {
    const commands = [
      'init',
      'root generate',
      'root rotate',
      'bundle sign',
      'bundle forged',
      'hsm check',
      'clock recover',
    ];
    const names = commands.flatMap((one) => (isOperationName(one) ? writesOf(one).events : []));
    expect(names.length).toBeGreaterThan(10);
    expect(names.filter((name) => !SAMPLES.some(({ event }) => event === name))).toEqual([]);
  });
});

describe('its sentence', () => {
  test.each(named)('%s', (_name, event, fields) => {
    const { words, rest } = told(decodeEvent(event, fields));
    const sentence = words.map(({ text }) => text).join('');
    expect(sentence).not.toMatch(/[{}[\]|]|undefined|\?,/);
    const said = [...words.map(({ field }) => field), ...rest.map(([name]) => name.replaceAll(' ', '_'))];
    expect(Object.keys(fields).filter((name) => !said.includes(name) && !isEmpty(fields[name]))).toEqual([]);
  });

  test('of what is none says why, and everything else with its name', () => {
    const { words, rest } = told(decodeEvent('say', { step: 1, more: { deep: [1, null] } }));
    expect(words[0]?.text).toMatch(/^event say; it is not a valid say event: it has no answer/);
    expect(rest).toEqual([
      ['step', '1'],
      ['more', 'deep 1, nobody knows'],
    ]);
  });
});

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}
