/** A self-contained page: it loads nothing and runs nothing, and tells the browser to allow nothing else. */
import { toBase64, utf8 } from '../common/bytes.js';
import { hash } from '../crypto/hash.js';
import { Html, html } from './html.js';
import { STYLES } from './styles.js';

export interface Page {
  readonly title: string;
  /** One sentence below the title. */
  readonly lede: Html;
  readonly sections: readonly Section[];
  readonly footer: Html;
  /** CSS in addition to that of every page; it loads nothing from elsewhere. */
  readonly sheet?: string;
  /** What nobody may miss: a sentence at the top, and a word behind the text on each sheet of paper. */
  readonly mark?: { readonly word: string; readonly says: string };
}

export interface Section {
  /** For links within the page: small letters and hyphens. */
  readonly id: string;
  readonly heading: string;
  readonly body: Html;
}

/** Returns the whole file in UTF-8. The same page gives the same bytes. */
export function pageBytes({ title, lede, sections, footer, sheet = '', mark }: Page): Uint8Array {
  const styles = STYLES + sheet;
  const policy = [
    "default-src 'none'",
    `style-src 'sha256-${toBase64(hash('sha256', utf8(styles)))}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const links = sections.map(({ id, heading }) => html`<li><a href="#${id}">${heading}</a></li>`);
  const parts = sections.map(
    ({ id, heading, body }) =>
      html`<section aria-labelledby="${id}">
        <h2 id="${id}">${heading}</h2>
        ${body}
      </section> `,
  );
  const page = html`<!DOCTYPE html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <title>${title}</title>
        ${styleElement(styles)}
      </head>
      <body>
        ${markOf(mark)}
        <header>
          <h1>${title}</h1>
          <p class="lede">${lede}</p>
          <nav aria-label="On this page">
            <ul>
              ${links}
            </ul>
          </nav>
        </header>
        <main>${parts}</main>
        <footer>${footer}</footer>
      </body>
    </html> `;
  return utf8(page.text);
}

/** Returns the style element, whose text must be exactly what the hash in the policy covers. */
function styleElement(styles: string): Html {
  return new Html(`<style>${styles}</style>`);
}

/** Returns the mark. Its word is repeated as a fixed element, which browsers print on each sheet. */
function markOf(mark: Page['mark']): readonly Html[] {
  if (mark === undefined) return [];
  return [
    html`<p class="mark" role="note">${mark.word}: ${mark.says}</p>
      <div class="mark-behind" aria-hidden="true">${mark.word}</div> `,
  ];
}
