/**
 * Options as a person wrote them, by their names on the command line without dashes. They are read in the same way
 * there and in a script.
 */
import { usage } from '../../common/errors.js';
import { parseDuration, parseTime } from '../../common/time.js';
import type { KeyOptions } from '../signing/ready-key.js';
import type { ValidityOptions } from './validity.js';

export interface TextOptions {
  text(name: string): string | undefined;
  /** The values of an option that may be repeated. */
  texts(name: string): readonly string[];
  flag(name: string): boolean;
  /** The name as the person wrote it, for messages, such as `--not-after`. */
  written(name: string): string;
}

/** Returns a number from 1 to 9999. Error: `usage`. */
export function numberIn(options: TextOptions, name: string): number | undefined {
  const text = options.text(name);
  if (text === undefined) return undefined;
  if (/^[1-9][0-9]{0,3}$/.test(text)) return Number(text);
  throw usage(`${options.written(name)} ${text} is not a number from 1`, { hint: 'Write a number such as 4.' });
}

/** Reads `not-before`, and either `not-after` or `lifetime`. Error: `usage`. */
export function validityIn(options: TextOptions): ValidityOptions {
  const [notBefore, notAfter, lifetime] = ['not-before', 'not-after', 'lifetime'].map((name) => options.text(name));
  if (notAfter !== undefined && lifetime !== undefined) throw bothGiven(options, 'not-after', 'lifetime');
  return {
    ...(notBefore === undefined ? {} : { notBefore: parseTime(notBefore) }),
    ...(notAfter === undefined ? {} : { notAfter: parseTime(notAfter) }),
    ...(lifetime === undefined ? {} : { lifetime: parseDuration(lifetime) }),
  };
}

/** Reads either `adopt` or `destroy-orphan`, and `backup`, for a key that is to be made. Error: `usage`. */
export function keyOptionsIn(options: TextOptions): KeyOptions {
  const [adopt, destroy] = [options.flag('adopt'), options.flag('destroy-orphan')];
  if (adopt && destroy) throw bothGiven(options, 'adopt', 'destroy-orphan');
  return {
    ...(adopt ? { existing: 'adopt' as const } : destroy ? { existing: 'destroy' as const } : {}),
    ...backupIn(options),
  };
}

/** Reads `backup`. Error: `usage`. */
export function backupIn(options: TextOptions): Pick<KeyOptions, 'backup'> {
  const backup = options.text('backup');
  if (backup === undefined) return {};
  if (backup === 'wrapped' || backup === 'none') return { backup };
  throw usage(`${options.written('backup')} ${JSON.stringify(backup)} is neither wrapped nor none`, {
    hint: `Write ${options.written('backup')} wrapped.`,
  });
}

function bothGiven(options: TextOptions, one: string, other: string): Error {
  return usage(`${options.written(one)} and ${options.written(other)} are both given`, { hint: 'Give one of them.' });
}
