/** A hash for people: in groups, in words, and as a QR code. */
import { type Html, html, type HtmlPart } from './html.js';
import { qrSvg } from './qr-svg.js';
import { hexGroups, words } from './values.js';

export interface Fingerprint {
  readonly title: HtmlPart;
  readonly hex: string;
  /** What the hash is of, for the name of the QR code, such as `the fingerprint`. */
  readonly what: string;
  readonly note: HtmlPart;
}

export async function fingerprintCard({ title, hex, what, note }: Fingerprint): Promise<Html> {
  return html`<article class="card">
    <div>
      <h3>${title}</h3>
      ${hexGroups(hex)} ${words(hex)}
      <p class="note">${note}</p>
    </div>
    ${await qrSvg(hex, `QR code of ${what} ${hex}`)}
  </article> `;
}
