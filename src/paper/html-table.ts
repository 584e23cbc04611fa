import { type Html, html, type HtmlPart } from './html.js';

export interface HtmlTable {
  readonly caption: string;
  readonly head: readonly string[];
  /** The first cell names its row. */
  readonly rows: readonly (readonly HtmlPart[])[];
}

/**
 * Returns a table that becomes a list of labelled lines on a narrow page. The roles are explicit, because that layout
 * hides them from some screen readers.
 */
export function htmlTable({ caption, head, rows }: HtmlTable): Html {
  const titles = head.map((title) => html`<th role="columnheader" scope="col">${title}</th>`);
  const lines = rows.map((cells) => {
    const shown = cells.map((cell, i) => {
      const label = head[i] ?? '';
      return i === 0
        ? html`<th role="rowheader" scope="row" data-label="${label}">${cell}</th>`
        : html`<td role="cell" data-label="${label}">${cell}</td>`;
    });
    return html`<tr role="row">
      ${shown}
    </tr> `;
  });
  return html`<table role="table">
    <caption>
      ${caption}
    </caption>
    <thead role="rowgroup">
      <tr role="row">
        ${titles}
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${lines}
    </tbody>
  </table> `;
}

/** Returns a table of labels and values. */
export function facts(rows: readonly (readonly [label: string, value: HtmlPart])[]): Html {
  return html`<dl>
    ${rows.map(
      ([label, value]) =>
        html`<div>
          <dt>${label}</dt>
          <dd>${value}</dd>
        </div> `,
    )}
  </dl> `;
}
