/** The list of evidence as a page for auditors. */
import { basename } from 'node:path';
import { REHEARSAL } from '../../authority/events/event.js';
import { type Html, html, type HtmlPart } from '../../paper/html.js';
import { facts, htmlTable } from '../../paper/html-table.js';
import { pageBytes } from '../../paper/page.js';
import { paperStyles } from '../../paper/paper-styles.js';
import { hexCode, time } from '../../paper/values.js';
import type { Proceedings } from '../proceedings/proceedings.js';
import { titleOf } from '../proceedings/title.js';
import { type DocumentId, DOCUMENTS, OUT_OF_REACH } from './document-evidence.js';
import { inventoryOf } from './key-evidence.js';
import type { JudgedRow } from './row.js';

export const NOT_EVIDENCED = 'NOT EVIDENCED';

/** Returns the whole file. The same transcript, beside the same files, gives the same bytes. */
export function evidencePage(proceedings: Proceedings, rows: readonly JudgedRow[]): Uint8Array {
  const { report, start, end, domain } = proceedings;
  const { rehearsal, head, path, endSeconds } = report.transcript;
  const what = titleOf(proceedings);
  const count = rows.filter(({ evidenced }) => evidenced).length;
  return pageBytes({
    title: `${rehearsal ? `${REHEARSAL}: ` : ''}Evidence: ${what}`,
    lede: html`${domain ?? 'An authority that is not at hand'}, ${time(start.atSeconds)} to ${time(end.atSeconds)}.
    ${count} of ${rows.length} rows are evidenced.`,
    ...(rehearsal ? { mark: { word: REHEARSAL, says: 'nothing in it is real, and it is evidence of nothing' } } : {}),
    sheet: paperStyles({ foot: `${what}, head ${head.slice(0, 16)}`, ...(rehearsal ? { mark: REHEARSAL } : {}) }),
    sections: [
      {
        id: 'record',
        heading: 'The record',
        body: facts([
          ['Transcript', basename(path)],
          ['Head', hexCode(head)],
          ['Ended', time(endSeconds)],
          ['Lines', String(proceedings.entries.length)],
          [
            'Whose keys count',
            report.allowedSigners === undefined
              ? html`<span class="loud">no allowed_signers file says it</span>`
              : html`allowed_signers${report.allowedSigners.fromAuthority ? ' of the authority itself' : ''}, SHA-256
                ${hexCode(report.allowedSigners.sha256)}`,
          ],
        ]),
      },
      { id: 'list', heading: 'The list', body: html`${rows.map(rowBody)}` },
      { id: 'keys', heading: 'Key inventory', body: keysBody(proceedings) },
      { id: 'elsewhere', heading: 'To be seen in another way', body: elsewhereBody(proceedings) },
      { id: 'documents', heading: 'The documents', body: documentsBody() },
    ],
    footer: html`<p>
      Made by as-ceremony from the transcript, after it was verified. Line numbers are those of the transcript, from 1.
      Whether a document's requirement is met is for the auditor to say. This page loads nothing and runs nothing.
    </p> `,
  });
}

function rowBody({ id, title, clauses, shows, lacks, evidenced }: JudgedRow): Html {
  return html`<article class="step" id="row-${id}">
    <h3>
      <b>${title}</b>
      ${evidenced ? html`<strong class="good">evidenced</strong>` : html`<strong class="loud">${NOT_EVIDENCED}</strong>`}
    </h3>
    <p class="note">${clausesText(clauses)}; row <code>${id}</code></p>
    <ul class="plain">
      ${lacks.map((one) => html`<li class="loud">${one}</li> `)}
      ${shows.map(({ what, lines }) => html`<li>${what} <span class="quiet">(${linesText(lines)})</span></li> `)}
    </ul>
  </article> `;
}

/** Returns `ETSI EN 319 411-1 GEN-6.5.1-04; CA/B BR 6.1.1.1 all 2`. */
export function clausesText(clauses: Readonly<Partial<Record<DocumentId, readonly string[]>>>): string {
  return DOCUMENTS.flatMap(({ id, short }) => {
    const own = clauses[id];
    return own === undefined ? [] : [`${short} ${own.join(', ')}`];
  }).join('; ');
}

/** Returns `line 4`, or `lines 4, 6`. */
export function linesText(lines: readonly number[]): string {
  return `${lines.length === 1 ? 'line' : 'lines'} ${lines.map(String).join(', ')}`;
}

function keysBody(proceedings: Proceedings): Html {
  const keys = inventoryOf(proceedings);
  if (keys.length === 0) return html`<p>No key was made, or what it signed is not at hand.</p>`;
  return htmlTable({
    caption: 'Keys that were made or adopted, by their self-signatures',
    head: ['Key', 'Use', 'Ciphersuite', 'SHA-256 of the public key', 'Fingerprint of what it signed itself', 'Lines'],
    rows: keys.map(({ uri, use, ciphersuite, publicKeySha256, fingerprint, lines }): readonly HtmlPart[] => [
      uri === '' ? 'its record is not at hand' : uri,
      use,
      ciphersuite,
      hexCode(publicKeySha256),
      hexCode(fingerprint),
      lines.map(String).join(', '),
    ]),
  });
}

function elsewhereBody({ report }: Proceedings): Html {
  return html`<p>No transcript can show:</p>
    <ul class="plain">
      ${OUT_OF_REACH.map(({ what, clauses }) => html`<li>${what} <span class="quiet">(${clausesText(clauses)})</span></li> `)}
      ${report.caveats.map((one) => html`<li>${one}</li> `)}
    </ul>`;
}

function documentsBody(): Html {
  return htmlTable({
    caption: 'Editions whose numbers are given; later ones may number otherwise',
    head: ['Document', 'Edition', 'Numbers'],
    rows: DOCUMENTS.map(({ short, edition, numbers }) => [short, edition, numbers]),
  });
}
