/** Lines that are filled in by hand. */
import { type Html, html } from './html.js';

/** A row of lines, each with what belongs on it below; a `*` before it makes a long one. */
export function inkLines(labels: readonly string[]): Html {
  const lines = labels.map((label) =>
    label.startsWith('*') ? html`<span class="wide">${label.slice(1)}</span>` : html`<span>${label}</span>`,
  );
  return html`<div class="ink">${lines}</div> `;
}
