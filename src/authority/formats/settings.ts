/** Reads `authority.yaml`, strictly, and lists everything that is wrong with it at once, by line and field. */
import type { JsonObject } from '../../codec/strict-json.js';
import { readYaml } from '../../codec/yaml.js';
import { fromUtf8, toHex } from '../../common/bytes.js';
import { couldNot, type Finding } from '../../common/errors.js';
import { hash } from '../../crypto/hash.js';
import { readInside } from '../ground/inside.js';
import { SETTINGS_FILE } from '../ground/layout.js';
import type { RecordedSettings } from './recorded-settings.js';
import type { Settings } from './settings-defaults.js';
import type { Misfit } from './settings-schema.js';

export type { Settings } from './settings-defaults.js';

export const MAX_SETTINGS_FILE = 64 * 1024;

interface Wrong extends Misfit {
  /** From 1, if it isn't the line of the path. */
  readonly line?: number;
}

/** Settings, with the form in which they go on record. */
export interface ReadSettings extends RecordedSettings {
  readonly settings: Settings;
}

/** Reads the settings of the authority at `dir`. Errors: those of `Ground.read`, and `bad-settings` with findings. */
export async function loadSettings(dir: string): Promise<ReadSettings> {
  return readSettings(readInside(dir, SETTINGS_FILE, MAX_SETTINGS_FILE));
}

/**
 * Parses the settings in a file's bytes (at most 64 KiB). Error: `bad-settings`, with one finding for each thing that
 * is wrong.
 */
export async function parseSettings(bytes: Uint8Array): Promise<Settings> {
  return (await readSettings(bytes)).settings;
}

/** Cached by the hash of the bytes: a command opens the authority several times, and parsing costs most of that. */
let last: ReadSettings | undefined;

/** As `parseSettings`, with the form that goes on record. */
export async function readSettings(bytes: Uint8Array): Promise<ReadSettings> {
  const sha256 = toHex(hash('sha256', bytes));
  if (last?.sha256 !== sha256) last = { ...(await decodeSettings(bytes)), sha256 };
  return last;
}

async function decodeSettings(bytes: Uint8Array): Promise<Omit<ReadSettings, 'sha256'>> {
  const { comparisons, parseFields, toSettings } = await import('./settings-schema.js');
  const text = fromUtf8(bytes);
  if (bytes.length > MAX_SETTINGS_FILE) throw badSettings([{ path: [], what: 'it is larger than 64 KiB' }], () => 1);
  if (text === undefined) throw badSettings([{ path: [], what: 'it is not UTF-8' }], () => 1);
  const { faults, data, isMap, lineOf } = await readYaml(text);
  if (faults.length > 0) {
    throw badSettings(
      faults.map((fault) => ({ path: [], ...fault })),
      lineOf,
    );
  }
  if (!isMap) throw badSettings([{ path: [], what: 'is not a group of settings' }], lineOf);
  const result = parseFields(data);
  const wrong: Wrong[] = (result.issues ?? []).map(({ path, message }) => ({ path: keysOf(path), what: message }));
  // Comparisons need complete settings, so the wrong ones are left out of them.
  const whole = result.success ? result : parseFields(without(data, wrong));
  const compared = whole.success ? comparisons(whole.output) : [];
  const isWrong = (path: string): boolean => wrong.some((one) => path.startsWith(one.path.join('.')));
  wrong.push(...compared.filter((one) => !isWrong(one.path.join('.')) && !one.against.some(isWrong)));
  if (!result.success || wrong.length > 0) throw badSettings(wrong, lineOf);
  const values: JsonObject = result.output;
  return { settings: toSettings(result.output), values };
}

function keysOf(path: readonly { readonly key: unknown }[] | undefined): string[] {
  return (path ?? []).map((item) => String(item.key));
}

/**
 * Returns the data without the wrong top-level parts (and with a good version and domain), so that defaults take their
 * place.
 */
function without(data: unknown, wrong: readonly Wrong[]): unknown {
  const object = typeof data === 'object' && data !== null && !Array.isArray(data) ? data : {};
  const copy = structuredClone(object) as Record<string, unknown>;
  for (const { path } of wrong) {
    const [first, second] = path;
    const part = copy[first ?? ''];
    const inside = second !== undefined && typeof part === 'object' && part !== null && !Array.isArray(part);
    if (inside) Reflect.deleteProperty(part, second);
    else if (first !== undefined) Reflect.deleteProperty(copy, first);
  }
  return { version: 1, domain: 'example.org', ...copy };
}

function badSettings(wrong: readonly Wrong[], lineOf: (path: readonly string[]) => number): Error {
  const findings: Finding[] = wrong
    .map((one) => ({ ...one, line: one.line ?? lineOf(one.path), field: one.path.join('.') }))
    .sort((a, b) => a.line - b.line)
    .map(({ line, field, what }) => ({
      rule: field === '' ? SETTINGS_FILE : field,
      code: 'bad-settings',
      message: `${SETTINGS_FILE}:${String(line)}: ${field === '' ? '' : `${field}: `}${what}`,
    }));
  const [only, ...others] = findings;
  const message =
    only !== undefined && others.length === 0
      ? only.message
      : `${SETTINGS_FILE} has ${String(findings.length)} mistakes`;
  return couldNot('bad-settings', message, { findings, hint: `Correct ${SETTINGS_FILE} and run the command again.` });
}
