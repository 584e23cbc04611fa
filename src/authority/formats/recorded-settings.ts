/**
 * `authority.yaml` belongs to the operator, who may edit it. The transcripts record what it said, so that an edit is
 * noticed.
 */
import type { JsonObject, JsonValue } from '../../codec/strict-json.js';
import type { NewEvent } from '../events/event.js';
import { SETTINGS_FILE } from '../ground/layout.js';

/**
 * What the file said: the hash of its bytes (hex), and every setting, defaults included, as the file would state it.
 */
export interface RecordedSettings {
  readonly sha256: string;
  readonly values: JsonObject;
}

export interface SettingsState extends RecordedSettings {
  /**
   * The changes in plain words, one for each setting (`lifetimes.root: P10Y -> P9Y`); undefined if the file is the one
   * on record.
   */
  readonly changes: readonly string[] | undefined;
}

/** Compares the file with what was last recorded about it, if anything. */
export function settingsState(now: RecordedSettings, recorded: RecordedSettings | undefined): SettingsState {
  if (recorded?.sha256 === now.sha256) {
    // This very file is on record. If its recorded values differ from what it says, that record was planted to silence
    // the notice, or an older version read the file.
    const changes = differences(recorded.values, now.values);
    return { ...now, changes: changes.length === 0 ? undefined : changes };
  }
  return { ...now, changes: recorded === undefined ? [NEVER] : settingsChanges(recorded.values, now.values) };
}

const NEVER = 'no transcript says yet what it holds; this is recorded now';
const ONLY_LAYOUT = 'only comments or layout changed, no setting';

/** Returns what differs between the values of two files; never empty. */
export function settingsChanges(before: JsonObject, now: JsonObject): readonly string[] {
  const all = differences(before, now);
  return all.length === 0 ? [ONLY_LAYOUT] : all;
}

function differences(before: JsonObject, now: JsonObject): readonly string[] {
  const [old, recent] = [flat(before), flat(now)];
  const changes = [...recent]
    .filter(([name, value]) => old.has(name) && old.get(name) !== value)
    .map(([name, value]) => `${name}: ${old.get(name) ?? ''} -> ${value}`);
  const came = [...recent].filter(([name]) => !old.has(name)).map(([name, value]) => `${name}: new, ${value}`);
  const went = [...old].filter(([name]) => !recent.has(name)).map(([name, value]) => `${name}: gone, was ${value}`);
  return [...changes, ...came, ...went];
}

/** Returns each setting by its name with dots. */
function flat(values: JsonObject, prefix = ''): Map<string, string> {
  const result = new Map<string, string>();
  for (const [key, value] of Object.entries(values)) {
    const name = `${prefix}${key}`;
    if (isGroup(value)) for (const [inner, text] of flat(value, `${name}.`)) result.set(inner, text);
    else result.set(name, textOf(value));
  }
  return result;
}

function isGroup(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: JsonValue): string {
  if (Array.isArray(value)) return value.length === 0 ? 'none' : (value as readonly JsonValue[]).map(textOf).join(', ');
  if (typeof value === 'string') return value;
  return JSON.stringify(value);
}

/** Returns the event that puts the settings on record. */
export function settingsEvent({ sha256, values }: RecordedSettings): NewEvent<'settings'> {
  return { event: 'settings', fields: { path: SETTINGS_FILE, sha256, values } };
}
