/** A page that stands by itself: nothing is loaded, nothing runs, and the browser is told to allow nothing else. */
import { toBase64, utf8 } from '../common/bytes.js';
import { hash } from '../crypto/hash.js';
import { html, Html } from './html.js';
import { STYLES } from './styles.js';

/** To the byte what its hash in the policy is of. */
const STYLE_ELEMENT = new Html(`<style>${STYLES}</style>`);

export interface Page {
  readonly title: string;
  /** One sentence below the title. */
  readonly lede: Html;
  readonly sections: readonly Section[];
  readonly footer: Html;
}

export interface Section {
  /** For links within the page: small letters and hyphens. */
  readonly id: string;
  readonly heading: string;
  readonly body: Html;
}

/** The whole file, UTF-8. The same page gives the same bytes. */
export function pageBytes({ title, lede, sections, footer }: Page): Uint8Array {
  const policy = [
    "default-src 'none'",
    `style-src 'sha256-${toBase64(hash('sha256', utf8(STYLES)))}'`,
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
        ${STYLE_ELEMENT}
      </head>
      <body>
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
