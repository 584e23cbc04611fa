/** What `status` shows to people: tables, a time line, and what is due. */
import { wrapped } from '../../common/groups.js';
import { formatDuration, formatTime } from '../../common/time.js';
import { stemOf } from '../../operations/lifecycle/credential-state.js';
import type { AuthorityStatus, CredentialStatus } from '../../operations/status/authority-status.js';
import { type DueAction, isOverdue } from '../../operations/status/due.js';
import type { GlobalOptions } from '../program/context.js';
import type { paint } from '../terminal/output.js';
import { remarkText } from '../terminal/remedy-text.js';
import { fields, printable, settingsLines, textTable } from '../terminal/render.js';
import { dueLine } from './due-command.js';
import { timeLine, type TimeLineRow } from './text-time-line.js';

export interface StatusView {
  readonly dir: string;
  readonly options: Pick<GlobalOptions, 'dir'>;
  readonly atSeconds: number;
  /** The terminal's width; undefined if there is no terminal. */
  readonly columns: number | undefined;
  readonly timeLine: boolean;
  readonly unicode: boolean;
  readonly paint: ReturnType<typeof paint>;
}

/**
 * The limit for rows of each kind on the time line, and for due actions on a terminal. The tables and --json have all.
 */
const MOST_BARS = 12;
const MOST_DUE = 12;

export function statusText(status: AuthorityStatus, view: StatusView): string {
  const { dir, atSeconds } = view;
  const { asDomain, credentials, next, pending, keyNotes, bundleNotes, settingsChanges = [] } = status;
  const parts = [
    `${asDomain}, in ${printable(dir)}, at ${formatTime(atSeconds)}\n`,
    credentials.length === 0 ? 'No credential yet.\n' : credentialTable(credentials, view.columns),
    bundleTable(status, view.columns),
    fields(serviceRows(status, atSeconds), '', view.columns),
    view.timeLine ? statusTimeLine(status, view) : '',
    `Due:\n${dueLines(next, view)}`,
  ];
  if (bundleNotes.length > 0) parts.push(`Bundles:\n${bundleNotes.map((one) => `  - ${one}\n`).join('')}`);
  if (keyNotes.length > 0)
    parts.push(`Keys:\n${keyNotes.map((one) => `  - ${printable(remarkText(one, view.options))}\n`).join('')}`);
  if (settingsChanges.length > 0) {
    const lines = settingsLines(settingsChanges).join('\n').trimStart();
    parts.push(`${lines}\nThe next command that changes something shows this and records it.\n`);
  }
  if (pending !== undefined) {
    parts.unshift(
      `A command was interrupted here (${printable(pending.files.join(', '))}); the next command that writes will have it ${pending.kind}.\n`,
    );
  }
  return parts.filter((part) => part !== '').join('\n');
}

/**
 * Returns the table with complete times and fingerprints or, on a narrow terminal, without fingerprints and to the
 * minute.
 */
function credentialTable(credentials: readonly CredentialStatus[], columns: number | undefined): string {
  const short = columns !== undefined && columns < 100;
  const time = short ? minutes : formatTime;
  const rows = credentials.map((one) => [
    stemOf(one.file),
    ...(short ? [] : [one.fingerprint.slice(0, 16)]),
    one.state,
    time(one.issuingDeadline),
    time(one.notAfter),
    one.published ? 'yes' : one.reserve ? 'reserve' : 'no',
  ]);
  const head = ['credential', ...(short ? [] : ['fingerprint']), 'state', 'can issue until', 'valid until', 'listed'];
  return textTable(head, rows, columns);
}

/** Returns a time rounded down to the minute, so that nobody is late. */
function minutes(seconds: number): string {
  return formatTime(seconds)
    .replace('T', ' ')
    .replace(/:\d\dZ$/, 'Z');
}

/** Returns the bundles that still matter: not withdrawn, and not ended with that on record. */
function bundleTable({ schedule }: AuthorityStatus, columns: number | undefined): string {
  const rows = schedule.bundles
    .filter(({ phase }) => phase !== 'withdrawn' && phase !== 'past')
    .map(({ sequence, phase, issuedAt, expiresAt, mark }) => [
      `bundle ${String(sequence)}`,
      phase,
      formatTime(issuedAt),
      formatTime(expiresAt),
      mark ?? 'nothing',
    ]);
  return rows.length === 0 ? '' : textTable(['bundle', 'stage', 'from', 'until', 'on record'], rows, columns);
}

function serviceRows(
  { bundle, schedule, ceremonyEvery }: AuthorityStatus,
  atSeconds: number,
): readonly (readonly [string, string])[] {
  if (bundle === undefined) return [['newest bundle', 'none']];
  const { publishedUntil, servedUntil, gaps, missedCeremonies } = schedule;
  const many = missedCeremonies === 1 ? '1 missed ceremony' : `${String(missedCeremonies)} missed ceremonies`;
  const every = `one every ${formatDuration(ceremonyEvery)}`;
  const until = (time: number): string =>
    time < atSeconds
      ? `${formatTime(time)}, ${howLong(atSeconds - time)} ago`
      : `${formatTime(time)}, for ${howLong(time - atSeconds)}`;
  return [
    ['newest bundle', `${bundle.file}, sequence ${String(bundle.sequence)}`],
    [
      'published until',
      publishedUntil === undefined ? 'no bundle in force is on record as published' : until(publishedUntil),
    ],
    ...(servedUntil === undefined
      ? []
      : [
          ['clients served until', `${until(servedUntil)}, if each bundle is published in its time`] as const,
          ['that survives', missedCeremonies === 0 ? `no missed ceremony (${every})` : `${many} (${every})`] as const,
        ]),
    ...gaps.map(
      ({ from, until: end }) => ['GAP', `${formatTime(from)} to ${formatTime(end)}: clients have no bundle`] as const,
    ),
  ];
}

function statusTimeLine(
  { credentials, schedule }: AuthorityStatus,
  { atSeconds, columns, unicode }: StatusView,
): string {
  const rows = (kind: CredentialStatus['kind']): TimeLineRow[] =>
    credentials
      .filter((one) => one.kind === kind && ['scheduled', 'active', 'issuing-ended'].includes(one.state))
      .map(({ file, notBefore, notAfter, issuingDeadline }) => ({
        label: stemOf(file),
        from: notBefore,
        to: notAfter,
        deadline: issuingDeadline,
        fits: kind === 'intermediate_as_credential',
      }));
  const bundles = schedule.bundles
    .filter(({ phase }) => phase === 'current' || phase === 'ahead')
    .map(({ sequence, issuedAt, expiresAt }) => ({
      label: `bundle ${String(sequence)}`,
      from: issuedAt,
      to: expiresAt,
      fits: true,
    }));
  const groups = [rows('as_credential'), rows('intermediate_as_credential'), bundles];
  const shown = groups.flatMap((group) => group.slice(0, MOST_BARS));
  const more = groups.reduce((sum, group) => sum + group.length, 0) - shown.length;
  const line = timeLine(shown, { atSeconds, columns: columns ?? 80, unicode });
  return more === 0 || line === '' ? line : `${line}(${String(more)} more are in the tables.)\n`;
}

function dueLines(next: readonly DueAction[], { dir, atSeconds, columns, paint }: StatusView): string {
  const shown = columns === undefined ? next : next.slice(0, MOST_DUE);
  const lines = shown.flatMap((due) => {
    const { action, by, from } = due;
    const begun = from === undefined || from <= atSeconds;
    const when = isOverdue(due, atSeconds)
      ? paint('red', `OVERDUE by ${howLong(atSeconds - by)} (${formatTime(by)})`)
      : by === atSeconds
        ? paint('yellow', 'now')
        : `by ${formatTime(by)}${begun ? '' : `, from ${formatTime(from)}`}`;
    const commands = begun ? [due.command, due.instead].flatMap((one) => dueLine(one, dir, process.cwd()) ?? []) : [];
    const room = columns === undefined ? undefined : columns - 4;
    return [
      `  ${when}`,
      ...wrapped(printable(action), room).map((line) => `    ${line}`),
      ...commands.map((command) => `    ${printable(command)}`),
    ];
  });
  const more = next.length - shown.length;
  if (more > 0) lines.push(`  and ${String(more)} more; --json and --ics have all`);
  return lines.map((line) => `${line}\n`).join('');
}

const UNITS = [
  [86_400, 'day'],
  [3600, 'hour'],
  [60, 'minute'],
  [1, 'second'],
] as const;

/** Returns a length of time in whole units of the largest that fits: `12 days`. */
function howLong(seconds: number): string {
  const [size, name] = UNITS.find(([unit]) => seconds >= unit) ?? UNITS[3];
  const count = Math.floor(seconds / size);
  return `${String(count)} ${name}${count === 1 ? '' : 's'}`;
}
