import { resolve } from 'node:path';
import { endOf } from '../../../audit/verify/ledger-trust.js';
import { openAuthority } from '../../../authority/authority.js';
import { utf8 } from '../../../common/bytes.js';
import { type CeremonyError, refused, usage } from '../../../common/errors.js';
import { createFile } from '../../../common/new-files.js';
import { type Duration, formatDuration, formatTime, parseDuration } from '../../../common/time.js';
import { type AuthorityStatus, statusOf } from '../../../operations/status/authority-status.js';
import { type DueAction, dueWithin, isOverdue } from '../../../operations/status/due.js';
import { rewrittenHere } from '../../operation/ledger-memory.js';
import { build } from '../../program/build-info.js';
import type { CommandModule, Options } from '../../program/command.js';
import type { CommandContext } from '../../program/context.js';
import { calendarOf } from '../../status/calendar.js';
import { dueLine } from '../../status/due-command.js';
import { statusJson } from '../../status/status-json.js';
import { statusText } from '../../status/status-text.js';
import { note, paint, printError, result } from '../../terminal/output.js';
import { columnsOf, printable, speaksUtf8 } from '../../terminal/render.js';
import { out } from '../../terminal/streams.js';
import { checkOut } from '../../written/out-file.js';

function textOf(
  status: AuthorityStatus,
  { dir, atSeconds, options: global }: CommandContext,
  options: Options,
): string {
  return statusText(status, {
    dir,
    options: global,
    atSeconds,
    columns: columnsOf(out),
    timeLine: options.value('timeline') === undefined ? out.isTTY : options.flag('timeline'),
    unicode: speaksUtf8(),
    paint: paint(global),
  });
}

/** Returns a calendar for a calendar program; `-` writes it to standard output instead of the text for people. */
function calendarText(status: AuthorityStatus, { dir, atSeconds }: CommandContext): string {
  return calendarOf({
    asDomain: status.asDomain,
    next: status.next,
    commandsOf: ({ command, instead }) => [command, instead].flatMap((one) => dueLine(one, dir) ?? []),
    atSeconds,
    toolVersion: build.version,
  });
}

function dueError(due: readonly DueAction[], within: Duration, atSeconds: number): CeremonyError {
  const late = due.filter((one) => isOverdue(one, atSeconds)).length;
  const said = ({ action, by }: DueAction): string => `${action} (by ${formatTime(by)})`;
  const [only] = due;
  const count = `${String(due.length)} things are due within ${formatDuration(within)}, ${String(late)} of them overdue`;
  return refused('due', due.length === 1 && only !== undefined ? `this is due: ${said(only)}` : count, {
    findings: due.map((one) => ({ rule: one.kind, code: 'due', message: said(one) })),
    hint: 'Look at the commands that do it.',
    remedies: [{ command: 'status' }],
  });
}

export const { define, run }: CommandModule = {
  define: (command) => {
    command
      .option('--fail-if-due-within <duration>', 'exit 1 if something is overdue, or due within that time, such as 30d')
      .option('--ics <file>', 'write the due dates as a calendar (RFC 5545) to a new file; - for standard output')
      .option('--timeline', 'draw the time line without a terminal too')
      .option('--no-timeline', 'draw no time line');
  },
  run: async (context, _args, options) => {
    const { atSeconds, dir, options: global } = context;
    const limit = options.text('failIfDueWithin');
    const within = limit === undefined ? undefined : parseDuration(limit);
    const [ics, toStdout] = [options.text('ics'), options.text('ics') === '-'];
    if (toStdout && global.json === true) {
      throw usage('--ics - and --json both write to standard output', { hint: 'Give --ics a file.' });
    }
    const path = toStdout ? undefined : checkOut(context, ics);
    const authority = await openAuthority(dir);
    const status = statusOf(authority, atSeconds);
    const rewritten = rewrittenHere(context, authority.settings.domain, endOf(authority));
    if (rewritten !== undefined) note({ ...global, quiet: false }, `warning: ${printable(rewritten.message)}`);
    if (path !== undefined) createFile(path, utf8(calendarText(status, context)));
    const json = {
      ...statusJson(status, dir, atSeconds),
      ...(rewritten === undefined ? {} : { history_rewritten: rewritten.message }),
      ...(path === undefined ? {} : { calendar: path }),
    };
    const due = within === undefined ? [] : dueWithin(status.next, within, atSeconds);
    const text = (): string => (toStdout ? calendarText(status, context) : textOf(status, context, options));
    if (within === undefined || due.length === 0) {
      // For cron: no news is good news.
      const silent = within !== undefined && global.quiet === true && global.json !== true && !toStdout;
      if (!silent) result(global, json, text);
    } else {
      if (global.json !== true && (global.quiet !== true || toStdout)) result(global, json, text);
      printError(global, dueError(due, within, atSeconds), json);
      process.exitCode = 1;
    }
    if (path !== undefined) note(global, `The calendar is written: ${resolve(path)}`);
  },
};
