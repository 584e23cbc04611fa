/**
 * The authority of the decade: the real operations on a real folder, and beside each what the model says must come of
 * it. An operation that is refused without a reason in the model, or done in spite of one, is a failure.
 */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { RevocationReason } from '../../src/bundle/revocation.js';
import { compareBytes, fromHex, utf8 } from '../../src/common/bytes.js';
import { CeremonyError } from '../../src/common/errors.js';
import type { AsCredential } from '../../src/credential/as-credential.js';
import type {
  IntermediateAsCredential,
  IntermediateAsCredentialRequest,
} from '../../src/credential/intermediate-as-credential.js';
import { exportSeries } from '../../src/operations/bundles/export-bundle.js';
import { markBundle } from '../../src/operations/bundles/mark-bundle.js';
import type { BundleOptions } from '../../src/operations/bundles/next-bundle.js';
import { recordForgery } from '../../src/operations/bundles/record-forgery.js';
import type { OperationContext } from '../../src/operations/context/operation-context.js';
import { generateRoot } from '../../src/operations/credentials/generate-root.js';
import { issueIntermediate } from '../../src/operations/credentials/issue-intermediate.js';
import { requestIntermediate } from '../../src/operations/credentials/request-intermediate.js';
import { revoke } from '../../src/operations/credentials/revoke-credential.js';
import { signAgain } from '../../src/operations/credentials/signed-again.js';
import { lastIntermediate, predecessorOf } from '../../src/operations/credentials/succession.js';
import type { Signer } from '../../src/signer/signer.js';
import { openSoftwareKey } from '../../src/signer/software-key.js';
import { Bench, PASSPHRASE } from '../operations/support.js';
import { suite } from '../policy/support.js';
import { bundleFacts, DAY, intermediateFacts, OPERATOR_ENGINES, rootFacts } from './facts.js';
import { type Bundle, type Intermediate, names, type Root, takes } from './rules.js';

export const LIFETIMES = { intermediate: 365, client: 90, bundle: 120, every: 90 } as const;
const BACKDATING = 900;
const SUITE = suite('ed25519-sha256');

export interface HeldRoot extends Root {
  readonly credential: AsCredential;
  readonly file: string;
  /** Of its key; two credentials of one key have one. */
  readonly keyPath: string;
  lost: boolean;
  stolen: Signer | undefined;
  /** Kept out of bundles: a successor in reserve, or one that was retired. */
  unlisted: boolean;
}

export interface HeldIntermediate extends Intermediate {
  readonly credential: IntermediateAsCredential;
  readonly file: string;
  stolen: boolean;
}

export interface SignedBundle {
  readonly facts: Bundle;
  readonly encoded: Uint8Array;
  /** Whether its making stranded holders of earlier ones, and said so. */
  readonly repin: boolean;
  withdrawn: boolean;
  out: boolean;
}

export interface ExportOptions {
  readonly series: number;
  readonly threshold?: number;
  readonly nextRoots?: readonly string[];
  readonly repin: boolean;
}

const covers = (root: Root, bundle: Pick<Bundle, 'issuedAt' | 'expiresAt'>): boolean =>
  root.from <= bundle.issuedAt && bundle.expiresAt <= root.to;

export class SimulatedAuthority {
  readonly bench = new Bench(
    [
      `lifetimes: {root: P3650D, intermediate: P${String(LIFETIMES.intermediate)}D, client: P${String(LIFETIMES.client)}D, bundle: P${String(LIFETIMES.bundle)}D}`,
      `bundle_every: P${String(LIFETIMES.every)}D`,
    ],
    true,
  );
  readonly roots: HeldRoot[] = [];
  readonly intermediates: HeldIntermediate[] = [];
  readonly bundles: SignedBundle[] = [];
  /** Bundles that somebody else signed, as they are on record. */
  readonly forgeries: SignedBundle[] = [];
  readonly revoked = new Set<string>();
  readonly #asKeys = new Map<string, Signer>();
  #count = 0;

  context(at: number): Promise<OperationContext> {
    const seed = `decade ${String(this.#count++)}`;
    return this.bench.context({ atSeconds: at, seed, engines: OPERATOR_ENGINES });
  }

  isUsable(root: HeldRoot, at: number): boolean {
    return !this.revoked.has(root.name) && root.from <= at && at <= root.to;
  }

  /** Its key is here, and it may sign now. */
  signingRoot(at: number): HeldRoot | undefined {
    return this.roots.filter((root) => this.isUsable(root, at) && !root.lost).at(-1);
  }

  wasListed({ name }: Root): boolean {
    return this.bundles.some(({ facts }) => names(facts.roots).has(name));
  }

  rootOf({ signer }: Intermediate): HeldRoot {
    const root = this.roots.find(({ name }) => name === signer);
    if (root === undefined) throw new TypeError(`no root ${signer}`);
    return root;
  }

  async makeRoot(at: number, lifetime: number, later = 0): Promise<HeldRoot | undefined> {
    const from = later === 0 ? at - BACKDATING : at + later * DAY;
    const to = from + lifetime * DAY - 1;
    const ends = this.roots.filter(({ name, to: end }) => !this.revoked.has(name) && end >= at).map((root) => root.to);
    const last = ends.length === 0 ? undefined : Math.max(...ends);
    const gap = last !== undefined && from > Math.max(last + 1 - LIFETIMES.intermediate * DAY, at);
    const reasons = gap || (last !== undefined && to <= last) ? ['policy'] : [];
    const wanted = { ciphersuite: SUITE, notBefore: from, notAfter: to, succeeds: this.roots.length > 0 };
    const made = await outcome(reasons, async () => generateRoot(await this.context(at), wanted));
    if (made === undefined) return undefined;
    const root: HeldRoot = {
      ...rootFacts(made.credential),
      credential: made.credential,
      file: made.file,
      keyPath: keyFile(made.file),
      lost: false,
      stolen: undefined,
      unlisted: false,
    };
    expectEqual('validity of a root', [root.from, root.to], [from, to]);
    this.roots.push(root);
    return root;
  }

  async makeIntermediate(at: number, lifetime: number): Promise<HeldIntermediate | undefined> {
    const root = this.signingRoot(at);
    if (root === undefined) return undefined;
    const living = this.intermediates.filter(({ name, to }) => !this.revoked.has(name) && to >= at);
    const from = Math.max(at - BACKDATING, root.from);
    const to = from + lifetime * DAY - 1;
    const reasons = [
      ...(to > root.to ? ['validity-not-nested'] : []),
      ...(living.some((one) => to <= one.to) ? ['policy'] : []),
    ];
    const request = await outcome(reasons.slice(0, 1), () => this.#request(at, root, to, living.length > 0));
    if (request === undefined) return undefined;
    const context = await this.context(at);
    const predecessor = living.length === 0 ? undefined : lastIntermediate(context.authority, at);
    const { credential, file } = await issueIntermediate(context, request, predecessor);
    const made: HeldIntermediate = { ...intermediateFacts(credential), credential, file, stolen: false };
    expectEqual('validity of an intermediate', [made.from, made.to], [from, to]);
    this.intermediates.push(made);
    return made;
  }

  async #request(
    at: number,
    root: HeldRoot,
    notAfter: number,
    succeeds: boolean,
  ): Promise<IntermediateAsCredentialRequest> {
    const context = await this.context(at);
    const { authority } = context;
    const made = await requestIntermediate(context, {
      keyUri: `file:keys/intermediate-${String(authority.nextNumber('intermediate'))}.age`,
      ciphersuite: SUITE,
      signer: root.credential,
      notAfter,
      ...(succeeds ? { predecessor: predecessorOf(authority, lastIntermediate(authority, at)) } : {}),
    });
    return made.request;
  }

  async revoke(at: number, name: string, reason: RevocationReason, unknown: boolean): Promise<void> {
    const named = this.roots.find((root) => root.name === name);
    const shared = named !== undefined && reason === 'key-compromise' ? this.#withKeyOf(named) : [];
    const covered = new Set([name, ...shared.map((root) => root.name)]);
    const reasons = [...covered].every((one) => this.revoked.has(one)) ? ['already-revoked'] : [];
    await outcome(reasons, async () => revoke(await this.context(at), { name, reason, unknown }));
    for (const one of covered) this.revoked.add(one);
  }

  #withKeyOf({ key }: HeldRoot): readonly HeldRoot[] {
    return this.roots.filter((root) => root.key === key);
  }

  lose(root: HeldRoot): void {
    for (const one of this.#withKeyOf(root)) one.lost = true;
    rmSync(join(this.bench.dir, root.keyPath));
  }

  async steal(root: HeldRoot): Promise<void> {
    if (root.lost) return;
    const signer = root.stolen ?? (await this.#open(root.keyPath, root.credential.payload.publicKey));
    for (const one of this.#withKeyOf(root)) one.stolen = signer;
  }

  /** Somebody else's bundle goes on record: it counts, its signers and what is strange in it are revoked. */
  async recordForgery(at: number, forged: { readonly facts: Bundle; readonly encoded: Uint8Array }): Promise<void> {
    await recordForgery(await this.context(at), { name: 'thief.cose', bytes: forged.encoded });
    const { facts, encoded } = forged;
    this.forgeries.push({ facts, encoded, repin: false, withdrawn: false, out: true });
    const own = names([...this.roots, ...this.intermediates]);
    const strange = [...facts.roots, ...facts.intermediates].filter(({ name }) => !own.has(name));
    for (const { name } of [...facts.signers.map(({ root }) => root), ...strange]) this.revoked.add(name);
    for (const name of facts.revoked) this.revoked.add(name);
  }

  /** The key of a root signs for itself once more. */
  async signAgain(at: number, root: HeldRoot): Promise<HeldRoot> {
    const validity = { notBefore: at - BACKDATING, notAfter: root.to - DAY };
    const { credential, file } = await signAgain(await this.context(at), { root: root.name, ...validity });
    const { keyPath, lost, stolen } = root;
    const made: HeldRoot = { ...rootFacts(credential), credential, file, keyPath, lost, stolen, unlisted: false };
    expectEqual('the key of a root that signs again', made.key, root.key);
    this.roots.push(made);
    return made;
  }

  /** Own bundles and others, by their numbers. */
  #together(own: readonly SignedBundle[]): readonly SignedBundle[] {
    return [...own, ...this.forgeries].sort((a, b) => a.facts.sequence - b.facts.sequence);
  }

  /** The key of an intermediate, as the AS has it. */
  async asKey(intermediate: HeldIntermediate): Promise<Signer> {
    const held = this.#asKeys.get(intermediate.name);
    if (held !== undefined) return held;
    const signer = await this.#open(keyFile(intermediate.file), intermediate.credential.payload.publicKey);
    this.#asKeys.set(intermediate.name, signer);
    return signer;
  }

  #open(file: string, expectedPublicKey: Uint8Array): Promise<Signer> {
    const ageFile = new Uint8Array(readFileSync(join(this.bench.dir, file)));
    return openSoftwareKey({ uri: `file:${file}`, ageFile, passphrase: utf8(PASSPHRASE), expectedPublicKey });
  }

  /** Those that clients may hold at a time: what began and is not over, and the newest of all that began. */
  heldAt(at: number, among: readonly SignedBundle[] = this.bundles): readonly SignedBundle[] {
    const begun = among.filter(({ withdrawn, facts }) => !withdrawn && facts.issuedAt <= at);
    return begun.filter((one) => at <= one.facts.expiresAt || one === begun.at(-1));
  }

  /** Signs the next bundles. Undefined where it was refused with reason. */
  async export(at: number, wanted: ExportOptions): Promise<readonly SignedBundle[] | undefined> {
    const lost = this.roots.filter((root) => root.lost).map(({ name }) => name);
    const retire = this.roots.filter((root) => root.unlisted && !root.lost).map(({ name }) => name);
    const { expected, reasons } = this.#foresee(at, wanted);
    const options: BundleOptions = {
      retire,
      lost,
      repin: wanted.repin,
      ...(wanted.threshold === undefined ? {} : { threshold: wanted.threshold }),
      ...(wanted.nextRoots === undefined
        ? {}
        : { nextRoots: wanted.nextRoots.map((one) => fromHex(one) ?? new Uint8Array()).sort(compareBytes) }),
    };
    const made = await outcome(reasons, async () => exportSeries(await this.context(at), options, wanted.series));
    if (made === undefined) return undefined;
    const known = new Map<string, Root>(this.roots.map((root) => [root.name, root]));
    const signed = made.map(({ bundle }, i): SignedBundle => {
      const facts = bundleFacts(bundle.encoded, known);
      const foreseen = expected[i]?.facts;
      if (foreseen === undefined) throw new TypeError('more bundles than were asked for');
      for (const part of ['sequence', 'issuedAt', 'expiresAt', 'threshold'] as const)
        expectEqual(part, facts[part], foreseen[part]);
      for (const part of ['roots', 'intermediates'] as const)
        expectEqual(part, [...names(facts[part])].sort(), [...names(foreseen[part])].sort());
      for (const part of ['revoked', 'nextRoots'] as const)
        expectEqual(part, [...facts[part]].sort(), [...foreseen[part]].sort());
      const signers = names(facts.signers.map(({ root }) => root));
      expectEqual(
        'listed roots that did not sign',
        facts.roots.filter(({ name }) => !signers.has(name)),
        [],
      );
      return { facts, encoded: bundle.encoded, repin: wanted.repin, withdrawn: false, out: false };
    });
    this.bundles.push(...signed);
    return signed;
  }

  /** What the next bundles must hold, with every signature that could be had, and whatever speaks against them. */
  #foresee(at: number, wanted: ExportOptions): { expected: SignedBundle[]; reasons: string[] } {
    const reasons: string[] = [];
    const all = [...this.bundles];
    const expected: SignedBundle[] = [];
    const base = this.bundles.filter(({ withdrawn }) => !withdrawn).at(-1)?.facts;
    for (let i = 0; i < wanted.series; i++) {
      const issuedAt = at + i * LIFETIMES.every * DAY;
      const expiresAt = issuedAt + LIFETIMES.bundle * DAY - 1;
      const roots = this.roots.filter(
        (root) =>
          !this.revoked.has(root.name) && root.from <= at && issuedAt <= root.to && !root.lost && !root.unlisted,
      );
      if (roots.length === 0) return { expected, reasons: [...reasons, 'no-root'] };
      const carried = all.filter(({ withdrawn }) => !withdrawn).at(-1)?.facts ?? base;
      const threshold = wanted.threshold ?? Math.min(carried?.threshold ?? 1, roots.length);
      if (threshold > roots.length) return { expected, reasons: [...reasons, 'usage'] };
      const listed = names(roots);
      const last = this.#together(all).at(-1)?.facts;
      const couldSign = this.roots.filter((root) => !root.lost && root.from <= at && issuedAt <= root.to);
      const facts: Bundle = {
        sequence: (last?.sequence ?? 0) + 1,
        hash: `planned ${String(all.length)}`,
        previous: last?.hash ?? '',
        issuedAt,
        expiresAt,
        roots,
        intermediates: this.intermediates.filter(
          ({ name, to, signer }) => !this.revoked.has(name) && to >= issuedAt && listed.has(signer),
        ),
        revoked: new Set([...this.revoked, ...this.#together(all).flatMap((one) => [...one.facts.revoked])]),
        threshold,
        nextRoots: new Set(wanted.nextRoots ?? carried?.nextRoots ?? []),
        signers: couldSign.map((root) => ({ root, genuine: true })),
      };
      if (!roots.some((root) => covers(root, facts))) reasons.push('untrusted', 'clients-would-refuse');
      const files = names(this.roots);
      const refusing = wanted.repin
        ? []
        : this.heldAt(issuedAt, this.#together(all)).filter(
            ({ facts: held }) => takes({ last: held, pins: new Set(), files }, facts, issuedAt) !== 'valid',
          );
      if (refusing.length > 0) reasons.push('clients-would-refuse');
      const one: SignedBundle = { facts, encoded: new Uint8Array(), repin: wanted.repin, withdrawn: false, out: false };
      expected.push(one);
      all.push(one);
    }
    return { expected, reasons };
  }

  async markPublished(at: number, { encoded }: SignedBundle): Promise<void> {
    await markBundle(await this.context(at), encoded, 'published');
  }

  async withdraw(at: number, bundle: SignedBundle): Promise<void> {
    await markBundle(await this.context(at), bundle.encoded, 'withdrawn');
    bundle.withdrawn = true;
  }
}

const keyFile = (credentialFile: string): string => credentialFile.replace(/^credentials(.*)\.pem$/, 'keys$1.age');

export function expectEqual(what: string, saw: unknown, wanted: unknown): void {
  const [a, b] = [JSON.stringify(saw), JSON.stringify(wanted)];
  if (a !== b) throw new Error(`${what}: ${a}, and the model says ${b}`);
}

/**
 * What an operation gives; undefined where it is refused for one of these reasons, which it must be where there are
 * any.
 */
async function outcome<T>(reasons: readonly string[], operation: () => Promise<T>): Promise<T | undefined> {
  let result: T;
  try {
    result = await operation();
  } catch (error) {
    if (!(error instanceof CeremonyError)) throw error;
    if (reasons.includes(error.code)) return undefined;
    const findings = error.findings.map(({ message }) => message).join('; ');
    throw new Error(
      `refused without reason: ${error.code}: ${error.message} (${findings}); the model's reasons: ${reasons.join(', ') || 'none'}`,
      { cause: error },
    );
  }
  if (reasons.length > 0) throw new Error(`done, although it had to be refused: ${reasons.join(', ')}`);
  return result;
}
