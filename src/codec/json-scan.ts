/**
 * JSON text before anything parses it: its depth and the number of its values, which a parser has no bounds for (RFC
 * 8259 §9 leaves them to whoever reads), and the keys that an object has twice (§4 leaves open what they mean). Whether
 * the text is JSON is the parser's to say.
 */

/** Arrays and objects within each other; this tool writes no more than six. */
export const MAX_JSON_DEPTH = 32;
/** Numbers, texts, arrays and objects in one text; what this tool writes of ten thousand files has a tenth. */
export const MAX_JSON_VALUES = 1_000_000;

export interface JsonScan {
  /** Which bound the text goes beyond, in plain words. */
  readonly excess?: string;
  /** The first key that an object has twice; escapes are resolved before comparing. */
  readonly twice?: string;
}

export function scanJson(text: string): JsonScan {
  // The keys of each open object; undefined for an array.
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

/** Where the text in quotes that begins at `at` ends; at the end of everything where nothing ends it. */
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
