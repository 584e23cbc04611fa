/** HTML that can't be written wrongly: whatever is not `Html` already is text, and is escaped. */
import { visible } from '../common/printable.js';

export class Html {
  constructor(readonly text: string) {}
}

export type HtmlPart = string | number | Html | readonly Html[];

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * Text for an element, or for an attribute in quotes. Control characters, and others that nobody would see, are written
 * out.
 */
function escapeHtml(text: string): string {
  return visible(text).replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '');
}

/** A template whose text is HTML and whose values are text, numbers, or HTML made by another template. */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlPart[]): Html {
  return new Html(strings.reduce((before, text, i) => before + partText(values[i - 1]) + text));
}

function partText(part: HtmlPart | undefined): string {
  if (part instanceof Html) return part.text;
  if (typeof part === 'object') return part.map(({ text }) => text).join('');
  return part === undefined ? '' : escapeHtml(String(part));
}
