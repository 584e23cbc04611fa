/** What is said of settings that were edited, or of a record that isn't of the file. */
import { describe, expect, test } from '@jest/globals';
import { decodeEvent } from '../../../src/authority/events/event.js';
import {
  type RecordedSettings,
  settingsChanges,
  settingsEvent,
  settingsState,
} from '../../../src/authority/formats/recorded-settings.js';
import type { JsonObject } from '../../../src/codec/strict-json.js';

const VALUES: JsonObject = {
  version: 1,
  domain: 'example.org',
  lifetimes: { root: 'P10Y' },
  allowed: ['a', 'b'],
  plan: false,
};
const RECORD: RecordedSettings = { sha256: 'ab'.repeat(32), values: VALUES };
const edited = (values: JsonObject): RecordedSettings => ({
  sha256: 'cd'.repeat(32),
  values: { ...VALUES, ...values },
});

describe('changes', () => {
  test.each<[string, JsonObject, readonly string[]]>([
    ['a value', { domain: 'example.com' }, ['domain: example.org -> example.com']],
    ['one in a group', { lifetimes: { root: 'P9Y' } }, ['lifetimes.root: P10Y -> P9Y']],
    ['a list', { allowed: ['a'] }, ['allowed: a, b -> a']],
    ['an empty list', { allowed: [] }, ['allowed: a, b -> none']],
    ['no text', { plan: true }, ['plan: false -> true']],
    ['a new one', { more: 1 }, ['more: new, 1']],
    ['a new group', { lifetimes: { root: 'P10Y', client: 'P1D' } }, ['lifetimes.client: new, P1D']],
    ['a group that is gone', { lifetimes: {} }, ['lifetimes.root: gone, was P10Y']],
  ])('%s', (_what, values, said) => {
    expect(settingsChanges(VALUES, { ...VALUES, ...values })).toEqual(said);
    expect(settingsState(edited(values), RECORD).changes).toEqual(said);
    // Of the very file on record another value, or none, is no less a change.
    expect(settingsState({ ...RECORD, values: { ...VALUES, ...values } }, RECORD).changes).toEqual(said);
  });

  test('none, and layout alone', () => {
    expect(settingsState(RECORD, RECORD)).toEqual({ ...RECORD, changes: undefined });
    expect(settingsState(edited({}), RECORD).changes).toEqual(['only comments or layout changed, no setting']);
    expect(settingsState(RECORD, undefined).changes).toEqual([expect.stringMatching(/no transcript says yet/)]);
  });
});

describe('the record in an event', () => {
  const { event, fields } = settingsEvent(RECORD);

  test('is read as it was written', () => {
    expect(decodeEvent(event, fields)).toEqual({ event, fields: { path: 'authority.yaml', ...RECORD } });
  });

  test.each<JsonObject>([
    { path: 'other.yaml' },
    { sha256: 7 },
    { sha256: `${RECORD.sha256}0` },
    { sha256: `0${RECORD.sha256}` },
    { sha256: RECORD.sha256.toUpperCase() },
    { values: 7 },
    { values: null },
    { values: [] },
  ])('is none with %p', (change) => {
    expect(decodeEvent(event, { ...fields, ...change }).event).toBe('strange');
  });
});
