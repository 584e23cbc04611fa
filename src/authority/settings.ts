/** Reads `authority.yaml`, strictly, and lists everything that is wrong with it at once, by line and field. */
import type { IssuePathItem } from 'valibot';
import type { Document, LineCounter, Node } from 'yaml';
import { fromUtf8, toHex } from '../common/bytes.js';
import { couldNot, messageOf, type Finding } from '../common/errors.js';
import { readFile } from '../common/files.js';
import { hash } from '../crypto/hash.js';
import { inAuthority, SETTINGS_FILE } from './layout.js';
import type { SettingsRecord } from './settings-record.js';
import type { JsonObject } from './strict-json.js';
import { comparisons, settingsSchema, toSettings, type Misfit } from './settings-schema.js';
import type { Settings } from './settings-defaults.js';

export type { Lifetimes, Settings } from './settings-defaults.js';

const MAX_SETTINGS_FILE = 64 * 1024;

type Yaml = typeof import('yaml');

interface Wrong extends Misfit {
  /** From 1, where it isn't the line of the path. */
  readonly line?: number;
}

/** Settings, and the same as they go on record. */
export interface ReadSettings extends SettingsRecord {
  readonly settings: Settings;
}

/** Reads the settings of the authority at `dir`. Errors: those of `readFile`, and `bad-settings` with findings. */
export async function loadSettings(dir: string): Promise<ReadSettings> {
  return readSettings(readFile(inAuthority(dir, SETTINGS_FILE), MAX_SETTINGS_FILE));
}

/** The settings in a file's bytes (at most 64 KiB). Error: `bad-settings`, one finding for each thing that is wrong. */
export async function parseSettings(bytes: Uint8Array): Promise<Settings> {
  return (await readSettings(bytes)).settings;
}

/** As `parseSettings`, with what goes on record. */
export async function readSettings(bytes: Uint8Array): Promise<ReadSettings> {
  const yaml = await import('yaml');
  const valibot = await import('valibot');
  const text = fromUtf8(bytes);
  if (bytes.length > MAX_SETTINGS_FILE) throw badSettings([{ path: [], what: 'it is larger than 64 KiB' }], () => 1);
  if (text === undefined) throw badSettings([{ path: [], what: 'it is not UTF-8' }], () => 1);
  const lines = new yaml.LineCounter();
  const lineOf = (path: readonly string[]): number => lineOfPath(yaml, document, lines, path);
  const document = parseDocument(yaml, text, lines);
  const badForm = formFindings(yaml, document, lines, text);
  if (badForm.length > 0) throw badSettings(badForm, lineOf);

  const schema = settingsSchema(valibot);
  const data: unknown = document.toJS();
  if (!yaml.isMap(document.contents)) throw badSettings([{ path: [], what: 'is not a group of settings' }], lineOf);
  const result = valibot.safeParse(schema, data);
  const wrong: Wrong[] = (result.issues ?? []).map(({ path, message }) => ({ path: keysOf(path), what: message }));
  // Comparisons need whole settings: what is wrong is left out of them.
  const whole = result.success ? result : valibot.safeParse(schema, without(data, wrong));
  const compared = whole.success ? comparisons(whole.output) : [];
  const isWrong = (path: string): boolean => wrong.some((one) => path.startsWith(one.path.join('.')));
  wrong.push(...compared.filter((one) => !isWrong(one.path.join('.')) && !one.against.some(isWrong)));
  if (!result.success || wrong.length > 0) throw badSettings(wrong, lineOf);
  const values: JsonObject = result.output;
  return { settings: toSettings(result.output), values, sha256: toHex(hash('sha256', bytes)) };
}

function parseDocument(yaml: Yaml, text: string, lineCounter: LineCounter): Document.Parsed {
  try {
    return yaml.parseDocument(text, {
      lineCounter,
      version: '1.2',
      uniqueKeys: true,
      prettyErrors: false,
      merge: false,
    });
  } catch (error) {
    // Nesting without end overflows the parser's stack.
    throw badSettings([{ path: [], what: `it can not be parsed: ${messageOf(error)}` }], () => 1);
  }
}

/** Everything that is legal YAML or nearly so, and has no place in a file of settings. */
function formFindings(yaml: Yaml, document: Document.Parsed, lines: LineCounter, text: string): Wrong[] {
  const wrong: Wrong[] = [...document.errors, ...document.warnings].map((error) => ({
    path: [],
    line: lines.linePos(error.pos[0]).line,
    what: error.code === 'MULTIPLE_DOCS' ? 'a second document begins here; there may be only one' : error.message,
  }));
  const refuse = (node: Node, what: string): void => {
    wrong.push({ path: [], line: lines.linePos(node.range?.[0] ?? 0).line, what });
  };
  for (const [index, line] of text.split('\n').entries()) {
    if (line.startsWith('%')) wrong.push({ path: [], line: index + 1, what: 'directives are not used here' });
  }
  yaml.visit(document, {
    Node: (_key, node) => {
      // JavaScript has plans of its own for this name.
      if (yaml.isScalar(node) && node.value === '__proto__') refuse(node, '__proto__ is not a setting');
      if (yaml.isAlias(node)) refuse(node, `the alias *${node.source} is not used here; write the value`);
      else if (node.anchor !== undefined) refuse(node, `the anchor &${node.anchor} is not used here`);
      if (node.tag !== undefined) refuse(node, `the tag ${node.tag} is not used here`);
    },
  });
  return wrong;
}

/** The line of a setting's key, or of the nearest thing above it that is in the file. */
function lineOfPath(yaml: Yaml, document: Document.Parsed, lines: LineCounter, path: readonly string[]): number {
  let node: unknown = document.contents;
  let offset = document.contents?.range[0] ?? 0;
  for (const key of path) {
    if (yaml.isSeq(node)) {
      node = node.items[Number(key)];
      if (yaml.isNode(node)) offset = node.range?.[0] ?? offset;
      continue;
    }
    if (!yaml.isMap(node)) break;
    const pair = node.items.find((item) => yaml.isScalar(item.key) && String(item.key.value) === key);
    if (pair === undefined) break;
    if (yaml.isScalar(pair.key)) offset = pair.key.range?.[0] ?? offset;
    node = pair.value;
  }
  return lines.linePos(offset).line;
}

function keysOf(path: readonly IssuePathItem[] | undefined): string[] {
  return (path ?? []).map((item) => String(item.key));
}

/** The data with each wrong top-level part taken away (and a good version and domain), so that defaults stand in. */
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
