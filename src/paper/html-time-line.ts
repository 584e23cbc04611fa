/** Validities on a common time line: a list with dates as text, and bars for the eye. */
import { formatTime } from '../common/time.js';
import { type Html, html, type HtmlPart } from './html.js';
import { day } from './values.js';

interface TimeLineRow {
  readonly label: HtmlPart;
  /** Unix seconds, both ends inclusive. */
  readonly from: number;
  readonly to: number;
  /** Drawn heavier, for a validity on which others depend. */
  readonly main?: boolean;
}

export interface TimeLine {
  /** What the list is, for screen readers. */
  readonly title: string;
  readonly rows: readonly TimeLineRow[];
  /** A time that is shaded behind all rows. */
  readonly band?: { readonly from: number; readonly to: number };
}

/** More labels would run into each other on a telephone. */
const MOST_TICKS = 5;
const STEPS_IN_MONTHS = [1, 2, 3, 6, 12, 24, 36, 60, 120, 240, 600, 1200, 2400, 6000, 12_000, 24_000];

/** The height of a row's drawing in CSS pixels. */
const HEIGHT = 26;

interface Scale {
  readonly from: number;
  readonly to: number;
}

export function timeLine({ title, rows, band }: TimeLine): Html {
  const all = band === undefined ? rows : [...rows, band];
  const scale = { from: Math.min(...all.map(({ from }) => from)), to: Math.max(...all.map(({ to }) => to)) };
  const ticks = ticksOf(scale);
  const behind = html`${band === undefined ? [] : [rect('band', band, scale)]}${ticks.map(({ at }) => gridLine(at, scale))}`;
  const labels = ticks.map(({ at, label }) => axisLabel(at, label, scale));
  const items = rows.map(
    ({ label, from, to, main }) =>
      html`<li>
        <span class="what">${label}</span> <span class="when">${day(from)} to ${day(to)}</span
        ><svg aria-hidden="true" width="100%" height="${HEIGHT}">
          ${behind}${rect(main === true ? 'bar main' : 'bar', { from, to }, scale)}
        </svg>
      </li> `,
  );
  return html`<div class="axis" aria-hidden="true"><svg width="100%" height="16">${labels}</svg></div>
    <ol class="timeline" aria-label="${title}">
      ${items}
    </ol> `;
}

function percent(at: number, { from, to }: Scale): number {
  return to === from ? 0 : ((at - from) / (to - from)) * 100;
}

const text = (value: number): string => `${value.toFixed(3)}%`;

function rect(name: string, { from, to }: Scale, scale: Scale): Html {
  const [begin, end] = [percent(from, scale), percent(to, scale)];
  const width = Math.max(end - begin, 0.3);
  const tall = name === 'band';
  return html`<rect
    class="${name}"
    x="${text(Math.min(begin, 100 - width))}"
    y="${tall ? 0 : HEIGHT / 2 - 4}"
    width="${text(width)}"
    height="${tall ? HEIGHT : 8}"
  />`;
}

function gridLine(at: number, scale: Scale): Html {
  const x = text(percent(at, scale));
  return html`<line x1="${x}" x2="${x}" y1="0" y2="${HEIGHT}" />`;
}

function axisLabel(at: number, label: string, scale: Scale): Html {
  const x = percent(at, scale);
  const anchor = x < 5 ? 'start' : x > 95 ? 'end' : 'middle';
  return html`<text x="${text(x)}" y="12" text-anchor="${anchor}">${label}</text>`;
}

interface Tick {
  readonly at: number;
  readonly label: string;
}

/** Returns the first days of years or months within the scale, at most `MOST_TICKS`. */
function ticksOf({ from, to }: Scale): readonly Tick[] {
  const monthOf = (seconds: number): number => {
    const date = new Date(seconds * 1000);
    return date.getUTCFullYear() * 12 + date.getUTCMonth();
  };
  const [first, last] = [monthOf(from), monthOf(to)];
  for (const step of STEPS_IN_MONTHS) {
    const ticks: Tick[] = [];
    for (let month = Math.ceil(first / step) * step; month <= last; month += step) {
      const at = new Date(0).setUTCFullYear(Math.floor(month / 12), month % 12, 1) / 1000;
      if (at >= from && at <= to) ticks.push({ at, label: formatTime(at).slice(0, step % 12 === 0 ? 4 : 7) });
    }
    if (ticks.length <= MOST_TICKS) return ticks;
  }
  return [];
}
