/** Single values as a page shows them. */
import { fromHex } from '../common/bytes.js';
import { toPgpWords } from '../common/pgp-words.js';
import { formatTime } from '../common/time.js';
import { Html, html } from './html.js';

/** Returns hex that may break after every eighth digit, and is copied without any space in it. */
export function hexCode(hex: string): Html {
  return html`<code>${breakable(hex.match(/.{1,8}/g) ?? [])}</code>`;
}

function breakable(pieces: readonly string[]): readonly Html[] {
  return pieces.map((piece, i) => (i === 0 ? html`${piece}` : html`<wbr />${piece}`));
}

/** Returns a time (Unix seconds), to the second. */
export function time(seconds: number): Html {
  const text = formatTime(seconds);
  return html`<time datetime="${text}">${text.slice(0, 10)} <span>${text.slice(11)}</span></time>`;
}

/** Returns the day of a time (UTC). */
export function day(seconds: number): Html {
  const text = formatTime(seconds);
  return html`<time datetime="${text}">${text.slice(0, 10)}</time>`;
}

/** Returns hex in groups of four, for reading aloud. */
export function hexGroups(hex: string): Html {
  return html`<p class="groups">${(hex.match(/.{1,4}/g) ?? []).map((group) => html`<span>${group}</span> `)}</p>`;
}

/** Returns the PGP words of bytes in hex, numbered, so that two people can find the same one. */
export function words(hex: string): Html {
  const list = toPgpWords(fromHex(hex) ?? new Uint8Array()).map((word) => html`<li>${word}</li>`);
  return html`<ol class="words">
    ${list}
  </ol>`;
}

/** Returns what a person types, or a program prints. */
export function commandLines(lines: readonly string[]): Html {
  return html`<pre><code>${lines.join('\n')}</code></pre> `;
}
