/** Long values in pieces, for reading aloud. */

/** Hex in groups of four; `perLine` groups a line. */
export function hexGroups(hex: string, perLine = 8): string[] {
  return lines(hex.match(/.{1,4}/g) ?? [], perLine);
}

/** Items joined by spaces, so many a line. */
export function lines(items: readonly string[], perLine: number): string[] {
  const count = Math.ceil(items.length / perLine);
  return Array.from({ length: count }, (_, i) => items.slice(i * perLine, (i + 1) * perLine).join(' '));
}
