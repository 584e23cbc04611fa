/** Ten years of an authority and its clients, an event after the other; after each the promises are looked at. */
import { toHex } from '../../src/common/bytes.js';
import { hash } from '../../src/crypto/hash.js';
import { AT, stream } from '../operations/support.js';
import { Adversary, type ForgedBundle, FORGERIES, type Forgery } from './adversary.js';
import { type HeldRoot, type SignedBundle, SimulatedAuthority } from './authority.js';
import { ChainAttacks } from './chain-attacks.js';
import {
  chainVerdicts,
  clientLinks,
  type Habit,
  honestChain,
  isInForce,
  issueClient,
  type IssuedClient,
  type SimulatedClient,
  verdict,
} from './clients.js';
import { DAY } from './facts.js';
import type { Event, Happening } from './plan.js';
import { names } from './rules.js';

const TEN_YEARS = 3652 * DAY;

/** How often what a decade is about has come up, so that a test can tell whether it was looked at. */
export type Tally = Record<string, number>;

export class Decade {
  readonly authority = new SimulatedAuthority();
  readonly #adversary = new Adversary(AT);
  readonly #clients: SimulatedClient[] = [];
  #credentials: IssuedClient[] = [];
  readonly #forged: ForgedBundle[] = [];
  readonly #chains = new ChainAttacks(this.authority);
  readonly #random = stream('decade');
  #at = AT;
  #looks = 0;

  constructor(readonly tally: Tally = {}) {}

  async live(events: readonly Event[]): Promise<void> {
    await this.#begin();
    for (const { days, what } of events) {
      if (this.#at + days * DAY > AT + TEN_YEARS) break;
      await this.#pass(days);
      this.#at += 60;
      await this.#happen(what);
      await this.#look();
    }
    await this.#pass(Math.floor((AT + TEN_YEARS - this.#at) / DAY));
    await this.#look();
  }

  async #begin(): Promise<void> {
    const { authority } = this;
    await authority.makeRoot(this.#at, 3650);
    await authority.makeIntermediate(this.#at, 365);
    const [first] = (await authority.export(this.#at, { series: 1, repin: false })) ?? [];
    if (first !== undefined) this.#publish(first);
    for (const habit of ['diligent', 'lazy', 'sleeper', 'eclipsed'] as const) this.#newClient(habit, 0);
    await this.#look();
  }

  #count(what: string): void {
    this.tally[what] = (this.tally[what] ?? 0) + 1;
  }

  #pick<T>(from: readonly T[], which: number): T | undefined {
    return from[which % Math.max(from.length, 1)];
  }

  /** The days go by; what was signed ahead goes out when its time has come, and whoever looks takes it. */
  async #pass(days: number): Promise<void> {
    const until = this.#at + days * DAY;
    for (;;) {
      const next = this.authority.bundles.find(
        ({ facts, out, withdrawn }) =>
          !out && !withdrawn && facts.issuedAt > this.#at && facts.issuedAt <= until && facts.sequence > this.#served,
      );
      if (next === undefined) break;
      this.#at = next.facts.issuedAt;
      this.#publish(next);
      await this.#update();
    }
    this.#at = until;
  }

  get #out(): readonly SignedBundle[] {
    return this.authority.bundles.filter(({ out }) => out);
  }

  get #served(): number {
    return this.#out.at(-1)?.facts.sequence ?? 0;
  }

  #publish(bundle: SignedBundle): void {
    bundle.out = true;
    this.#count('published');
  }

  async #happen(what: Happening): Promise<void> {
    const { authority } = this;
    const at = this.#at;
    switch (what.kind) {
      case 'export':
        return this.#ceremony(what);
      case 'rotate root': {
        const root = await authority.makeRoot(at, what.lifetime, what.later);
        if (root !== undefined) root.unlisted = what.reserve;
        this.#count(root === undefined ? 'root refused' : 'root');
        return;
      }
      case 'list': {
        // What was in reserve comes into use; what was retired stays so.
        const reserve = authority.roots.filter((root) => root.unlisted && !authority.wasListed(root));
        const root = this.#pick(reserve, what.which);
        if (root !== undefined) root.unlisted = false;
        return;
      }
      case 'retire': {
        const root = this.#pick(authority.roots, what.which);
        if (root !== undefined) root.unlisted = true;
        return;
      }
      case 'lose root': {
        const root = this.#pick(
          authority.roots.filter(({ lost }) => !lost),
          what.which,
        );
        if (root !== undefined && what.which > 4) authority.lose(root);
        return;
      }
      case 'steal root': {
        const root = this.#pick(authority.roots, what.which);
        if (root !== undefined) await authority.steal(root);
        return;
      }
      case 'steal intermediate': {
        const one = this.#pick(authority.intermediates, what.which);
        if (one !== undefined) one.stolen = true;
        return;
      }
      case 'steal client': {
        const one = this.#pick(this.#credentials, what.which);
        if (one !== undefined) one.stolen = true;
        return;
      }
      case 'forge chains':
        return this.#chains.forge(what.forgery, what.which, this.#credentials);
      case 'revoke forged': {
        const name = this.#chains.found(what.which);
        if (name !== undefined) await authority.revoke(at, name, what.reason, true);
        return;
      }
      case 'revoke root':
      case 'revoke intermediate': {
        const held = what.kind === 'revoke root' ? authority.roots : authority.intermediates;
        const one = this.#pick([...held].reverse(), what.which);
        if (one !== undefined) await authority.revoke(at, one.name, what.reason, false);
        this.#count('revoked');
        return;
      }
      case 'revoke unknown':
        return authority.revoke(at, toHex(hash('sha256', this.#random(what.which + 1))), what.reason, true);
      case 'new client':
        this.#newClient(what.habit, what.which);
        return;
      case 'attack':
        return this.#attack(what);
      case 'theft':
        return this.#theft(what.which);
    }
  }

  async #ceremony(what: Extract<Happening, { kind: 'export' }>): Promise<void> {
    const { authority } = this;
    const at = this.#at;
    if (what.intermediate > 0) await authority.makeIntermediate(at, what.intermediate);
    const reserve = authority.roots.filter(({ unlisted, lost }) => unlisted && !lost).at(-1);
    const newest = authority.roots.filter(({ lost }) => !lost).at(-1);
    const commitments = {
      'as it is': undefined,
      none: [],
      reserve: reserve === undefined ? undefined : [reserve.key],
      newest: newest === undefined ? undefined : [newest.key],
    };
    const nextRoots = commitments[what.commitment];
    const wanted = {
      series: what.series,
      ...(what.threshold === 0 ? {} : { threshold: what.threshold }),
      ...(nextRoots === undefined ? {} : { nextRoots }),
    };
    let made = await authority.export(at, { ...wanted, repin: false });
    if (made === undefined) this.#count('bundle refused');
    if (made === undefined && what.repin) {
      made = await authority.export(at, { ...wanted, repin: true });
      if (made !== undefined) this.#count('pinned anew');
    }
    if (made === undefined) return;
    const [first] = made;
    if (first === undefined) return;
    if (what.withdrawRest) {
      for (const old of authority.bundles) {
        if (old.out || old.withdrawn || made.includes(old)) continue;
        await authority.withdraw(at, old);
      }
    }
    if (what.fate === 'withdrawn') {
      // The rest of a series with it: those were made for clients that have the first.
      for (const one of made) await authority.withdraw(at, one);
      return;
    }
    if (what.fate === 'published') await authority.markPublished(at, first);
    this.#publish(first);
  }

  #newClient(habit: Habit, which: number): void {
    const pin = this.#pick(this.#listedNow(), which);
    if (pin === undefined) return;
    const client = {
      name: `client ${String(this.#clients.length + 1)} (${habit})`,
      habit,
      pins: [pin],
      last: undefined,
      fooled: false,
    };
    this.#clients.push(client);
    // Not more than can be looked at.
    if (this.#clients.length > 5) this.#clients.splice(0, 1);
  }

  /** Roots whose fingerprints the operator gives out: listed in what is served, and lasting as long. */
  #listedNow(): readonly HeldRoot[] {
    const served = this.#out.at(-1)?.facts;
    if (served === undefined) return [];
    const listed = names(served.roots);
    return this.authority.roots.filter(({ name, to }) => listed.has(name) && served.expiresAt <= to);
  }

  /** Honest clients take what is served; that they can is the first promise. */
  async #update(): Promise<void> {
    const served = this.#out.at(-1);
    if (served === undefined) return;
    for (const client of this.#clients) {
      if (client.habit === 'eclipsed' && client.last !== undefined) continue;
      const expired = client.last === undefined || client.last.facts.expiresAt < this.#at;
      if (client.habit === 'lazy' && !expired) continue;
      if (client.habit === 'sleeper' && client.last !== undefined && client.last.facts.issuedAt + 500 * DAY > this.#at)
        continue;
      this.#take(client, served);
    }
    return Promise.resolve();
  }

  #take(client: SimulatedClient, served: SignedBundle): void {
    const at = this.#at;
    const question = { at, known: this.authority.roots };
    const late = at > served.facts.expiresAt;
    const before = this.#out.find(({ encoded }) => encoded === client.last?.encoded);
    const since = this.#out.filter(({ facts }) => facts.sequence > (before?.facts.sequence ?? 0));
    const brokenOff = since.some(({ repin }) => repin);
    const direct = verdict(client, served, question);
    const due = late ? 'bundle-expired' : 'valid';
    const mustTake =
      !client.fooled &&
      (client.last === undefined
        ? client.pins.some(({ name, to }) => names(served.facts.roots).has(name) && served.facts.expiresAt <= to)
        : before !== undefined && !brokenOff && this.authority.heldAt(served.facts.issuedAt).includes(before));
    if (mustTake && direct !== due) throw new Error(`${client.name} is refused the served bundle: ${direct}`);
    // Whoever missed some steps through them: every one that went out, in its order.
    let verdictBySteps = direct;
    if (before !== undefined && !client.fooled) {
      const via = since.slice(0, -1);
      verdictBySteps = verdict(client, served, { ...question, via });
      if (!brokenOff && verdictBySteps !== due)
        throw new Error(`${client.name} steps through all that went out and is refused: ${verdictBySteps}`);
      if (via.length > 0) this.#count('stepped');
    }
    if (direct === 'valid' || verdictBySteps === 'valid') {
      client.last = served;
      this.#count('taken');
    } else if (!late && (client.fooled || brokenOff || client.last === undefined)) {
      this.#pinAnew(client);
    }
  }

  /** Out of band, as the operator says. */
  #pinAnew(client: SimulatedClient): void {
    const [pin] = this.#listedNow();
    if (pin === undefined) return;
    client.pins = [pin];
    client.last = undefined;
    client.fooled = false;
  }

  /**
   * The third promise: a thief of a root publishes first, with the root in reserve and all intermediates revoked; the
   * owner answers, and clients of every age go on with the owner: whatever they hold, or with a new pin.
   */
  async #theft(which: number): Promise<void> {
    const { authority } = this;
    const at = this.#at;
    const reserve = await authority.makeRoot(at, 3650);
    if (reserve === undefined) return;
    reserve.unlisted = true;
    const [base] =
      (await authority.export(at, { series: 1, threshold: 1, nextRoots: [reserve.key], repin: false })) ?? [];
    if (base === undefined) return;
    this.#publish(base);
    const listed = names(base.facts.roots);
    const victims = authority.roots.filter(({ name, lost, to }) => listed.has(name) && !lost && to > at + 101 * DAY);
    const victim = this.#pick(victims, which);
    if (victim === undefined) return;
    await authority.steal(victim);
    const theft = await this.#adversary.forge('theft', base.encoded, [victim], { at, roots: authority.roots });
    const holders = authority.heldAt(at).map((last): SimulatedClient => this.#holding(last, victim));
    const first = this.#holding(base, victim);
    const question = { at, known: authority.roots };
    if (verdict(first, theft, question) !== 'valid') throw new Error('the theft is none');
    for (const [i, client] of this.#clients.entries())
      if (i % 2 === 0 && !client.fooled && verdict(client, theft, question) === 'valid') client.last = theft;

    await authority.recordForgery(at, theft);
    const again = await authority.signAgain(at, reserve);
    const [answer] = (await authority.export(at, { series: 1, repin: false })) ?? [];
    if (answer === undefined) {
      this.#count('theft: no answer');
      return;
    }
    this.#publish(answer);
    for (const client of [...holders, this.#holding(theft, victim), this.#holding(undefined, again)]) {
      const code = verdict(client, answer, question);
      if (code !== 'valid') throw new Error(`after the theft ${client.name} is refused the owner's bundle: ${code}`);
    }
    if (verdict(this.#holding(answer, again), theft, question) === 'valid') throw new Error('the theft is taken still');
    for (const client of this.#clients) if (client.last === theft) this.#take(client, answer);
    if (this.#clients.some(({ last }) => last === theft)) throw new Error('somebody still holds the theft');
    this.#forged.push(theft);
    this.#count('theft answered');
  }

  #holding(last: SignedBundle | ForgedBundle | undefined, pin: HeldRoot): SimulatedClient {
    const name = last === undefined ? 'a new client' : `a holder of bundle ${String(last.facts.sequence)}`;
    return { name, habit: 'diligent', pins: [pin], last, fooled: false };
  }

  async #attack({ which, forgery, base }: { which: number; forgery: Forgery; base: number }): Promise<void> {
    const stolen = this.authority.roots.filter(({ stolen: key }) => key !== undefined);
    const bases = this.#clients.flatMap(({ last, fooled }) => (last === undefined || fooled ? [] : [last]));
    const chosen = this.#pick([...bases, ...this.#out.slice(-2)], base);
    if (chosen === undefined) return;
    const means = { at: this.#at, roots: this.authority.roots };
    for (const what of [forgery, FORGERIES[which % FORGERIES.length] ?? forgery]) {
      this.#forged.push(await this.#adversary.forge(what, chosen.encoded, stolen, means));
    }
    this.#forged.splice(0, Math.max(0, this.#forged.length - 3));
  }

  /** After every step: what each client would do with everything that is about, and with every client credential. */
  async #look(): Promise<void> {
    await this.#update();
    await this.#issueClients();
    const { bundles } = this.authority;
    // Whatever was not destroyed may turn up: old ones, and what was signed ahead.
    const about = bundles.filter(({ withdrawn }) => !withdrawn);
    const some = [...about.slice(-3), ...about.slice(0, 1)];
    this.#looks += 1;
    for (const [i, client] of this.#clients.entries()) {
      for (const offered of client.last === undefined ? some : [...some, client.last])
        verdict(client, offered, { at: this.#at, known: this.authority.roots });
      // In turn, one of them without the files of roots that its bundles no longer list.
      const known = (this.#looks + i) % this.#clients.length === 0 ? [] : this.authority.roots;
      for (const offered of this.#forged) this.#offerForged(client, offered, known);
      this.#lookAtChains(client);
      this.#chains.offerTo(client, this.#at, (what) => {
        this.#count(what);
      });
    }
    this.#beEclipsed(some);
  }

  /**
   * The second promise: where a commitment or a threshold stands, or the root was revoked, what a stolen root forges is
   * refused.
   */
  #offerForged(client: SimulatedClient, offered: ForgedBundle, known: readonly HeldRoot[]): void {
    const code = verdict(client, offered, { at: this.#at, known });
    this.#count(`forged ${offered.what}: ${code}`);
    if (code !== 'valid' || client.fooled) return;
    const stolen = names(this.authority.roots.filter((root) => root.stolen !== undefined));
    const { last } = client;
    const trusted = last === undefined ? names(client.pins) : names(last.facts.roots);
    const usable = [...trusted].filter((name) => stolen.has(name) && last?.facts.revoked.has(name) !== true);
    if (usable.length < (last?.facts.threshold ?? 1))
      throw new Error(`${client.name} takes a forged bundle (${offered.what}) that too few of its roots signed`);
    if (last === undefined) return;
    const keys = new Set(this.authority.roots.filter((root) => stolen.has(root.name)).map(({ key }) => key));
    const kept = (was: ReadonlySet<string>, is: ReadonlySet<string>): boolean =>
      was.size === is.size && [...is].every((name) => was.has(name));
    const same = kept(trusted, names(offered.facts.roots)) && kept(last.facts.nextRoots, offered.facts.nextRoots);
    if (last.facts.nextRoots.size > 0 && !same && ![...last.facts.nextRoots].some((key) => keys.has(key)))
      throw new Error(`${client.name} takes forged roots (${offered.what}) in spite of a commitment`);
    if ([...last.facts.revoked].some((name) => !offered.facts.revoked.has(name)))
      throw new Error(`${client.name} takes a forged bundle that forgets a revocation`);
  }

  /** Those who see nothing but what the adversary shows take whatever they can be made to. */
  #beEclipsed(some: readonly SignedBundle[]): void {
    for (const client of this.#clients.filter(({ habit }) => habit === 'eclipsed')) {
      const offers = [...this.#forged, ...some];
      const offered = this.#pick(offers, this.#random(1)[0] ?? 0);
      if (offered === undefined) continue;
      if (verdict(client, offered, { at: this.#at, known: this.authority.roots }) !== 'valid') continue;
      if ('what' in offered) client.fooled = true;
      client.last = offered;
    }
  }

  /** The AS signs with every intermediate that can still issue; and so does whoever stole one. */
  async #issueClients(): Promise<void> {
    const { authority } = this;
    for (const one of authority.intermediates) {
      if (one.from > this.#at || this.#at + 90 * DAY - 1 > one.to) continue;
      if (this.#credentials.some(({ intermediate, from }) => intermediate === one && from > this.#at - 40 * DAY))
        continue;
      const key = await authority.asKey(one);
      this.#credentials.push(await issueClient(one, authority.rootOf(one), key, this.#at));
    }
    this.#credentials = this.#credentials.filter(({ to }) => to > this.#at - 30 * DAY).slice(-6);
  }

  #lookAtChains(client: SimulatedClient): void {
    const at = this.#at;
    const { authority } = this;
    const atHand = [...authority.roots, ...authority.intermediates];
    const served = this.#out.at(-1);
    if (!isInForce(client, at)) {
      this.#count('no chain: its bundle is over');
      return;
    }
    const codes = chainVerdicts(client, this.#credentials.map(honestChain), { at, atHand });
    for (const [i, issued] of this.#credentials.entries()) {
      const code = codes[i] ?? '';
      this.#count(`chain: ${code}`);
      const { facts } = client.last ?? {};
      const gone = clientLinks(issued).map(({ name }) => name);
      if (code === 'valid' && gone.some((name) => facts?.revoked.has(name)))
        throw new Error(`${client.name} takes what its own bundle revokes`);
      if (client.habit !== 'diligent' || client.last !== served || served === undefined) continue;
      if (code === 'valid' && gone.some((name) => authority.revoked.has(name) && served.facts.revoked.has(name)))
        throw new Error(`${client.name} is up to date and takes what is revoked`);
      // What an intermediate signed while it could is good until its end, unless somebody took it away.
      const inForce = at <= served.facts.expiresAt && issued.from <= at && at <= issued.to;
      const listed = names(served.facts.roots).has(issued.root.name);
      const known = issued.intermediate.from <= served.facts.issuedAt && this.#knownBy(served, issued);
      if (inForce && listed && known && !gone.some((name) => served.facts.revoked.has(name)) && code !== 'valid')
        throw new Error(`${client.name} is refused an honest client credential: ${code}`);
    }
  }

  /** Whether the intermediate was made before the bundle. */
  #knownBy({ facts }: SignedBundle, { intermediate }: IssuedClient): boolean {
    return this.#out.some(
      (one) => one.facts.sequence <= facts.sequence && names(one.facts.intermediates).has(intermediate.name),
    );
  }
}
