/**
 * The model: what a client does with a bundle and with a chain, in sets and numbers. Written from the formats' text
 * ("Accepting a bundle", "What a verifier checks"), without a line of src/verify, and small enough to be compared with
 * that text at one reading. All names are hex.
 */

export interface Root {
  readonly name: string;
  /** Its commitment, which stands for the key. */
  readonly key: string;
  readonly from: number;
  readonly to: number;
}

export interface Intermediate {
  readonly name: string;
  readonly signer: string;
  readonly from: number;
  readonly to: number;
}

export interface Bundle {
  readonly sequence: number;
  /** The hash of its payload, and the one that it says the bundle before has. */
  readonly hash: string;
  readonly previous: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly roots: readonly Root[];
  readonly intermediates: readonly Intermediate[];
  readonly revoked: ReadonlySet<string>;
  readonly threshold: number;
  readonly nextRoots: ReadonlySet<string>;
  readonly signers: readonly { readonly root: Root; readonly genuine: boolean }[];
}

/** What a client holds, and the root files that it was given besides. */
export interface Client {
  readonly last: Bundle | undefined;
  readonly pins: ReadonlySet<string>;
  readonly files: ReadonlySet<string>;
}

const sameSet = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean =>
  a.size === b.size && [...a].every((one) => b.has(one));
export const names = (all: readonly { readonly name: string }[]): ReadonlySet<string> =>
  new Set(all.map(({ name }) => name));

/** Steps 3 to 5; `valid`, or the code. */
function follows(client: Client, bundle: Bundle): string {
  const { last } = client;
  const listed = names(bundle.roots);
  if (bundle.intermediates.some(({ signer }) => !listed.has(signer))) return 'unknown-signer';
  if ([...bundle.roots, ...bundle.intermediates].some(({ name }) => bundle.revoked.has(name))) return 'revoked';

  const trusted = last === undefined ? client.pins : names(last.roots);
  for (const { root, genuine } of [...bundle.signers].sort((a, b) => (a.root.name < b.root.name ? -1 : 1))) {
    if (!listed.has(root.name) && !(last !== undefined && trusted.has(root.name)) && !client.files.has(root.name))
      return 'unknown-signer';
    if (!genuine) return 'bad-signature';
  }
  const counting = bundle.signers.filter(
    ({ root }) =>
      trusted.has(root.name) &&
      last?.revoked.has(root.name) !== true &&
      root.from <= bundle.issuedAt &&
      bundle.expiresAt <= root.to,
  );
  if (counting.length < (last?.threshold ?? 1)) return 'untrusted';
  const signed = names(bundle.signers.map(({ root }) => root));
  if ([...listed].some((name) => !trusted.has(name) && !signed.has(name))) return 'untrusted';
  if (last === undefined) return 'valid';

  const changes = !sameSet(listed, trusted) || !sameSet(bundle.nextRoots, last.nextRoots);
  const committed = bundle.signers.some(({ root }) => last.nextRoots.has(root.key));
  if (last.nextRoots.size > 0 && changes && !committed) return 'untrusted';

  if (bundle.sequence < last.sequence) return 'rollback';
  if (bundle.sequence === last.sequence) return bundle.hash === last.hash ? 'valid' : 'broken-history';
  if (bundle.sequence === last.sequence + 1 && bundle.previous !== last.hash) return 'broken-history';
  if ([...last.revoked].some((name) => !bundle.revoked.has(name))) return 'broken-history';
  return bundle.issuedAt < last.issuedAt ? 'broken-history' : 'valid';
}

/** All steps. */
export function takes(client: Client, bundle: Bundle, at: number): string {
  const code = follows(client, bundle);
  if (code !== 'valid') return code;
  if (at < bundle.issuedAt) return 'not-yet-valid';
  return at > bundle.expiresAt ? 'bundle-expired' : 'valid';
}

/** As `takes`, by way of others, which are taken without regard to time. */
export function stepsTo(client: Client, via: readonly Bundle[], bundle: Bundle, at: number): string {
  let last = client;
  for (const step of via) {
    const code = follows(last, step);
    if (code !== 'valid') return code;
    last = { ...last, last: step };
  }
  return takes(last, bundle, at);
}

/** A credential of a chain, as whoever made it says it is. */
export interface ChainLink {
  readonly kind: 'root' | 'intermediate' | 'client' | 'leaf';
  readonly name: string;
  readonly from: number;
  readonly to: number;
  /** A root's is the one that counts, and a client's must be that. */
  readonly domain?: string;
  /** What is wrong with its signatures. */
  readonly fault?: 'bad-self-signature' | 'bad-signature';
}

const ABOVE = { root: undefined, intermediate: 'root', client: 'intermediate', leaf: 'client' } as const;

/** A chain from the top down, as the credentials' own names of their signers have it; all of it is at hand. */
export function chainVerdict(
  { roots, intermediates, revoked }: Bundle,
  chain: readonly ChainLink[],
  at: number,
): string {
  const above = (i: number): ChainLink | undefined => chain[i - 1];
  if (chain.some(({ kind }, i) => above(i)?.kind !== ABOVE[kind])) return 'unknown-signer';
  for (const fault of ['bad-self-signature', 'bad-signature'] as const)
    if (chain.some((one) => one.fault === fault)) return fault;
  if (chain.some(({ from, to }, i) => from < (above(i)?.from ?? from) || to > (above(i)?.to ?? to)))
    return 'validity-not-nested';
  if (chain.some(({ name }) => revoked.has(name))) return 'revoked';
  for (const { from, to } of chain) {
    if (at < from) return 'not-yet-valid';
    if (at > to) return 'expired';
  }
  const listed = { root: names(roots), intermediate: names(intermediates) };
  for (const { kind, name } of chain)
    if ((kind === 'root' || kind === 'intermediate') && !listed[kind].has(name)) return 'untrusted';
  const domains = new Set(chain.flatMap(({ domain }) => (domain === undefined ? [] : [domain])));
  return domains.size > 1 ? 'domain-mismatch' : 'valid';
}
