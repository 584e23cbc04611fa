/**
 * The lines of an allowed_signers file, as far as it must be known which of its names are one person. Whether a signature is valid is for ssh-keygen to say;
 * the lines are split as it splits them (OpenSSH, sshsig.c).
 */
import { fromBase64, toHex } from '../../common/bytes.js';
import { refused } from '../../common/errors.js';

interface SignerLine {
  /** From 1. */
  readonly line: number;
  /** As they stand there: names or patterns. */
  readonly principals: readonly string[];
  /** Hex of the public key, or what stands in its place. */
  readonly key: string;
  /** The key certifies others' keys; those who are named are not its holder. */
  readonly certifies: boolean;
}

const PRINCIPALS = /^(?:([^ \t\r"]*)"([^"]*)"|([^ \t\r"]+))[ \t\r]*/;
const OPTIONS = /^(?:\\"|"(?:\\"|[^"])*"|[^ \t\r"])*[ \t\r]*/;
const KEY_TYPE = /^(?:ssh-|ecdsa-|sk-)/;

/** A group of names is one person: whoever stands beside another in a line, or has a key of another's. */
export type PersonOf = (principal: string) => string;

/** Error: `wildcard-principal`: a line whose name stands for whoever. */
export function checkNoWildcards(path: string, bytes: Uint8Array): void {
  for (const { line, principals } of linesOf(bytes)) {
    const pattern = principals.find((one) => /[*?!]/.test(one));
    if (pattern === undefined) continue;
    throw refused(
      'wildcard-principal',
      `${path} line ${String(line)}: ${JSON.stringify(pattern)} is a pattern, and one key would sign for everybody whom it fits`,
      { hint: 'Give each person a line of their own, with a whole name. For certificates, too, name each person.' },
    );
  }
}

/** Names that differ in case alone are one person. */
export function personsOf(bytes: Uint8Array): PersonOf {
  const parents = new Map<string, string>();
  const top = (one: string): string => {
    let found = one;
    for (let up = parents.get(found); up !== undefined; up = parents.get(found)) found = up;
    return found;
  };
  for (const { principals, key, certifies } of linesOf(bytes)) {
    if (certifies) continue;
    const holder = top(`key ${key}`);
    for (const principal of principals) {
      const person = top(nameOf(principal));
      if (person !== holder) parents.set(person, holder);
    }
  }
  return (principal) => top(nameOf(principal));
}

/** Every name that stands on a line, in the file's order. */
export function namesOn(bytes: Uint8Array): readonly string[] {
  return [...new Set(linesOf(bytes).flatMap(({ principals }) => principals))];
}

const nameOf = (principal: string): string => `name ${principal.toLowerCase()}`;

function linesOf(bytes: Uint8Array): readonly SignerLine[] {
  // A byte is a letter, as for ssh-keygen: what is no UTF-8 hides no line.
  const text = new TextDecoder('latin1').decode(bytes);
  return text.split('\n').flatMap((whole, i) => {
    const rest = whole.replace(/^[ \t]+/, '');
    const first = PRINCIPALS.exec(rest);
    if (rest.startsWith('#') || first === null) return [];
    const principals = `${first[1] ?? ''}${first[2] ?? ''}${first[3] ?? ''}`.split(',');
    const behind = rest.slice(first[0].length);
    const options = KEY_TYPE.test(behind) ? '' : (OPTIONS.exec(behind)?.[0] ?? '');
    const [, blob = ''] = behind.slice(options.length).split(/[ \t\r]+/);
    const flags = options.replace(/"(?:\\"|[^"])*"/g, '').toLowerCase();
    const key = fromBase64(blob);
    return [
      {
        line: i + 1,
        principals,
        key: key === undefined ? blob : toHex(key),
        certifies: flags.trim().split(',').includes('cert-authority'),
      },
    ];
  });
}
