/** Splits long values and texts into pieces, for reading aloud and for lines of a given width. */

/** Returns lines of hex digits in groups of four, with `perLine` groups on a line. */
export function hexGroups(hex: string, perLine = 8): string[] {
  return lines(hex.match(/.{1,4}/g) ?? [], perLine);
}

/** Returns lines of items joined by spaces, with `perLine` items on a line. */
export function lines(items: readonly string[], perLine: number): string[] {
  const count = Math.ceil(items.length / perLine);
  return Array.from({ length: count }, (_, i) => items.slice(i * perLine, (i + 1) * perLine).join(' '));
}
/**
 * Returns a text in lines of at most `columns`, broken between words. `pieces` says where a word longer than a line is
 * broken: long hex into lines of equal length, anything else nowhere.
 */
export function wrapped(
  text: string,
  columns: number | undefined,
  pieces: (word: string, columns: number) => readonly string[] = hexPieces,
): string[] {
  if (columns === undefined || text.length <= columns) return [text];
  const result: string[] = [];
  let line = '';
  for (const word of text.split(' ').flatMap((one) => pieces(one, columns))) {
    if (line !== '' && line.length + 1 + word.length > columns) {
      result.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...result, line];
}

/** Breaks a fingerprint or a key that is longer than a line into pieces that a person can compare. */
function hexPieces(word: string, columns: number): string[] {
  if (word.length <= columns || !/^[0-9a-f]{33,}$/.test(word)) return [word];
  return word.match(columns < 32 ? /.{1,16}/g : columns < 64 ? /.{1,32}/g : /.{1,64}/g) ?? [word];
}
