/** Lines that are filled in by hand. */
import { type Html, html } from './html.js';

/** Returns a row of lines, each with its label below; a label that begins with `*` makes a long line. */
export function inkLines(labels: readonly string[]): Html {
  const lines = labels.map((label) =>
    label.startsWith('*') ? html`<span class="wide">${label.slice(1)}</span>` : html`<span>${label}</span>`,
  );
  return html`<div class="ink">${lines}</div> `;
}
