/** People as allowed_signers names them, and their signatures beside a file: `FILE.<principal>.sig`. */
import { basename, dirname, join } from 'node:path';
import { namesBeside } from '../../authority/ground/anywhere.js';
import { refused } from '../../common/errors.js';

const PRINCIPAL = /^[A-Za-z0-9][A-Za-z0-9._@+-]{0,99}$/;

/**
 * Suffixes of papers that are beside a file and are signed there. Nobody's name begins like this, since a signature
 * could then be of either.
 */
const PAPERS: readonly string[] = ['html', 'plan.json'];

export function isPrincipal(text: string): boolean {
  return PRINCIPAL.test(text) && !isOfPaper(text);
}

function isOfPaper(text: string): boolean {
  return PAPERS.some((paper) => `${text.toLowerCase()}.`.startsWith(`${paper}.`));
}

/** Returns the principal, which becomes part of a file name. Error: `bad-principal`. */
export function checkPrincipal(text: string): string {
  if (isPrincipal(text)) return text;
  throw refused(
    'bad-principal',
    `${JSON.stringify(text)} cannot be a principal here: it becomes part of a file's name`,
    {
      hint: `Use 1 to 100 of A-Z, a-z, 0-9 and . _ @ + - (a letter or digit first), as in allowed_signers; not ${PAPERS.join(' or ')}, or what begins with that and a dot.`,
    },
  );
}

export function signaturePath(file: string, principal: string): string {
  return `${file}.${principal}.sig`;
}

/** More than the people of any ceremony: ssh-keygen is started for each. */
export const MAX_SIGNATURES = 50;

export interface SignatureBeside {
  /** As in the file name; not checked. */
  readonly principal: string;
  readonly path: string;
}

/**
 * Returns every signature beside a file, by name. Those over its papers (`FILE.html.<principal>.sig`) and over its plan
 * (`FILE.plan.json.<principal>.sig`) are not included, whether these exist or not. No other file can hide a signature.
 * Error: `too-many-signatures`.
 */
export function signaturesBeside(file: string): readonly SignatureBeside[] {
  const [folder, own] = [dirname(file), basename(file)];
  const found = namesBeside(file).flatMap((name) => {
    if (!name.startsWith(`${own}.`) || !name.endsWith('.sig')) return [];
    const principal = name.slice(own.length + 1, -'.sig'.length);
    return isOfPaper(principal) ? [] : [{ principal, path: join(folder, name) }];
  });
  if (found.length <= MAX_SIGNATURES) return found;
  throw refused(
    'too-many-signatures',
    `${String(found.length)} signatures are beside ${file}, more than ${String(MAX_SIGNATURES)}`,
    { hint: 'Keep those of the people who were there, and move the others elsewhere.' },
  );
}

/**
 * Returns the valid signatures that count where several people are required: only the first of each person (one text of
 * `personOf`), and only the first of each key.
 */
export function countedOf<S extends { readonly principal: string; readonly fingerprint: string }>(
  valid: readonly S[],
  personOf: (principal: string) => string,
): ReadonlySet<S> {
  const [people, keys] = [new Set<string>(), new Set<string>()];
  const counted = new Set<S>();
  for (const one of valid) {
    const person = personOf(one.principal);
    if (people.has(person) || keys.has(one.fingerprint)) continue;
    people.add(person);
    keys.add(one.fingerprint);
    counted.add(one);
  }
  return counted;
}
