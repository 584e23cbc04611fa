/** A hash for people: in groups, in words, and for a camera. */
import { type Html, html, type HtmlPart } from './html.js';
import { qrSvg } from './qr-svg.js';
import { hexGroups, words } from './values.js';

export interface Fingerprint {
  readonly title: HtmlPart;
  readonly hex: string;
  /** What it is the hash of, for the name of the QR code: `the fingerprint`. */
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
