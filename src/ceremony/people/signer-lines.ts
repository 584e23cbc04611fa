/**
 * The lines of an allowed_signers file, as far as it must be known who its names are. Whether a signature is valid is
 * for ssh-keygen to say; the lines are split as it splits them (OpenSSH, sshsig.c), and a line that may mean something
 * else to it than to this file is refused.
 */
import { fromBase64, toHex } from '../../common/bytes.js';
import { refused } from '../../common/errors.js';
import { hash } from '../../crypto/hash.js';
import { readSshKey } from './ssh-key.js';

interface SignerLine {
  /** From 1. */
  readonly line: number;
  /** As they stand there: names or patterns. */
  readonly principals: readonly string[];
  /** What makes the key that key, or what stands in its place. */
  readonly key: string;
  /** Why it names nobody who could sign: a sentence without its subject. */
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

/** Lines of people. Each has a key to be decoded; more than this are a mistake, or meant to keep somebody waiting. */
const MAX_SIGNERS = 1000;

/** A group of names is one person: whoever stands beside another in a line, or has a key of another's. */
export type PersonOf = (principal: string) => string;

/** Whether every line is one person with a key of their own. Errors: `wildcard-principal`, `bad-signer-line`. */
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

/** Names that differ in case alone are one person. */
export function personsOf(bytes: Uint8Array): PersonOf {
  const parents = new Map<string, string>();
  const top = (one: string): string => {
    let found = one;
    for (let up = parents.get(found); up !== undefined; up = parents.get(found)) found = up;
    // Whoever was passed points there now, so that no way grows long.
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
 * Whose a key is by its `material`, where it is not this principal's: nobody's, or the names on the first line that has
 * it. Undefined where a line gives it to the principal, or has a pattern, which is ssh-keygen's to read.
 */
export function otherOwner(bytes: Uint8Array, principal: string, material: string): readonly string[] | undefined {
  const lines = linesOf(bytes).filter(({ key }) => key === material);
  const isTheirs = (one: string): boolean => one === principal || /[*?!]/.test(one);
  return lines.some(({ principals }) => principals.some(isTheirs)) ? undefined : (lines[0]?.principals ?? []);
}

/** Every name that stands on a line, in the file's order. */
export function namesOn(bytes: Uint8Array): readonly string[] {
  return [...new Set(linesOf(bytes).flatMap(({ principals }) => principals))];
}

const nameOf = (principal: string): string => `name ${principal.toLowerCase()}`;

/** Of one file, which is asked about for each signature: each line has a key to be decoded. */
let last: { readonly sha256: string; readonly lines: readonly SignerLine[] } | undefined;

function linesOf(bytes: Uint8Array): readonly SignerLine[] {
  const sha256 = toHex(hash('sha256', bytes));
  if (last?.sha256 !== sha256)
    last = { sha256, lines: textLinesOf(bytes).map(({ text, line }) => signerLine(text, line)) };
  return last.lines;
}

/** Lines that are neither empty nor a remark. */
function textLinesOf(bytes: Uint8Array): readonly { readonly text: string; readonly line: number }[] {
  // A byte is a letter, as for ssh-keygen: what is no UTF-8 hides no line.
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
