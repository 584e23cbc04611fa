/** Text for people. Whatever comes from outside goes through `printable` first. */
import type { Finding } from '../../common/errors.js';
import { wrapped } from '../../common/groups.js';
import { printable } from '../../common/printable.js';
import { out, type OutStream } from './streams.js';

export { printable, printableLines } from '../../common/printable.js';

type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow';
const CODES: Readonly<Record<Style, string>> = { bold: '1', dim: '2', red: '31', green: '32', yellow: '33' };

/** Colours go to a terminal only, and not where NO_COLOR or --no-color say so. */
export function coloured(stream: OutStream, wanted: boolean): boolean {
  return wanted && stream.isTTY && !process.env.NO_COLOR && process.env.TERM !== 'dumb';
}

export function painter(stream: OutStream, wanted: boolean): (style: Style, text: string) => string {
  const on = coloured(stream, wanted);
  return (style, text) => (on ? `\u001b[${CODES[style]}m${text}\u001b[0m` : text);
}

/** Whether the terminal shows more than ASCII, as the locale says (POSIX: LC_ALL, LC_CTYPE, LANG). */
export function speaksUtf8({ LC_ALL, LC_CTYPE, LANG, TERM } = process.env): boolean {
  const locale = [LC_ALL, LC_CTYPE, LANG].find((name) => name !== undefined && name !== '') ?? '';
  return /utf-?8/i.test(locale) && TERM !== 'dumb';
}

/** How many columns a terminal has; undefined where the stream is none, and lines may have any length. */
export function columnsOf(stream: OutStream): number | undefined {
  const { columns } = stream;
  return columns !== undefined && columns > 0 ? columns : undefined;
}

/**
 * A line that is too long goes on under its own words; a paragraph, which begins at the edge, goes on there. So does a
 * word (a path, a command's argument) that fits no line under the others.
 */
export function hanging(line: string, columns: number | undefined): string {
  if (columns === undefined || line.length <= columns) return line;
  const indent = line.length - line.trimStart().length;
  const further = indent === 0 ? 0 : indent + 2;
  return wrapped(line.trimStart(), columns - further)
    .map((part, i) => ' '.repeat(part.length + further > columns ? 0 : i === 0 ? indent : further) + part)
    .join('\n');
}

/** Labels and values in two columns; on a narrow terminal a value takes several lines. */
export function fields(
  rows: readonly (readonly [label: string, value: string])[],
  indent = '  ',
  columns = columnsOf(out),
): string {
  const width = Math.max(...rows.map(([label]) => label.length), 0);
  const begin = indent.length + width + 2;
  const room = columns === undefined ? undefined : Math.max(columns - begin, 16);
  const further = `${indent}    `;
  return rows
    .map(([label, value]) => {
      const text = printable(value);
      // A fingerprint, a path or a URI is not broken: it gets lines of its own.
      if (columns !== undefined && room !== undefined && text.split(' ').some((word) => word.length > room))
        return [label, ...wrapped(text, columns - further.length)]
          .map((line, i) => `${i === 0 ? indent : further}${line}\n`)
          .join('');
      return `${indent}${label.padEnd(width)}  ${wrapped(text, room).join(`\n${' '.repeat(begin)}`)}\n`;
    })
    .join('');
}

/**
 * A table with a head, its columns as wide as their widest cell; row by row as fields where the terminal is too narrow.
 */
export function textTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  columns = columnsOf(out),
): string {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  if (columns !== undefined && widths.reduce((sum, width) => sum + width + 2, -2) > columns) {
    return rows
      .map((row) =>
        fields(
          row.map((cell, i) => [head[i] ?? '', cell.trim()] as const),
          '',
          columns,
        ),
      )
      .join('\n');
  }
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => printable(cell).padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd();
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)]
    .map((text) => `${text}\n`)
    .join('');
}

/** No person reads more; who can write the folder can make a million. */
const MOST_FINDINGS = 1000;

/** Findings with their rules, their codes and what to do. */
export function findingLines(findings: readonly Finding[]): string {
  const more = findings.length - MOST_FINDINGS;
  const rest = more > 0 ? `  - and ${String(more)} more, which --json lists\n` : '';
  return findings
    .slice(0, MOST_FINDINGS)
    .map(
      ({ rule, code, message, hint }) =>
        `  - ${printable(rule)}${code === 'policy' ? '' : ` (${printable(code)})`}: ${printable(message)}\n${hint === undefined ? '' : `      ${printable(hint)}\n`}`,
    )
    .concat(rest)
    .join('');
}

/** Sentences under a heading, where there are any. */
export function headed(heading: string, sentences: readonly string[]): string[] {
  return sentences.length === 0 ? [] : [`\n${heading}`, ...sentences.map((one) => `  - ${printable(one)}`)];
}

/** What changed in authority.yaml, before everything that follows from it. */
export function settingsLines(changes: readonly string[], highlight = (text: string): string => text): string[] {
  return headed(highlight('authority.yaml has changed since it was last recorded:'), changes);
}

/** Lines for a stream: none longer than it is wide. */
export function fitted(text: string, stream: OutStream): string {
  const columns = columnsOf(stream);
  return `${text
    .split('\n')
    .map((line) => hanging(line, columns))
    .join('\n')}\n`;
}
