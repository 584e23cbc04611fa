/** A script's parameters, given or default, each checked by its type; and texts with the parameters filled in. */
import { parseKeyUri } from '../../codec/key-uri.js';
import { cut } from '../../common/cut.js';
import { type Advice, CeremonyError, usage } from '../../common/errors.js';
import { controlCharacterIn } from '../../common/printable.js';
import { parseDuration, parseTime } from '../../common/time.js';
import type { Parameter, Script, Step } from './script.js';

export type Values = ReadonlyMap<string, string>;

/** The limit for the characters of one value: the longest path that Linux accepts. */
const LONGEST_VALUE = 4096;
/** The limit for the characters of one text with its values, since a script may name a parameter hundreds of times. */
const LONGEST_TEXT = 16_384;

/** Parses `name=value` texts from a command line. Error: `usage`. */
export function parseAssignments(texts: readonly string[], option: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const text of texts) {
    const at = text.indexOf('=');
    if (at < 1)
      throw usage(`${option} ${JSON.stringify(text)} is not name=value`, { hint: `Write ${option} name=value.` });
    const name = text.slice(0, at);
    if (values.has(name)) throw usage(`${option} ${name} is given twice`, { hint: 'Give it once.' });
    values.set(name, text.slice(at + 1));
  }
  return values;
}

/** Returns every parameter's value. Error: `usage`, which names the parameter. */
export function resolveParameters({ parameters, name: script }: Script, given: Values): Values {
  for (const name of given.keys()) {
    if (parameters.some((one) => one.name === name)) continue;
    const known = parameters.map((one) => one.name).join(', ') || 'none';
    throw usage(`${script} has no parameter ${JSON.stringify(name)}`, { hint: `Its parameters: ${known}.` });
  }
  return new Map(
    parameters.map((parameter) => {
      const value = given.get(parameter.name) ?? parameter.default;
      if (value === undefined) {
        throw usage(`the parameter ${parameter.name} is missing: ${parameter.says}`, {
          hint: 'Give it.',
          remedies: [{ option: 'set', value: `${parameter.name}=VALUE` }],
        });
      }
      checkValue(parameter, value);
      return [parameter.name, value] as const;
    }),
  );
}

const another = (name: string): Advice => ({
  hint: 'Give another value.',
  remedies: [{ option: 'set', value: `${name}=VALUE` }],
});

function checkValue({ name, type, among, default: usual }: Parameter, value: string): void {
  if (value.length > LONGEST_VALUE)
    throw usage(`the parameter ${name}: ${cut(JSON.stringify(value))} is longer than ${String(LONGEST_VALUE)}`, {
      ...another(name),
    });
  // Left out, if the script permits it.
  if (value === '' && usual === '') return;
  const wrong = (why: string): Error => usage(`the parameter ${name}: ${JSON.stringify(value)} ${why}`, another(name));
  const control = value.includes('\n') ? 'U+000A' : controlCharacterIn(value);
  if (control !== undefined) throw wrong(`has the control character ${control}`);
  if (value === '') throw wrong('is empty');
  try {
    if (type === 'key') parseKeyUri(value);
    if (type === 'duration') parseDuration(value);
    if (type === 'time') parseTime(value);
  } catch (error) {
    if (error instanceof CeremonyError) throw wrong(`is not a ${type}: ${error.message}`);
    throw error;
  }
  if (type === 'number' && !/^(0|[1-9][0-9]{0,8})$/.test(value)) throw wrong('is not a whole number');
  if (type === 'choice' && among?.includes(value) !== true) throw wrong(`is none of ${(among ?? []).join(', ')}`);
}

/** Returns whether a step is skipped because it needs a parameter that was left out. */
export function isLeftOut({ given }: Step, values: Values): boolean {
  return given !== undefined && (values.get(given) ?? '') === '';
}

/**
 * Finds parameters in a text. One without a closing brace is found too, up to the end; it is not a parameter, and
 * `name` is undefined.
 */
export const PARAMETER = /\$\{(?:([^}]*)\}|[^}]*$)/g;

/**
 * Returns the text with every `${name}` replaced. All names have been checked when the script was read. Error: `usage`
 * if it becomes too long.
 */
export function fillIn(text: string, values: Values): string {
  let length = text.length;
  return text.replace(PARAMETER, (whole, name: string | undefined) => {
    if (name === undefined) return whole;
    const value = values.get(name) ?? '';
    length += value.length;
    if (length > LONGEST_TEXT + text.length)
      throw usage(`a text that begins with ${cut(text)} becomes longer than ${String(LONGEST_TEXT)} characters`, {
        hint: 'Give a shorter value.',
        remedies: [{ option: 'set', value: `${name}=VALUE` }],
      });
    return value;
  });
}
