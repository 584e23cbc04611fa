/**
 * Scans JSON text before it is parsed: its depth and its number of values, which a parser does not bound (RFC 8259 §9
 * leaves that to implementations), and duplicate keys of an object (§4 leaves their meaning open). Whether the text is
 * valid JSON is left to the parser.
 */

/** How deep arrays and objects may be nested; this tool writes no more than six levels. */
export const MAX_JSON_DEPTH = 32;
/**
 * How many numbers, texts, arrays and objects a text may have. What this tool writes about ten thousand files has a
 * tenth of it.
 */
export const MAX_JSON_VALUES = 1_000_000;

export interface JsonScan {
  /** Which bound the text exceeds, in plain words. */
  readonly excess?: string;
  /** The first duplicate key of an object; escapes are resolved before comparing. */
  readonly twice?: string;
}

export function scanJson(text: string): JsonScan {
  // The keys of each open object, and undefined for each open array.
  const open: (Set<string> | undefined)[] = [];
  let values = 1;
  let last: string | undefined;
  let twice: string | undefined;
  for (let at = 0; at < text.length; at++) {
    const c = text[at];
    if (c === '{' || c === '[') {
      values += 1;
      open.push(c === '{' ? new Set() : undefined);
      if (open.length > MAX_JSON_DEPTH) return { excess: `it is nested more than ${String(MAX_JSON_DEPTH)} deep` };
    } else if (c === '}' || c === ']') open.pop();
    else if (c === ',') values += 1;
    else if (c === '"') {
      const end = endOfText(text, at);
      last = text.slice(at, end + 1);
      at = end;
    } else if (c === ':' && last !== undefined) {
      const key = unescaped(last);
      const keys = open.at(-1);
      if (keys?.has(key) === true) twice ??= key;
      keys?.add(key);
    }
    if (values > MAX_JSON_VALUES) return { excess: `it has more than ${String(MAX_JSON_VALUES)} values` };
  }
  return twice === undefined ? {} : { twice };
}

/** Returns where the quoted text that begins at `at` ends; the end of the input if it is not terminated. */
function endOfText(text: string, at: number): number {
  for (let i = at + 1; i < text.length; i++) {
    if (text[i] === '\\') i += 1;
    else if (text[i] === '"') return i;
  }
  return text.length - 1;
}

function unescaped(quoted: string): string {
  if (!quoted.includes('\\')) return quoted.slice(1, -1);
  try {
    return String(JSON.parse(quoted));
  } catch {
    return quoted;
  }
}
