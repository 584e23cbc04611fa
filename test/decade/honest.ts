/**
 * An operator who looks at `status` every few weeks and does what it says is due, and nothing else; and the clients of
 * that authority.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { wordsOf } from '../../src/cli/terminal/remedy-text.js';
import { toHex } from '../../src/common/bytes.js';
import { CeremonyError } from '../../src/common/errors.js';
import type { AsCredential } from '../../src/credential/as-credential.js';
import { fingerprintOf } from '../../src/credential/fingerprint-of.js';
import { acceptBundle, type AcceptedBundle, type HeldTrust } from '../../src/index.js';
import { exportSeries } from '../../src/operations/bundles/export-bundle.js';
import { markBundle } from '../../src/operations/bundles/mark-bundle.js';
import { bundleOptionsIn } from '../../src/operations/bundles/parse-bundle-options.js';
import type { OperationContext } from '../../src/operations/context/operation-context.js';
import type { TextOptions } from '../../src/operations/context/text-options.js';
import { generateRoot } from '../../src/operations/credentials/generate-root.js';
import { issueIntermediate } from '../../src/operations/credentials/issue-intermediate.js';
import { rootOptionsIn } from '../../src/operations/credentials/parse-credential-options.js';
import { requestIntermediate } from '../../src/operations/credentials/request-intermediate.js';
import { newestRoot } from '../../src/operations/credentials/roots.js';
import { lastIntermediate, predecessorOf } from '../../src/operations/credentials/succession.js';
import { statusOf } from '../../src/operations/status/authority-status.js';
import type { DueAction } from '../../src/operations/status/due.js';
import { AT, Bench, DAY, DOMAIN, stream } from '../operations/support.js';
import { suite } from '../policy/support.js';
import { CLIENT_ENGINES, OPERATOR_ENGINES } from './facts.js';

const SUITE = suite('ed25519-sha256');
/** As `status --fail-if-due-within 30d`, which a cron job asks. */
const WARNED = 30 * DAY;
const MOST_A_VISIT = 25;
const CLIENT_LIFETIME = 90 * DAY;

export interface HonestLife {
  readonly settings: readonly string[];
  /** Options of the first root and of the first bundle. */
  readonly root?: readonly string[];
  readonly bundle?: readonly string[];
  /** The most bundles that one ceremony signs ahead. */
  readonly series: number;
  readonly days: number;
  /** How many rotations of a root that comes to at least; 1 if nothing is said. */
  readonly rotations?: number;
}

/** What was done, counted by kind. */
export type Deeds = Record<string, number>;

interface Client {
  readonly name: string;
  last: { readonly encoded: Uint8Array; readonly payload: AcceptedBundle['payload'] };
}

export class HonestOperator {
  readonly deeds: Deeds = {};
  readonly #bench: Bench;
  readonly #random = stream('honest');
  readonly #clients: Client[] = [];
  #served: Client['last'] | undefined;
  #known: readonly AsCredential[] = [];
  #request: Parameters<typeof issueIntermediate>[1] | undefined;
  /** Until when client credentials live that an intermediate (hex) may have signed. */
  readonly #promised = new Map<string, number>();
  #at = AT;
  #desks = 0;

  constructor(readonly life: HonestLife) {
    this.#bench = new Bench(life.settings, true);
  }

  async live(): Promise<void> {
    await this.#do(['root', 'generate', ...(this.life.root ?? [])]);
    await this.#do(['intermediate', 'request', '--key', 'file:keys/intermediate-1.age']);
    await this.#do(['intermediate', 'issue']);
    await this.#do(['bundle', 'export', ...(this.life.bundle ?? [])]);
    while (this.#at < AT + this.life.days * DAY) {
      await this.#visit();
      this.#at += (1 + this.#upTo(20)) * DAY;
      this.#look();
    }
  }

  #upTo(most: number): number {
    return (this.#random(1)[0] ?? 0) % (most + 1);
  }

  async #context(): Promise<OperationContext> {
    this.#at += 60;
    return this.#bench.context({
      atSeconds: this.#at,
      seed: `honest ${String(this.#desks++)}`,
      engines: OPERATOR_ENGINES,
    });
  }

  /** Everything that can be done now and is due within the time that the cron job asks for. */
  async #visit(): Promise<void> {
    for (let count = 0; count < MOST_A_VISIT; count++) {
      const { next } = statusOf((await this.#context()).authority, this.#at);
      const late = next.find(({ by }) => by < this.#at - WARNED);
      if (late !== undefined) throw new Error(`overdue for long: ${late.action}`);
      const due = next.find(({ from = 0, by }) => from <= this.#at && by <= this.#at + WARNED);
      if (due === undefined) return;
      await this.#follow(due);
    }
    throw new Error('what is due does not end');
  }

  async #follow({ kind, action, command }: DueAction): Promise<void> {
    this.deeds[kind] = (this.deeds[kind] ?? 0) + 1;
    if (command === undefined) throw new Error(`no command for: ${action}`);
    const words = wordsOf(command);
    try {
      await this.#do(
        kind === 'next-bundle' ? [...words, '--series', String(1 + this.#upTo(this.life.series - 1))] : words,
      );
    } catch (error) {
      if (!(error instanceof CeremonyError)) throw error;
      const findings = error.findings.map(({ message }) => message).join('; ');
      throw new Error(
        `day ${this.#day}: ${kind}: ${words.join(' ')} is refused: ${error.code}: ${error.message} (${findings})`,
      );
    }
  }

  get #day(): string {
    return String(Math.floor((this.#at - AT) / DAY));
  }

  async #do(words: readonly string[]): Promise<void> {
    const context = await this.#context();
    const { authority, atSeconds } = context;
    const options = optionsIn(words);
    switch (words.slice(0, 2).join(' ')) {
      case 'root generate':
      case 'root rotate':
        await generateRoot(context, { ...rootOptionsIn(options, words[1] === 'rotate'), ciphersuite: SUITE });
        return;
      case 'intermediate request':
      case 'intermediate rotate': {
        const rotate = words[1] === 'rotate';
        const { request } = await requestIntermediate(context, {
          keyUri: options.text('key') ?? `file:keys/intermediate-${String(authority.nextNumber('intermediate'))}.age`,
          ciphersuite: SUITE,
          signer: newestRoot(authority, atSeconds).credential,
          ...(rotate ? { predecessor: predecessorOf(authority, lastIntermediate(authority, atSeconds)) } : {}),
        });
        if (!rotate) this.#request = request;
        else await issueIntermediate(await this.#context(), request, lastIntermediate(authority, atSeconds));
        return;
      }
      case 'intermediate issue':
        if (this.#request === undefined) throw new TypeError('nothing was requested');
        await issueIntermediate(context, this.#request);
        return;
      case 'bundle export':
        await exportSeries(context, bundleOptionsIn(authority, options), Number(options.text('series') ?? 1));
        return;
      case 'bundle published':
      case 'bundle withdraw': {
        const file = words.at(-1) ?? '';
        const bytes = new Uint8Array(readFileSync(join(this.#bench.dir, file)));
        if (words[1] === 'published') await this.#publish(bytes);
        await markBundle(context, bytes, words[1] === 'published' ? 'published' : 'withdrawn');
        return;
      }
      default:
        throw new Error(`an unknown command is due: ${words.join(' ')}`);
    }
  }

  /** It goes out: whoever looks always takes it, and whoever begins now, by any root that it lists. */
  async #publish(encoded: Uint8Array): Promise<void> {
    const { roots } = (await this.#context()).authority;
    const known = roots.map(({ credential }) => credential);
    const take = (who: string, held: HeldTrust): AcceptedBundle => {
      const question = { bundle: encoded, held, known, expectedDomain: DOMAIN, atSeconds: this.#at };
      return this.#mustPass(who, () => acceptBundle({ ...question, engines: CLIENT_ENGINES }));
    };
    const { payload } = take('whoever knows all roots', { pins: known.map(fingerprintOf), threshold: 1 });
    const before = this.#served;
    if (before !== undefined) {
      if (before.payload.expiresAt < this.#at) throw new Error(`day ${this.#day}: clients had no valid bundle`);
      take('a client that looks always', { last: before.encoded });
    }
    const lasting = payload.asCredentials.filter((root) => payload.expiresAt <= root.payload.expirationData.notAfter);
    for (const root of lasting) take('a new client', { pins: [fingerprintOf(root)] });
    this.#served = { encoded, payload };
    this.#clients.push({
      name: `the client of day ${this.#day}, who looks when its bundle is over`,
      last: this.#served,
    });
    this.#clients.splice(0, this.#clients.length - 6);
    this.#known = known;
  }

  /**
   * As time goes by: nobody is without a bundle, and whoever comes back when their own is over takes the one that is
   * out.
   */
  #look(): void {
    const served = this.#served;
    if (served === undefined) return;
    if (served.payload.expiresAt < this.#at) throw new Error(`day ${this.#day}: clients have no valid bundle`);
    for (const client of this.#clients) {
      if (this.#at <= client.last.payload.expiresAt) continue;
      const question = { bundle: served.encoded, held: { last: client.last.encoded }, known: this.#known };
      this.#mustPass(client.name, () =>
        acceptBundle({ ...question, expectedDomain: DOMAIN, atSeconds: this.#at, engines: CLIENT_ENGINES }),
      );
      client.last = served;
    }
    const listed = new Set(served.payload.asIntermediateCredentials.map((one) => toHex(fingerprintOf(one))));
    for (const [name, until] of this.#promised) {
      if (until < this.#at) this.#promised.delete(name);
      else if (!listed.has(name)) throw new Error(`day ${this.#day}: client credentials below ${name} are refused`);
    }
    // The AS issues for 90 days whenever it is asked.
    const able = served.payload.asIntermediateCredentials.filter(
      ({ payload: { expirationData: validity } }) =>
        validity.notBefore <= this.#at && this.#at + CLIENT_LIFETIME - 1 <= validity.notAfter,
    );
    if (able.length === 0) throw new Error(`day ${this.#day}: the AS can issue nothing`);
    for (const one of able) this.#promised.set(toHex(fingerprintOf(one)), this.#at + CLIENT_LIFETIME - 1);
  }

  #mustPass<T>(who: string, action: () => T): T {
    try {
      return action();
    } catch (error) {
      if (!(error instanceof CeremonyError)) throw error;
      throw new Error(`day ${this.#day}: ${who} is refused: ${error.code}: ${error.message}`, { cause: error });
    }
  }
}

/** `--name value` and `--name`, as the command line has them. */
function optionsIn(words: readonly string[]): TextOptions {
  const values = (name: string): string[] =>
    words.flatMap((word, i) => (word === `--${name}` ? [words[i + 1] ?? ''] : []));
  return {
    text: (name) => values(name).at(-1),
    texts: values,
    flag: (name) => words.includes(`--${name}`),
    written: (name) => `--${name}`,
  };
}
