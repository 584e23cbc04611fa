/** Validities on a common scale, for a terminal. The tables beside it show the same as text. */
import { formatTime } from '../../common/time.js';

export interface TimeLineRow {
  readonly label: string;
  /** Unix seconds, both ends inclusive. */
  readonly from: number;
  readonly to: number;
  /** The last second at which it issues; after that it is only valid. */
  readonly deadline?: number;
  /** Whether the scale extends to this row; if it doesn't, the row ends in an arrow. */
  readonly fits: boolean;
}

export interface TimeLineStyle {
  readonly atSeconds: number;
  /** The width of the whole line. */
  readonly columns: number;
  readonly unicode: boolean;
}

const DAY = 86_400;
/** Long enough for at least one label on the scale. */
const SHORTEST = 62 * DAY;
const MONTH_STEPS = [1, 2, 3, 6, 12, 24, 60, 120, 600, 1200, 12_000];
const WIDEST = 120;
const LABEL = '2026-11'.length;

const MARKS = {
  unicode: { can: '█', valid: '░', deadline: '◆', today: '│', before: '‹', after: '›' },
  ascii: { can: '=', valid: '-', deadline: 'D', today: '|', before: '<', after: '>' },
} as const;

interface Scale {
  readonly from: number;
  readonly to: number;
  readonly width: number;
}

/** Returns lines, each with its newline; empty if there is no room or no row. */
export function timeLine(rows: readonly TimeLineRow[], { atSeconds, columns, unicode }: TimeLineStyle): string {
  const labels = Math.max(...rows.map(({ label }) => label.length), 0) + 2;
  const width = Math.min(columns, WIDEST) - labels;
  if (rows.length === 0 || width < 2 * LABEL) return '';
  const marks = unicode ? MARKS.unicode : MARKS.ascii;
  const scale = scaleOf(rows, atSeconds, width);
  const today = columnOf(atSeconds, scale);
  const bars = rows.map((row) => `${row.label.padEnd(labels)}${bar(row, scale, today, marks)}`);
  const { can, valid, deadline } = marks;
  const legend = `${marks.today} now  ${can} valid, can issue  ${deadline} issuing deadline  ${valid} valid`;
  return [`${' '.repeat(labels)}${ticks(scale)}`, ...bars, legend].map((line) => `${line.trimEnd()}\n`).join('');
}

function scaleOf(rows: readonly TimeLineRow[], atSeconds: number, width: number): Scale {
  const fitting = rows.filter(({ fits }) => fits);
  const all = fitting.length === 0 ? rows : fitting;
  const from = Math.min(atSeconds, ...all.map((row) => row.from));
  return { from, to: Math.max(atSeconds, from + SHORTEST, ...all.map((row) => row.to)), width };
}

function columnOf(seconds: number, { from, to, width }: Scale): number {
  return Math.floor(((seconds - from) / (to - from + 1)) * width);
}

function bar(row: TimeLineRow, scale: Scale, today: number, marks: Record<keyof typeof MARKS.ascii, string>): string {
  const [first, last] = [columnOf(row.from, scale), columnOf(row.to, scale)];
  const deadline = row.deadline === undefined ? last : columnOf(row.deadline, scale);
  const cell = (column: number): string => {
    if (column === today) return marks.today;
    if (column < first || column > last) return ' ';
    if (column === 0 && first < 0) return marks.before;
    if (column === scale.width - 1 && last >= scale.width) return marks.after;
    if (row.deadline !== undefined && column === deadline) return marks.deadline;
    return column <= deadline ? marks.can : marks.valid;
  };
  return Array.from({ length: scale.width }, (_, column) => cell(column)).join('');
}

/** Returns months at their first day, as many as fit beside each other. */
function ticks(scale: Scale): string {
  const date = new Date(scale.from * 1000);
  const month = date.getUTCFullYear() * 12 + date.getUTCMonth() + 1;
  const begin = (n: number): number => Math.floor(new Date(0).setUTCFullYear(Math.floor(n / 12), n % 12, 1) / 1000);
  const needed = ((scale.to - scale.from) * (LABEL + 2)) / scale.width / (28 * DAY);
  const step = MONTH_STEPS.find((months) => months >= needed) ?? 12_000;
  let line = '';
  for (let n = Math.ceil(month / step) * step; begin(n) <= scale.to; n += step) {
    const column = columnOf(begin(n), scale);
    if (column + LABEL > scale.width) break;
    if (line !== '' && line.length >= column) continue;
    line = line.padEnd(column) + formatTime(begin(n)).slice(0, LABEL);
  }
  return line;
}
