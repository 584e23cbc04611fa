/**
 * Times and durations. A time is whole Unix seconds (0 .. the end of year 9999, no leap seconds);
 * calendar arithmetic is in UTC. Nothing here reads the clock.
 */
import { couldNot, usage } from './errors.js';

/** 9999-12-31T23:59:59Z. */
export const LAST_SECOND = 253_402_300_799;

const DAY = 86_400;
/** Ten thousand years, the longest duration that makes sense here. */
const MAX_MONTHS = 120_000;
const TIME_EXAMPLE = 'Write 2026-11-22T09:30:00Z, 2026-11-22, or Unix seconds such as 1795339800.';
const DURATION_EXAMPLE = 'Write P10Y, P1Y6M, P2W, P90D, PT15M or P1DT12H, or short 10y, 2w, 90d, 12h, 15m, 30s.';

const ISO_DURATION = /^P(?=.)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;
const SHORT_FORMS: Readonly<Record<string, string>> = {
  y: 'P#Y',
  w: 'P#W',
  d: 'P#D',
  h: 'PT#H',
  m: 'PT#M',
  s: 'PT#S',
};

/**
 * A length of time by the calendar: a year is 12 months and a week 7 days. The parts are added in this order, and none
 * is negative.
 */
export interface Duration {
  readonly months: number;
  readonly days: number;
  readonly seconds: number;
}

function isTime(seconds: number): boolean {
  return Number.isSafeInteger(seconds) && seconds >= 0 && seconds <= LAST_SECOND;
}

/** Returns the number of days in a month; `month` counts from 0. */
function daysInMonth(year: number, month: number): number {
  // setUTCFullYear, because Date.UTC takes the years 0 to 99 for 1900 to 1999.
  return new Date(new Date(0).setUTCFullYear(year, month + 1, 0)).getUTCDate();
}

/**
 * Returns the Unix seconds of an RFC 3339 time with an offset or Z, of a date (its first second, in UTC), or of Unix
 * seconds in digits. A fraction must be zero, and leap seconds are refused. Error: `usage`.
 */
export function parseTime(text: string): number {
  const bad = (why: string): Error => usage(`'${text}' is not a time: ${why}`, { hint: TIME_EXAMPLE });
  if (/^(0|[1-9]\d*)$/.test(text)) {
    const seconds = Number(text);
    if (!isTime(seconds)) throw bad('it is after year 9999');
    return seconds;
  }
  const match = /^(\d{4})-(\d\d)-(\d\d)(?:[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d)))?$/.exec(
    text,
  );
  if (match === null) throw bad('it has none of the three forms');
  const field = (index: number): number => Number(match[index] ?? '0');
  const [year, month, day, hour, minute, second] = [field(1), field(2), field(3), field(4), field(5), field(6)];
  if (month < 1 || month > 12) throw bad(`there is no month ${String(month)}`);
  if (day < 1 || day > daysInMonth(year, month - 1)) throw bad(`that month has no day ${String(day)}`);
  if (hour > 23 || minute > 59) throw bad('there is no such time of day');
  if (second > 59) throw bad('a minute has 60 seconds here (leap seconds do not exist in Unix time)');
  if (/[1-9]/.test(match[7] ?? '')) throw bad('only whole seconds are used');
  if (field(9) > 23 || field(10) > 59) throw bad('there is no such offset');
  const offset = (match[8] === '-' ? -1 : 1) * (field(9) * 3600 + field(10) * 60);
  const midnight = new Date(0).setUTCFullYear(year, month - 1, day) / 1000;
  const seconds = midnight + hour * 3600 + minute * 60 + second - offset;
  if (!isTime(seconds)) throw bad('it is not between 1970 and 9999');
  return seconds;
}

/**
 * Returns RFC 3339 in UTC without a fraction, such as `2026-11-22T09:30:00Z`. Error: `bad-time` outside 1970 to 9999.
 */
export function formatTime(seconds: number): string {
  if (!isTime(seconds)) {
    throw couldNot('bad-time', `${String(seconds)} s is not a time between 1970 and 9999`, {
      hint: 'Check the clock.',
    });
  }
  // Not Date's toISOString: its first call costs more than all the decoding of a command.
  const date = new Date(seconds * 1000);
  const day = `${digits(date.getUTCFullYear(), 4)}-${digits(date.getUTCMonth() + 1)}-${digits(date.getUTCDate())}`;
  return `${day}T${digits(date.getUTCHours())}:${digits(date.getUTCMinutes())}:${digits(date.getUTCSeconds())}Z`;
}

function digits(number: number, length = 2): string {
  return String(number).padStart(length, '0');
}

/**
 * Parses a duration in ISO 8601 or in the short form (one number, one unit; `m` is minutes). It may be zero. Error:
 * `usage`.
 */
export function parseDuration(text: string): Duration {
  const bad = (why: string): Error => usage(`'${text}' is not a duration: ${why}`, { hint: DURATION_EXAMPLE });
  const short = /^(\d+)([ywdhms])$/.exec(text);
  const match = ISO_DURATION.exec(
    short === null ? text : (SHORT_FORMS[short[2] ?? '']?.replace('#', short[1] ?? '') ?? ''),
  );
  if (match === null) {
    if (/^\d+$/.test(text)) throw bad('it has no unit');
    if (/^\d+(M|mo)$/.test(text)) throw bad('months have no short form');
    throw bad('it has neither form');
  }
  const part = (index: number): number => Number(match[index] ?? '0');
  const duration = {
    months: part(1) * 12 + part(2),
    days: part(3) * 7 + part(4),
    seconds: part(5) * 3600 + part(6) * 60 + part(7),
  };
  if (duration.months > MAX_MONTHS || duration.days > MAX_MONTHS * 31 || duration.seconds > LAST_SECOND) {
    throw bad('it is longer than ten thousand years');
  }
  return duration;
}

/** Returns ISO 8601 in the largest exact units: 120 months are `P10Y`, 900 s are `PT15M`, and zero is `PT0S`. */
export function formatDuration(duration: Duration): string {
  const { months, days, seconds } = duration;
  const part = (count: number, unit: string): string => (count === 0 ? '' : String(count) + unit);
  const date = part(Math.floor(months / 12), 'Y') + part(months % 12, 'M') + part(days, 'D');
  const time =
    part(Math.floor(seconds / 3600), 'H') + part(Math.floor(seconds / 60) % 60, 'M') + part(seconds % 60, 'S');
  if (date === '' && time === '') return 'PT0S';
  return `P${date}${time === '' ? '' : `T${time}`}`;
}

/**
 * Returns `seconds` plus (`sign` 1) or minus (-1) a duration. Months come first, and a day that the month doesn't have
 * becomes its last day (29 February + 1 year is 28 February); then days and seconds. Error: `usage` outside 1970 to
 * 9999.
 */
export function addDuration(seconds: number, duration: Duration, sign: 1 | -1 = 1): number {
  const result = shift(seconds, duration, sign);
  if (!isTime(result)) {
    throw usage(
      `${formatTime(seconds)} ${sign === 1 ? 'plus' : 'minus'} ${formatDuration(duration)} is not between 1970 and 9999`,
      { hint: 'Choose a shorter duration.' },
    );
  }
  return result;
}

/** Returns a duration multiplied by `n`. */
export function multiple({ months, days, seconds }: Duration, n: number): Duration {
  return { months: months * n, days: days * n, seconds: seconds * n };
}

/**
 * As `addDuration`, but a result outside 1970 to 9999 becomes the nearest time inside. It is for limits, which must not
 * fail whatever the clock says.
 */
export function clampedSum(seconds: number, duration: Duration, sign: 1 | -1 = 1): number {
  return Math.min(Math.max(shift(seconds, duration, sign), 0), LAST_SECOND);
}

function shift(seconds: number, duration: Duration, sign: 1 | -1): number {
  const date = new Date(seconds * 1000);
  const month = date.getUTCFullYear() * 12 + date.getUTCMonth() + sign * duration.months;
  const [year, monthOfYear] = [Math.floor(month / 12), ((month % 12) + 12) % 12];
  const day = Math.min(date.getUTCDate(), daysInMonth(year, monthOfYear));
  date.setUTCFullYear(year, monthOfYear, day);
  return date.getTime() / 1000 + sign * (duration.days * DAY + duration.seconds);
}

/** Returns the last second of a validity of `duration` from `notBefore`: notBefore + duration − 1 s. Error: `usage`. */
export function validityOf(notBefore: number, duration: Duration): number {
  const notAfter = addDuration(notBefore, duration) - 1;
  if (notAfter <= notBefore) {
    throw usage(`a validity of ${formatDuration(duration)} is too short`, { hint: 'Choose two seconds or more.' });
  }
  return notAfter;
}

/** The most and the fewest days that a year and a month can have. */
const LONGEST = { year: 366, month: 31 };
const SHORTEST = { year: 365, month: 28 };

function secondsOf({ months, days, seconds }: Duration, { year, month }: typeof LONGEST): number {
  return (Math.floor(months / 12) * year + (months % 12) * month + days) * DAY + seconds;
}

/**
 * Returns whether `a` is at most as long as `b`, counted from every day of the four years 2024 to 2027: P365D never
 * exceeds P1Y, but P1Y exceeds P365D when it includes a 29 February.
 */
export function isNeverLonger(a: Duration, b: Duration): boolean {
  if (a.months <= b.months && a.days <= b.days && a.seconds <= b.seconds) return true;
  if (secondsOf(a, LONGEST) <= secondsOf(b, SHORTEST)) return true;
  const start = parseTime('2024-01-01');
  for (let day = 0; day < 1461; day++) {
    if (shift(start + day * DAY, a, 1) > shift(start + day * DAY, b, 1)) return false;
  }
  return true;
}

/** Returns a time (Unix seconds) in both forms, as in every JSON of this program: `not_after` and `not_after_unix`. */
export function timeJson<N extends string>(name: N, seconds: number): TimeJson<N> {
  return { [name]: formatTime(seconds), [`${name}_unix`]: seconds } as TimeJson<N>;
}

type TimeJson<N extends string> = Record<N, string> & Record<`${N}_unix`, number>;
