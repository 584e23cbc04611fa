import { isRehearsal } from '../../../audit/verify/finished.js';
import { sentence, told } from '../../../authority/events/sentence.js';
import {
  MAX_TRANSCRIPT_FILE,
  nameOf,
  type ParsedTranscript,
  parseUnderWay,
  type TranscriptEntry,
} from '../../../authority/formats/transcript.js';
import { readAnywhere } from '../../../authority/ground/anywhere.js';
import { wrapped } from '../../../common/groups.js';
import { formatTime } from '../../../common/time.js';
import { absolute, first } from '../../options/file-arguments.js';
import type { CommandModule } from '../../program/command.js';
import { type Json, paint, result } from '../../terminal/output.js';
import { columnsOf, fields, printable } from '../../terminal/render.js';
import { out } from '../../terminal/streams.js';

function entryText(entry: TranscriptEntry): string {
  const begin = `${String(entry.seq + 1).padStart(4)}  ${formatTime(entry.atSeconds)}  `;
  const columns = columnsOf(out);
  const room = columns === undefined ? undefined : Math.max(columns - begin.length, 16);
  const text = wrapped(printable(sentence(entry)), room).join(`\n${' '.repeat(begin.length)}`);
  return `${begin}${text}\n${fields(
    told(entry).rest.map(([name, value]) => [printable(name), value] as const),
    ' '.repeat(8),
  )}`;
}

function remark({ complete }: ParsedTranscript, torn: boolean): string | undefined {
  if (complete) return undefined;
  return torn ? 'INCOMPLETE: its last line is torn, and is not shown' : 'INCOMPLETE: it has no end';
}

export const { define, run }: CommandModule = {
  define: (command) => {
    command
      .argument('<file>', 'a transcript (.jsonl); - for standard input')
      .addHelpText('after', '\nShows every line. Checks only form and chain; transcript verify checks the rest.');
  },
  run: (context, args) => {
    const path = first(args);
    const { parsed, torn } = parseUnderWay(readAnywhere(path, MAX_TRANSCRIPT_FILE));
    const rehearsal = isRehearsal(parsed.entries);
    const json = {
      transcript: absolute(path),
      head: parsed.head,
      mode: rehearsal ? 'REHEARSAL' : 'real',
      complete: parsed.complete,
      entries: parsed.entries.map((entry) => ({
        seq: entry.seq,
        time: formatTime(entry.atSeconds),
        time_unix: entry.atSeconds,
        prev: entry.prev,
        event: nameOf(entry),
        // The event itself determines which fields there are.
        ...(entry.fields as Readonly<Record<string, Json>>),
      })),
    };
    result(context.options, json, () => {
      const style = paint(context.options);
      const loud = [
        ...(rehearsal ? ['REHEARSAL: nothing in it is real'] : []),
        ...[remark(parsed, torn.length > 0) ?? []].flat(),
      ];
      return [
        ...loud.map((one) => `${style('yellow', one)}\n\n`),
        ...parsed.entries.map(entryText),
        ...loud.map((one) => `\n${style('yellow', one)}\n`),
        `\nhead ${parsed.head}\n`,
        'Each line follows from the one before. Nothing else was checked; transcript verify does that.\n',
      ].join('');
    });
  },
};
