/** Text for people. Whatever comes from outside goes through `printable` first. */
import type { Finding } from '../common/errors.js';

type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow';
const CODES: Readonly<Record<Style, string>> = { bold: '1', dim: '2', red: '31', green: '32', yellow: '33' };

/** Colours go to a terminal only, and not where NO_COLOR or --no-color say so. */
export function painter(stream: { readonly isTTY?: boolean }, wanted: boolean): (style: Style, text: string) => string {
  const on = wanted && stream.isTTY === true && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb';
  return (style, text) => (on ? `\u001b[${CODES[style]}m${text}\u001b[0m` : text);
}

/** Text that a terminal can be trusted with: control, format and other invisible characters are written out. */
export function printable(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (c) =>
    c === '\n' ? c : `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

/** Labels and values in two columns. */
export function fields(rows: readonly (readonly [label: string, value: string])[], indent = '  '): string {
  const width = Math.max(...rows.map(([label]) => label.length), 0);
  return rows.map(([label, value]) => `${indent}${label.padEnd(width)}  ${printable(value)}\n`).join('');
}

/** A table with a head; columns as wide as their widest cell. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => printable(cell).padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd();
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)]
    .map((text) => `${text}\n`)
    .join('');
}

/** Hex in groups of four, for reading aloud; `perLine` groups a line. */
export function hexGroups(hex: string, perLine = 8): string[] {
  const groups = hex.match(/.{1,4}/g) ?? [];
  return lines(groups, perLine);
}

/** Items joined by spaces, so many a line. */
export function lines(items: readonly string[], perLine: number): string[] {
  const count = Math.ceil(items.length / perLine);
  return Array.from({ length: count }, (_, i) => items.slice(i * perLine, (i + 1) * perLine).join(' '));
}

/** Every finding with its rule, its code and what to do. */
export function findingLines(findings: readonly Finding[]): string {
  return findings
    .map(
      ({ rule, code, message, hint }) =>
        `  - ${rule}${code === 'policy' ? '' : ` (${code})`}: ${printable(message)}\n${hint === undefined ? '' : `      ${printable(hint)}\n`}`,
    )
    .join('');
}
