/** People as allowed_signers names them, and their signatures beside a file: `FILE.<principal>.sig`. */
import { basename, dirname, join } from 'node:path';
import { namesBeside } from '../../authority/ground/anywhere.js';
import { refused } from '../../common/errors.js';

const PRINCIPAL = /^[A-Za-z0-9][A-Za-z0-9._@+-]{0,99}$/;

/**
 * What lies beside a file under its name with this behind it, and is signed there: nobody's name begins so, or a
 * signature could be of either.
 */
const PAPERS: readonly string[] = ['html', 'plan.json'];

export function isPrincipal(text: string): boolean {
  return PRINCIPAL.test(text) && !isOfPaper(text);
}

function isOfPaper(text: string): boolean {
  return PAPERS.some((paper) => `${text.toLowerCase()}.`.startsWith(`${paper}.`));
}

/** The principal, which is part of a file's name. Error: `bad-principal`. */
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

/** More than any ceremony has people: ssh-keygen is started for each. */
export const MAX_SIGNATURES = 50;

export interface SignatureBeside {
  /** As the name has it; nobody has checked that it can be one. */
  readonly principal: string;
  readonly path: string;
}

/**
 * Every signature beside a file, by name. Those over its papers (`FILE.html.<principal>.sig`) and over its plan
 * (`FILE.plan.json.<principal>.sig`) are not among them, whether these lie there or not; nothing else that lies there
 * hides one. Error: `too-many-signatures`.
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
 * Which of these valid signatures count where several people are demanded: of one person's (`personOf` a name) only the
 * first, and of one key's only the first.
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
