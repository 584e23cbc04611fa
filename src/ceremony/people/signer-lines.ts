/**
 * Reads the lines of an allowed_signers file as far as needed to tell which names are one person. ssh-keygen decides
 * whether a signature is valid. Lines are split as ssh-keygen splits them (OpenSSH, sshsig.c), and a line that might
 * mean something else to it is refused.
 */
import { fromBase64, toHex } from '../../common/bytes.js';
import { refused } from '../../common/errors.js';
import { hash } from '../../crypto/hash.js';
import { readSshKey } from './ssh-key.js';

interface SignerLine {
  /** From 1. */
  readonly line: number;
  /** Names or patterns, as written. */
  readonly principals: readonly string[];
  /** What identifies the key, or a placeholder for it. */
  readonly key: string;
  /** Why the line names nobody who could sign: a sentence without its subject. */
  readonly fault: string | undefined;
}

const PRINCIPALS = /^(?:([^ \t\r"]*)"([^"]*)"|([^ \t\r"]+))[ \t]+/;
const KEY_TYPE = /^(?:ssh-|ecdsa-|sk-)/;
const OPTION = '(?:namespaces|valid-after|valid-before)="[^"\\\\]*"';
const OPTIONS = new RegExp(`^${OPTION}(?:,${OPTION})*[ \\t]+`, 'i');
const CERTIFIES = /^(?:[^ \t]*,)?cert-authority(?:,|[ \t])/i;
/** What ends a text for a program in C, or is a space for it in one place and a letter in another. */
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const CONTROL = /[\u0000-\u0008\u000a-\u001f]/;

/**
 * The limit for lines with people. Each has a key to decode, so more than this are a mistake, or meant to cause delay.
 */
const MAX_SIGNERS = 1000;

/** Returns the same text for all names of one person: names on one line, or names with one key. */
export type PersonOf = (principal: string) => string;

/** Checks that every line is one person with a key of their own. Errors: `wildcard-principal`, `bad-signer-line`. */
export function checkSignerLines(path: string, bytes: Uint8Array): void {
  const beyond = textLinesOf(bytes)[MAX_SIGNERS];
  if (beyond !== undefined)
    throw refused(
      'bad-signer-line',
      `${path} line ${String(beyond.line)} is one too many: it has more than ${String(MAX_SIGNERS)} people`,
      { hint: 'Keep those who sign here, and remove the others.' },
    );
  const lines = linesOf(bytes);
  for (const { line, principals } of lines) {
    const pattern = principals.find((one) => /[*?!]/.test(one));
    if (pattern === undefined) continue;
    throw refused(
      'wildcard-principal',
      `${path} line ${String(line)}: ${JSON.stringify(pattern)} is a pattern, and one key would sign for everybody who matches it`,
      { hint: 'Give each person a line of their own, with a whole name.' },
    );
  }
  const bad = lines.find(({ fault }) => fault !== undefined);
  if (bad === undefined) return;
  throw refused('bad-signer-line', `${path} line ${String(bad.line)} ${bad.fault ?? ''}`, {
    hint: 'A line is one person with a key of their own: a name, namespaces="…", valid-after="…" or valid-before="…" if you like (separated by commas), and the key as in its .pub file. Correct the line, or remove it.',
  });
}

/** Groups names into persons. Names that differ only in case are one person. */
export function personsOf(bytes: Uint8Array): PersonOf {
  const parents = new Map<string, string>();
  const top = (one: string): string => {
    let found = one;
    for (let up = parents.get(found); up !== undefined; up = parents.get(found)) found = up;
    // Every name on the way now points to the end, so that no path grows long.
    for (let at = one; at !== found;) {
      const up = parents.get(at) ?? found;
      parents.set(at, found);
      at = up;
    }
    return found;
  };
  for (const { principals, key } of linesOf(bytes)) {
    const holder = top(`key ${key}`);
    for (const principal of principals) {
      const person = top(nameOf(principal));
      if (person !== holder) parents.set(person, holder);
    }
  }
  return (principal) => top(nameOf(principal));
}

/**
 * Returns who has a key (by its `material`) other than this principal: nobody, or the names on the first line with it.
 * Returns undefined if a line gives it to the principal, or has a pattern, which only ssh-keygen interprets.
 */
export function otherOwner(bytes: Uint8Array, principal: string, material: string): readonly string[] | undefined {
  const lines = linesOf(bytes).filter(({ key }) => key === material);
  const isTheirs = (one: string): boolean => one === principal || /[*?!]/.test(one);
  return lines.some(({ principals }) => principals.some(isTheirs)) ? undefined : (lines[0]?.principals ?? []);
}

/** Returns every name on a line, in the file's order. */
export function namesOn(bytes: Uint8Array): readonly string[] {
  return [...new Set(linesOf(bytes).flatMap(({ principals }) => principals))];
}

const nameOf = (principal: string): string => `name ${principal.toLowerCase()}`;

/** Cached for one file, which is read for each signature: every line has a key to decode. */
let last: { readonly sha256: string; readonly lines: readonly SignerLine[] } | undefined;

function linesOf(bytes: Uint8Array): readonly SignerLine[] {
  const sha256 = toHex(hash('sha256', bytes));
  if (last?.sha256 !== sha256)
    last = { sha256, lines: textLinesOf(bytes).map(({ text, line }) => signerLine(text, line)) };
  return last.lines;
}

/** Returns the lines that are neither empty nor a comment. */
function textLinesOf(bytes: Uint8Array): readonly { readonly text: string; readonly line: number }[] {
  // Bytes are taken as letters, as ssh-keygen does, so that bad UTF-8 cannot hide a line.
  const text = new TextDecoder('latin1').decode(bytes);
  return text.split('\n').flatMap((whole, i) => {
    const rest = whole.replace(/\r$/, '').replace(/^[ \t]+/, '');
    return rest === '' || rest.startsWith('#') ? [] : [{ text: rest, line: i + 1 }];
  });
}

function signerLine(text: string, line: number): SignerLine {
  const first = PRINCIPALS.exec(text);
  if (first === null) return { line, principals: [], key: '', fault: 'has no name followed by a key' };
  const principals = `${first[1] ?? ''}${first[2] ?? ''}${first[3] ?? ''}`.split(',');
  const behind = text.slice(first[0].length);
  const options = KEY_TYPE.test(behind) ? '' : (OPTIONS.exec(behind)?.[0] ?? '');
  const [type = '', blob = ''] = behind.slice(options.length).split(/[ \t]+/);
  const key = readSshKey(fromBase64(blob) ?? new Uint8Array());
  const { material } = typeof key === 'string' ? { material: blob } : key;
  const fault = (): string | undefined => {
    if (CONTROL.test(text)) return 'holds a control character';
    if (CERTIFIES.test(behind))
      return 'has cert-authority, and whoever holds that key can make up any number of people';
    if (!KEY_TYPE.test(type)) return 'has options that are not known here, or no key after them';
    if (typeof key === 'string') return `has a key that ${key}`;
    return type === key.type ? undefined : `calls its key ${JSON.stringify(type)}, and it is ${key.type}`;
  };
  return { line, principals, key: material, fault: fault() };
}
