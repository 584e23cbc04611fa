/** What a message says of things that somebody else made as long, or as many, as they liked. */

const LONGEST = 128;
const MOST = 3;

/** A text of any length, cut where it is long, with the length that it had. */
export function cut(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}… (${String(text.length)} characters)`;
}

/** The first few of any number of texts, each cut, and how many more there are. */
export function firstFew(texts: readonly string[], separator = ', '): string {
  const shown = texts.slice(0, MOST).map(cut).join(separator);
  return texts.length <= MOST ? shown : `${shown}${separator}and ${String(texts.length - MOST)} more`;
}
