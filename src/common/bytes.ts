import { bytesToHex, concatBytes, hexToBytes } from '@noble/hashes/utils.js';

export { concatBytes, bytesToHex as toHex };

/** Returns the bytes of a hex string (either case, even length), or undefined if the text is not hex. */
export function fromHex(text: string): Uint8Array | undefined {
  return text.length % 2 === 0 && /^[0-9a-fA-F]*$/.test(text) ? hexToBytes(text.toLowerCase()) : undefined;
}

/**
 * Compares byte by byte; a shorter prefix comes first. Returns a negative number, zero or a positive one, for `sort`.
 */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Returns whether public bytes are equal. This is not a constant-time comparison. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return compareBytes(a, b) === 0;
}

export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Returns the text of strict UTF-8, with a byte-order mark kept, or undefined if the bytes are not UTF-8. */
export function fromUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/**
 * Splits the system's output into lines. A line that is not UTF-8 (it may hold a name that somebody chose) is decoded
 * byte by byte, so that it does not hide the other lines.
 */
export function linesFrom(bytes: Uint8Array): readonly string[] {
  const lines = new TextDecoder('latin1').decode(bytes).split('\n');
  return lines.map((line) => fromUtf8(Uint8Array.from(line, (one) => one.charCodeAt(0))) ?? line);
}

export function toBase64(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** Returns the bytes of strict base64 (no white space, canonical padding, no stray bits), or undefined. */
export function fromBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined;
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  return toBase64(bytes) === text ? bytes : undefined;
}

/** Overwrites secrets with zeros. Call it as soon as they have been used. */
export function wipe(...secrets: readonly (Uint8Array | undefined)[]): void {
  for (const secret of secrets) secret?.fill(0);
}
