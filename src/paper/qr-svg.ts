import { type Html, html } from './html.js';
import { qrCode } from './qr-code.js';

/**
 * Returns a QR code as an SVG image with a size of its own, black on white whatever the page's colours are. `title`
 * says what it holds, for those who don't see it.
 */
export async function qrSvg(text: string, title: string): Promise<Html> {
  const { size, dark } = await qrCode(text);
  let path = '';
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      if (!dark(row, column)) continue;
      let run = 1;
      while (dark(row, column + run)) run++;
      path += `M${String(column)} ${String(row)}h${String(run)}v1h-${String(run)}z`;
      column += run;
    }
  }
  return html`<svg class="qr" role="img" viewBox="0 0 ${size} ${size}" shape-rendering="crispEdges">
    <title>${title}</title>
    <rect width="${size}" height="${size}" fill="#fff" />
    <path d="${path}" fill="#000" />
  </svg>`;
}
