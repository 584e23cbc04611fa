/** The chains that are forged in a decade, and what no client may do with them, whatever else the model says. */
import type { Signer } from '../../src/signer/signer.js';
import type { HeldIntermediate, HeldRoot, SimulatedAuthority } from './authority.js';
import {
  chainVerdicts,
  clientLinks,
  isInForce,
  type IssuedClient,
  rootLink,
  signAsClient,
  type SimulatedClient,
} from './clients.js';
import { CHAIN_FORGERIES, ChainForger, type ChainForgery, type ForgedChain, type Loot } from './forged-chains.js';
import { names } from './rules.js';

/** More are not looked at. */
const MOST = 5;

export class ChainAttacks {
  readonly #forger = new ChainForger();
  readonly #forged: ForgedChain[] = [];

  constructor(readonly authority: SimulatedAuthority) {}

  /**
   * With one stolen key of each sort, as `which` has it, among whatever was stolen ever: retired, revoked and expired
   * ones too.
   */
  async forge(what: ChainForgery, which: number, credentials: readonly IssuedClient[]): Promise<void> {
    const { authority } = this;
    const pick = <T>(from: readonly T[]): T | undefined => from[which % Math.max(from.length, 1)];
    const root = pick(authority.roots.filter(({ stolen }) => stolen !== undefined).reverse());
    const intermediate = pick(authority.intermediates.filter(({ stolen }) => stolen).reverse());
    const client = pick(credentials.filter(({ stolen }) => stolen));
    const stolen = {
      root: root?.stolen === undefined ? undefined : rootLoot(root, root.stolen),
      intermediate: intermediate && (await this.#intermediateLoot(intermediate)),
      client: client && { credential: client.credential, links: clientLinks(client), sign: signAsClient },
    };
    for (const one of new Set([what, CHAIN_FORGERIES[(which * 7) % CHAIN_FORGERIES.length] ?? what])) {
      const made = await this.#forger.forge(one, stolen);
      if (made !== undefined) this.#forged.push(made);
    }
    this.#forged.splice(0, Math.max(0, this.#forged.length - MOST));
  }

  async #intermediateLoot(one: HeldIntermediate): Promise<Loot> {
    const key = await this.authority.asKey(one);
    const link = { kind: 'intermediate', name: one.name, from: one.from, to: one.to } as const;
    return {
      credential: one.credential,
      links: [rootLink(this.authority.rootOf(one)), link],
      sign: (content) => key.sign(content),
    };
  }

  /** The fingerprint of something forged that came to light: an intermediate where there is one, else the lowest. */
  found(which: number): string | undefined {
    const chain = this.#forged[which % Math.max(this.#forged.length, 1)];
    const held = names([...this.authority.roots, ...this.authority.intermediates]);
    return chain?.links.find(({ name }) => !held.has(name))?.name;
  }

  /**
   * The verdicts of a client on all of them, which are the model's; and the promises, said once more without the model.
   */
  offerTo(client: SimulatedClient, at: number, count: (what: string) => void): void {
    const { last } = client;
    if (last === undefined || !isInForce(client, at)) return;
    const { authority } = this;
    const atHand = [...authority.roots, ...authority.intermediates];
    const codes = chainVerdicts(client, this.#forged, { at, atHand });
    for (const [i, { what, links }] of this.#forged.entries()) {
      const code = codes[i] ?? '';
      count(`forged chain, ${what}: ${code}`);
      if (code !== 'valid') continue;
      if (links.some(({ name }) => last.facts.revoked.has(name)))
        throw new Error(`${client.name} takes a forged chain (${what}) that its own bundle revokes`);
      if (links.some(({ from, to }) => at < from || at > to))
        throw new Error(`${client.name} takes a forged chain (${what}) out of its time`);
      const [root, intermediate] = links;
      for (const { from, to } of links.slice(1)) {
        if (root !== undefined && (from < root.from || to > root.to))
          throw new Error(`${client.name} takes a forged chain (${what}) that outlives its root`);
      }
      if (client.fooled) continue;
      if (!authority.intermediates.some(({ name }) => name === intermediate?.name))
        throw new Error(
          `${client.name} takes a forged chain (${what}) below an intermediate that the authority never issued`,
        );
    }
  }
}

function rootLoot(root: HeldRoot, key: Signer): Loot {
  return { credential: root.credential, links: [rootLink(root)], sign: (content) => key.sign(content) };
}
