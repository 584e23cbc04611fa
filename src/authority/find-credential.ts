import { basename, join, resolve } from 'node:path';
import { refused } from '../common/errors.js';
import type { AsCredential } from '../credential/as-credential.js';
import type { IntermediateAsCredential } from '../credential/intermediate-as-credential.js';
import type { Authority, HeldCredential } from './authority.js';

export type AnyHeld = HeldCredential<AsCredential> | HeldCredential<IntermediateAsCredential>;

const SHORTEST_PREFIX = 8;

/**
 * Returns the credential that a person names: by its file (`root-1`, `root-1.pem`, or a path to it), its whole
 * fingerprint, or a unique prefix of at least 8 hex digits. Errors: `ambiguous-name`, `unknown-credential`.
 */
export function findCredential(authority: Authority, text: string): AnyHeld {
  const all: readonly AnyHeld[] = [...authority.roots, ...authority.intermediates];
  const byFile = all.find(({ file }) => namesFile(authority.dir, file, text));
  if (byFile !== undefined) return byFile;
  const isHex = /^[0-9a-f]+$/i.test(text);
  const found =
    isHex && text.length >= SHORTEST_PREFIX ? all.filter((one) => one.fingerprint.startsWith(text.toLowerCase())) : [];
  const [only, ...others] = found;
  if (only === undefined) {
    const tooShort =
      isHex && text.length < SHORTEST_PREFIX ? ` (a prefix has ${String(SHORTEST_PREFIX)} hex digits or more)` : '';
    throw refused('unknown-credential', `the authority holds no credential ${JSON.stringify(text)}${tooShort}`, {
      hint: 'Name it by its file, its fingerprint, or the first 8 or more hex digits of that. List them all.',
      remedies: [{ command: 'status' }],
    });
  }
  if (others.length > 0) {
    const candidates = found.map(({ file, fingerprint }) => `${fingerprint} (${file})`).join(', ');
    throw refused('ambiguous-name', `${text} is the beginning of several fingerprints: ${candidates}`, {
      hint: 'Give more digits.',
    });
  }
  return only;
}

function namesFile(dir: string, file: string, text: string): boolean {
  const name = basename(file);
  return [file, name, name.replace(/\.pem$/, '')].includes(text) || resolve(text) === join(dir, file);
}
