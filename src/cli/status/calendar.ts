/** Due dates as a calendar (iCalendar, RFC 5545): one event each, with alarms. */
import { toHex, utf8 } from '../../common/bytes.js';
import { clampedSum, type Duration, formatTime } from '../../common/time.js';
import { hash } from '../../crypto/hash.js';
import type { DueAction } from '../../operations/status/due.js';
import { printable } from '../terminal/render.js';

export interface Calendar {
  readonly asDomain: string;
  readonly next: readonly DueAction[];
  /** Returns the command that does it, and the one that abandons it instead, as shell commands, if there are any. */
  readonly commandsOf: (due: DueAction) => readonly string[];
  /** When the status was read (DTSTAMP), in Unix seconds. */
  readonly atSeconds: number;
  readonly toolVersion: string;
}

/** RFC 5545 §3.1: octets in a line without its end. */
const LONGEST_LINE = 75;
const TWO_WEEKS: Duration = { months: 0, days: 14, seconds: 0 };

/**
 * Returns the whole file in UTF-8, with lines ended by CRLF. The same thing has the same UID in every calendar of an
 * authority.
 */
export function calendarOf({ asDomain, next, commandsOf, atSeconds, toolVersion }: Calendar): string {
  const events = next.flatMap((due) => {
    const details = [
      `${due.action}.`,
      ...(due.from === undefined ? [] : [`From ${formatTime(due.from)} on.`]),
      `By ${formatTime(due.by)} at the latest.`,
      ...commandsOf(due),
      `${asDomain}, as as-ceremony status said on ${formatTime(atSeconds)}.`,
    ].join('\n');
    return [
      'BEGIN:VEVENT',
      `UID:${uidOf(due, asDomain)}`,
      `DTSTAMP:${dateTime(atSeconds)}`,
      `DTSTART:${dateTime(due.by)}`,
      `SUMMARY:${text(`${asDomain}: ${due.action}`)}`,
      `DESCRIPTION:${text(details)}`,
      'TRANSP:TRANSPARENT',
      // When it can begin, or two weeks before it is due; and the day before.
      ...alarm(`TRIGGER;VALUE=DATE-TIME:${dateTime(due.from ?? clampedSum(due.by, TWO_WEEKS, -1))}`, due),
      ...alarm('TRIGGER:-P1D', due),
      'END:VEVENT',
    ];
  });
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    `PRODID:-//as-ceremony//as-ceremony ${toolVersion}//EN`,
    'CALSCALE:GREGORIAN',
    'METHOD:PUBLISH',
    ...events,
    'END:VCALENDAR',
  ];
  return lines.map((line) => `${folded(line)}\r\n`).join('');
}

function alarm(trigger: string, { action }: DueAction): string[] {
  return ['BEGIN:VALARM', 'ACTION:DISPLAY', trigger, `DESCRIPTION:${text(action)}`, 'END:VALARM'];
}

function uidOf({ kind, subject }: DueAction, asDomain: string): string {
  return `${kind}-${toHex(hash('sha256', utf8(`${asDomain}\n${kind}\n${subject}`))).slice(0, 32)}@${asDomain}`;
}

/** Returns `20261122T064435Z`. */
function dateTime(seconds: number): string {
  return formatTime(seconds).replace(/[-:]/g, '');
}

/** Escapes text (RFC 5545 §3.3.11). Control characters are written out, and line ends are kept. */
function text(value: string): string {
  return value
    .split('\n')
    .map((line) => printable(line).replace(/[\\;,]/g, String.raw`\$&`))
    .join(String.raw`\n`);
}

/** Folds a line (RFC 5545 §3.1): none is longer than 75 octets, and none is broken within a character. */
function folded(line: string): string {
  const lines: string[] = [];
  let current = '';
  let length = 0;
  for (const character of line) {
    const octets = utf8(character).length;
    if (length + octets > LONGEST_LINE) {
      lines.push(current);
      [current, length] = [' ', 1];
    }
    current += character;
    length += octets;
  }
  return [...lines, current].join('\r\n');
}
