/** Roots in reserve over the years: when they end, and what ends beside them. */
import { describe, expect, test } from '@jest/globals';
import { wordsOf } from '../../../src/cli/terminal/remedy-text.js';
import { toHex } from '../../../src/common/bytes.js';
import type { AsCredential } from '../../../src/credential/as-credential.js';
import { fingerprintOf } from '../../../src/credential/fingerprint-of.js';
import { type ExportedBundle, exportSeries } from '../../../src/operations/bundles/export-bundle.js';
import type { BundleOptions } from '../../../src/operations/bundles/next-bundle.js';
import { generateRoot, type RootOptions } from '../../../src/operations/credentials/generate-root.js';
import { commitmentTo } from '../../../src/operations/lifecycle/reserve.js';
import { statusOf } from '../../../src/operations/status/authority-status.js';
import type { DueAction } from '../../../src/operations/status/due.js';
import { suite } from '../../policy/support.js';
import { AT, Bench, DAY } from '../support.js';

const YEARS = 3650;

/** Days from the first one. */
class Life {
  readonly bench = new Bench([], true);
  #made = 0;

  async root(day: number, until: number, wanted: Partial<RootOptions> = {}): Promise<AsCredential> {
    const atSeconds = AT + day * DAY;
    const context = await this.bench.context({ atSeconds, seed: `root ${String(this.#made++)}` });
    const validity = { notBefore: atSeconds, notAfter: AT + until * DAY - 1 };
    const succeeds = context.authority.roots.length > 0;
    return (await generateRoot(context, { ciphersuite: suite('ed25519-sha256'), succeeds, ...validity, ...wanted }))
      .credential;
  }

  async series(day: number, count: number, wanted: BundleOptions = {}): Promise<readonly ExportedBundle[]> {
    return exportSeries(
      await this.bench.context({ atSeconds: AT + day * DAY, seed: `export ${String(day)}` }),
      wanted,
      count,
    );
  }

  async commitments(day: number): Promise<readonly DueAction[]> {
    const { authority, atSeconds } = await this.bench.context({ atSeconds: AT + day * DAY });
    return statusOf(authority, atSeconds).next.filter(({ kind }) => kind === 'commitment');
  }
}

const namesOf = (roots: readonly AsCredential[]): string[] => roots.map((root) => toHex(fingerprintOf(root))).sort();
const listedIn = ({ bundle }: ExportedBundle): string[] => namesOf(bundle.payload.asCredentials);
const committedIn = ({ bundle }: ExportedBundle): string[] => bundle.payload.nextRoots.map(toHex);
const commitments = (...roots: readonly AsCredential[]): string[] => roots.map((root) => toHex(commitmentTo(root)));
const words = (due: readonly DueAction[]): (string | undefined)[] =>
  due.map(({ command }) => command && wordsOf(command).join(' '));

describe('a root in reserve', () => {
  test('comes out in the bundle of a series in which another root has ended, because clients want its signature', async () => {
    const life = new Life();
    const short = await life.root(0, 85);
    const long = await life.root(0, YEARS);
    const reserve = await life.root(0, YEARS, { reserve: true });
    const [now, ahead] = await life.series(0, 2);
    if (now === undefined || ahead === undefined) throw new TypeError('two were signed');
    expect(listedIn(now)).toEqual(namesOf([short, long]));
    expect(committedIn(now)).toEqual(commitments(reserve));
    expect(listedIn(ahead)).toEqual(namesOf([long, reserve]));
  });

  test('that ends first has another made and committed to while it can still sign that', async () => {
    const life = new Life();
    await life.root(0, YEARS);
    const reserve = await life.root(0, 400, { reserve: true });
    await life.series(0, 1);
    expect(await life.commitments(1)).toMatchObject([
      {
        subject: namesOf([reserve])[0],
        command: { command: 'root rotate', options: { reserve: true } },
        from: AT + (400 - 360) * DAY - 1,
        by: AT + (400 - 240) * DAY - 1,
      },
    ]);
    const next = await life.root(60, YEARS, { reserve: true });
    const due = await life.commitments(60);
    expect(words(due)).toEqual(['bundle export --list root-2']);
    expect(due[0]?.by).toBe(AT + (400 - 240) * DAY - 1);
    const [bundle] = await life.series(60, 1, { list: namesOf([reserve]) });
    if (bundle === undefined) throw new TypeError('one was signed');
    expect(committedIn(bundle)).toEqual(commitments(next));
    expect(await life.commitments(60)).toMatchObject([{ subject: namesOf([next])[0] }]);
  });

  test('that was listed and has ended is no more to be committed to: another is made', async () => {
    const life = new Life();
    const first = await life.root(0, YEARS);
    const reserve = await life.root(0, 400, { reserve: true });
    await life.series(0, 1);
    await life.series(60, 1, { list: namesOf([reserve]) });
    const next = await life.root(60, YEARS, { reserve: true });
    await life.series(60, 4);
    // The end of the one is a change of the roots, for which the other comes out.
    const [late] = await life.series(420, 1);
    if (late === undefined) throw new TypeError('one was signed');
    expect(listedIn(late)).toEqual(namesOf([first, next]));
    expect(words(await life.commitments(420))).toEqual(['root rotate --reserve']);
  });

  test('that was used is replaced while it can sign that, also in the middle of a series', async () => {
    const life = new Life();
    await life.root(0, YEARS);
    const reserve = await life.root(0, 400, { reserve: true });
    await life.series(0, 1);
    await life.series(60, 4, { list: namesOf([reserve]) });
    // The series serves clients until day 450.
    expect(await life.commitments(60)).toMatchObject([{ by: AT + (400 - 240) * DAY - 1 }]);
  });
});
