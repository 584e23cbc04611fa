/** Shortens what a message quotes from others, who may have made it as long, or as numerous, as they liked. */

const LONGEST = 128;
const MOST = 3;

/** Returns the text, cut if it is long; its full length is then stated. */
export function cut(text: string): string {
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}… (${String(text.length)} characters)`;
}

/** Returns the first few texts, each cut, followed by how many more there are. */
export function firstFew(texts: readonly string[], separator = ', '): string {
  const shown = texts.slice(0, MOST).map(cut).join(separator);
  return texts.length <= MOST ? shown : `${shown}${separator}and ${String(texts.length - MOST)} more`;
}
