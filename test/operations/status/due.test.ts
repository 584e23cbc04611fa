/** What is due, and by when: from credentials and bundles alone, at explicit times. */
import { describe, expect, test } from '@jest/globals';
import { wordsOf } from '../../../src/cli/terminal/remedy-text.js';
import { parseDuration } from '../../../src/common/time.js';
import { scheduleOf, type SignedBundle } from '../../../src/operations/lifecycle/bundle-schedule.js';
import { stateOf } from '../../../src/operations/lifecycle/credential-state.js';
import type { CredentialStatus } from '../../../src/operations/status/authority-status.js';
import { type DueAction, dueWithin, isOverdue, sorted } from '../../../src/operations/status/due.js';
import { listingDue, marksDue, nextBundleDue } from '../../../src/operations/status/due-bundles.js';
import { coverageOf, retirementDue, successionDue } from '../../../src/operations/status/due-credentials.js';

const DAY = 86_400;

/** What is there, or a failure. */
function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('it is not there');
  return value;
}

/** In days; the state follows from them. */
interface Given {
  readonly from: number;
  readonly until: number;
  readonly deadline: number;
  readonly more?: Partial<CredentialStatus>;
}

const credential = (
  kind: CredentialStatus['kind'],
  number: number,
  now: number,
  { from, until, deadline, more }: Given,
): CredentialStatus => {
  const stem = kind === 'as_credential' ? 'root' : 'intermediate';
  const [notBefore, notAfter, issuingDeadline] = [from * DAY, until * DAY - 1, deadline * DAY];
  const childLifetime = { months: 0, days: 0, seconds: notAfter + 1 - issuingDeadline };
  return {
    kind,
    file: `credentials/${stem}-${String(number)}.pem`,
    number,
    fingerprint: `${stem}${String(number)}`.padEnd(64, '0'),
    signer: kind === 'as_credential' ? undefined : 'root1'.padEnd(64, '0'),
    state: stateOf({ notBefore, notAfter }, { atSeconds: now * DAY, revoked: false, childLifetime }),
    notBefore,
    notAfter,
    issuingDeadline,
    published: true,
    reserve: false,
    ...more,
  };
};
const root = (number: number, now: number, given: Given) => credential('as_credential', number, now, given);
const intermediate = (number: number, now: number, given: Given) =>
  credential('intermediate_as_credential', number, now, given);
const YEAR: Given = { from: 0, until: 365, deadline: 275 };

const BUNDLE = parseDuration('P120D');
const succession = (credentials: readonly CredentialStatus[], now: number, threshold = 1) =>
  successionDue({
    credentials,
    bundleLifetime: BUNDLE,
    threshold,
    nextIntermediateKey: 'file:keys/intermediate-9.age',
    issueRequest: undefined,
    atSeconds: now * DAY,
  });
const words = ({ command }: DueAction): string => (command === undefined ? '' : wordsOf(command).join(' '));

const listingAt5 = (credentials: readonly CredentialStatus[], threshold = 1) =>
  listingDue(credentials, { threshold, bundleLifetime: BUNDLE, atSeconds: 5 * DAY });

describe('successors', () => {
  test('by the issuing deadline, and from a bundle’s lifetime before it', () => {
    const [, due] = succession([intermediate(1, 5, YEAR)], 5);
    expect(due).toMatchObject({ kind: 'intermediate-successor', from: (275 - 120) * DAY, by: 275 * DAY });
    expect(words(must(due))).toBe('intermediate rotate');
  });

  test('of the one that can issue last, as long as there is no gap', () => {
    const overlapping = [intermediate(1, 5, YEAR), intermediate(2, 5, { from: 275, until: 640, deadline: 550 })];
    expect(succession(overlapping, 5)[1]?.by).toBe(550 * DAY);
    // One second after the deadline is no gap; two are.
    const begins = (seconds: number) => [
      must(overlapping[0]),
      { ...must(overlapping[1]), notBefore: 275 * DAY + seconds },
    ];
    expect(succession(begins(1), 5)[1]?.by).toBe(550 * DAY);
    const gap = succession(begins(2), 5)[1];
    expect(gap).toMatchObject({ by: 275 * DAY, action: expect.stringContaining('intermediate-2') as unknown });
    expect(gap?.action).toContain('gap');
  });

  test('after the deadline nothing can issue: overdue since then', () => {
    const at275 = intermediate(1, 275, YEAR);
    expect(coverageOf([at275], 275 * DAY)?.until).toBe(at275);
    const [, due] = succession([intermediate(1, 276, YEAR)], 276);
    expect(due).toMatchObject({ kind: 'intermediate', by: 275 * DAY });
    expect(isOverdue(must(due), 276 * DAY)).toBe(true);
    expect(words(must(due))).toBe('intermediate rotate');
    const [none, request] = succession([], 3);
    expect([none, request].map((one) => [one?.by, words(must(one))])).toEqual([
      [3 * DAY, 'root generate'],
      [3 * DAY, 'intermediate request --key file:keys/intermediate-9.age'],
    ]);
  });

  test('of a root also before it is too short for a bundle', () => {
    const due = (deadline: number) => succession([root(1, 5, { from: 0, until: 3650, deadline })], 5)[0];
    expect(due(3285)?.by).toBe(3285 * DAY);
    // A client may hold the bundle before for 120 days, and until then the old root signs bundles of 120 days.
    expect(due(3600)?.by).toBe((3650 - 240) * DAY - 1);
  });

  test('a reserve and what is revoked or retired do not count', () => {
    for (const more of [{ reserve: true }, { state: 'revoked' }, { state: 'retired' }] as const)
      expect(succession([root(1, 5, { ...YEAR, more })], 5)[0]?.kind).toBe('root');
  });
});

describe('the end of an old root', () => {
  const old = { from: 0, until: 3650, deadline: 3285 };
  const young = { from: 3000, until: 6650, deadline: 6285 };
  const due = (credentials: readonly CredentialStatus[], threshold = 1, known = 0) =>
    retirementDue(credentials, { threshold, knownBy: () => known });

  test('is due when nothing under it lives and every client knows its successor', () => {
    const roots = [root(1, 3100, old), root(2, 3100, young)];
    expect(due([root(1, 3100, old)])).toEqual([]);
    expect(due([...roots, intermediate(1, 3100, { from: 3000, until: 3200, deadline: 3110 })])).toMatchObject([
      { kind: 'retire-root', from: 3200 * DAY, by: 3650 * DAY - 1 },
    ]);
    expect(words(must(due(roots)[0]))).toBe('bundle export --retire root-1');
    expect(due(roots, 1, 3150 * DAY)[0]?.from).toBe(3150 * DAY + 1);
    expect(due(roots, 2)).toEqual([]);
  });

  test('is not due of twins, of what is not listed, and before the successor is valid', () => {
    expect(due([root(1, 5, old), root(2, 5, old)])).toEqual([]);
    expect(due([root(1, 3100, { ...old, more: { published: false } }), root(2, 3100, young)])).toEqual([]);
    expect(due([root(1, 2999, old), root(2, 2999, young)])).toEqual([]);
  });
});

describe('bundles', () => {
  type Row = readonly [from: number, until: number, mark?: SignedBundle['mark'], revocations?: number, marked?: number];
  const schedule = (now: number, ...rows: readonly Row[]) =>
    scheduleOf(
      rows.map(([from, until, mark, revocations = 0, marked], i) => ({
        file: `bundles/${String(i + 1)}`,
        sequence: i + 1,
        issuedAt: from * DAY,
        expiresAt: until * DAY,
        revocations,
        mark,
        markedAt: marked === undefined ? undefined : marked * DAY,
      })),
      parseDuration('P90D'),
      now * DAY,
    );
  const marks = (now: number, ...rows: readonly Row[]) =>
    marksDue(schedule(now, ...rows), now * DAY, () => Infinity).map(({ kind, subject, from, by }) => [
      kind,
      subject,
      from === undefined ? undefined : from / DAY,
      by / DAY,
    ]);

  test('each of a series is published between its begin and the end of the one before', () => {
    const series: Row[] = [
      [0, 120],
      [90, 210],
      [180, 300],
    ];
    expect(marks(1, ...series)).toEqual([
      ['publish', '1', 0, 0],
      ['publish', '2', 90, 120],
      ['publish', '3', 180, 210],
    ]);
    const out: Row[] = [
      [0, 120, 'published'],
      [90, 210],
      [180, 300],
    ];
    expect(marks(100, ...out)).toEqual([
      ['publish', '2', 90, 120],
      ['publish', '3', 180, 210],
    ]);
  });

  test('one that brings a revocation is late from its first second', () => {
    expect(marks(15, [0, 120, 'published', 1], [10, 130, undefined, 1])).toEqual([['publish', '2', 10, 120]]);
    expect(marks(15, [0, 120, 'published', 1], [10, 130, undefined, 2])).toEqual([['publish', '2', 10, 10]]);
  });

  test('what was overtaken is to be withdrawn once the other is out, or put on record after its begin', () => {
    expect(marks(15, [0, 120], [90, 210], [10, 130, 'published'])).toEqual([
      ['mark', '1', undefined, 10],
      ['mark', '2', undefined, 10],
    ]);
    // While it is not out, what it overtakes may still be wanted, until its own day.
    expect(marks(15, [0, 120, 'published'], [90, 210], [10, 130])).toEqual([
      ['publish', '3', 10, 120],
      ['mark', '2', undefined, 90],
    ]);
    // It went out late: since then, not since it begins.
    expect(marks(70, [0, 120, 'published'], [90, 210], [10, 130, 'published', 0, 60])).toEqual([
      ['mark', '2', undefined, 60],
    ]);
    // Nor when that was itself overtaken before anybody saw it.
    expect(marks(85, [0, 120, 'published'], [90, 210], [10, 130], [80, 200])).toEqual([
      ['publish', '4', 80, 120],
      ['mark', '2', undefined, 90],
      ['mark', '3', undefined, 80],
    ]);
    expect(marks(125, [0, 120], [10, 130, 'published'])).toEqual([]);
  });

  test('the next ceremony: from its usual day, by the last second that is served', () => {
    const next = (now: number, ...rows: readonly Row[]) => nextBundleDue(schedule(now, ...rows), now * DAY)[0];
    expect(next(1)).toMatchObject({ kind: 'next-bundle', by: DAY });
    expect(next(1, [0, 120, 'published'])).toMatchObject({ kind: 'next-bundle', from: 90 * DAY, by: 120 * DAY });
    expect(next(1, [0, 80])).toMatchObject({ from: 80 * DAY, by: 80 * DAY });
    expect(next(1, [0, 120], [90, 210])).toMatchObject({ from: 180 * DAY, by: 210 * DAY });
    expect(next(300, [0, 120], [90, 210])).toMatchObject({ by: 210 * DAY });
    expect(next(1, [0, 120], [90, 210, 'withdrawn'], [180, 300])).toMatchObject({ kind: 'gap', by: 120 * DAY });
  });

  test('what no bundle lists, until those that are listed can issue no more', () => {
    const listed = intermediate(1, 5, YEAR);
    const fresh = intermediate(2, 5, { from: 4, until: 369, deadline: 279, more: { published: false } });
    const one = root(1, 5, { from: 0, until: 3650, deadline: 3285 });
    expect(listingAt5([one, listed, fresh])).toMatchObject([
      { kind: 'list', subject: fresh.fingerprint, by: 275 * DAY },
    ]);
    expect(listingAt5([one, fresh])[0]?.by).toBe(5 * DAY);
    expect(listingAt5([one, listed, { ...fresh, state: 'retired' }])).toEqual([]);
    // Nothing is listed: the next bundle is due by itself, and lists everything.
    expect(listingAt5([fresh, { ...one, published: false }])).toEqual([]);
    const next = root(2, 5, { from: 9, until: 4000, deadline: 3600, more: { published: false } });
    expect(listingAt5([one, next])).toMatchObject([{ from: 9 * DAY, by: 3285 * DAY }]);
    expect(listingAt5([one, { ...next, reserve: true }])).toEqual([]);
    // Two must sign, and one of the two that are listed ends before.
    const twin = root(3, 5, { from: 0, until: 2000, deadline: 1635 });
    expect(listingAt5([one, twin, next], 2)).toMatchObject([{ by: 1760 * DAY - 1 }]);
    expect(succession([one, twin], 5, 2)[0]).toMatchObject({ subject: twin.fingerprint, by: 1760 * DAY - 1 });
    expect(succession([one, twin], 5)[0]).toMatchObject({ subject: one.fingerprint, by: 3285 * DAY });
  });
});

test('sorted by time; what is due within a time, to the second', () => {
  const due = (by: number, from?: number): DueAction => ({
    kind: 'publish',
    subject: '',
    action: '',
    by,
    ...(from === undefined ? {} : { from }),
  });
  const all = sorted([due(9), due(5, 3), due(5, 1), due(1)]);
  expect(all.map(({ by, from }) => [by, from])).toEqual([
    [1, undefined],
    [5, 1],
    [5, 3],
    [9, undefined],
  ]);
  const within = (text: string) => dueWithin(all, parseDuration(text), 4).length;
  expect([within('PT0S'), within('1s'), within('4s'), within('5s')]).toEqual([1, 3, 3, 4]);
  expect([isOverdue(due(4), 4), isOverdue(due(4), 5)]).toEqual([false, true]);
});
