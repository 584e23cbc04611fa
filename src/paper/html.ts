/** HTML that is always escaped: every value that is not `Html` already is text. */
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
 * Returns text for an element, or for an attribute in quotes. Control characters, and others that nobody would see, are
 * written out.
 */
function escapeHtml(text: string): string {
  return visible(text).replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '');
}

/** Makes HTML from a template whose text is HTML and whose values are text, numbers, or HTML from another template. */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlPart[]): Html {
  return new Html(strings.reduce((before, text, i) => before + partText(values[i - 1]) + text));
}

function partText(part: HtmlPart | undefined): string {
  if (part instanceof Html) return part.text;
  if (typeof part === 'object') return part.map(({ text }) => text).join('');
  return part === undefined ? '' : escapeHtml(String(part));
}
