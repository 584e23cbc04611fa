/** What it means for clients if a bundle is never published although later ones were signed. */
import type { Authority } from '../../authority/authority.js';
import { equalBytes } from '../../common/bytes.js';
import { formatTime } from '../../common/time.js';
import { fingerprintOf } from '../../credential/fingerprint-of.js';
import { historyOf, type PastBundle, signedBundles } from '../lifecycle/bundle-history.js';
import { type Gap, scheduleOf } from '../lifecycle/bundle-schedule.js';
import { type RefusingView, refusingViews } from '../lifecycle/client-views.js';

/**
 * Returns a sentence for each effect: who refuses a later bundle that they would have accepted by way of this one, and
 * when nobody has a valid bundle. `sha256` is that of its file. Error: `authority-damaged`.
 */
export function withdrawalWarnings(
  authority: Authority,
  { file, sha256 }: { readonly file: string; readonly sha256: string },
  atSeconds: number,
): readonly string[] {
  const history = historyOf(authority);
  const without = history.map((one) =>
    one.file === file ? { ...one, mark: { state: 'withdrawn' as const, atSeconds, sha256 } } : one,
  );
  const later = without.filter(
    (one, i) =>
      i > without.findIndex((past) => past.file === file) &&
      one.mark?.state !== 'withdrawn' &&
      atSeconds <= one.payload.expiresAt,
  );
  const stranded = later.flatMap((one) => {
    const before = refusing(authority, history, one);
    return refusing(authority, without, one)
      .filter(({ who }) => !before.some((other) => other.who === who))
      .map(({ who, why }) => `Without it, ${who} refuses bundle ${String(one.payload.sequence)}: ${why}.`);
  });
  const known = gapsIn(authority, history, atSeconds);
  const gaps = gapsIn(authority, without, atSeconds).filter(
    ({ from, until }) => !known.some((gap) => gap.from === from && gap.until === until),
  );
  return [
    ...stranded,
    ...gaps.map(
      ({ from, until }) =>
        `Without it, clients have no bundle that is valid from ${formatTime(from)} until ${formatTime(until)}.`,
    ),
    ...(stranded.length + gaps.length === 0 ? [] : ['Sign others in place of it and of all after it.']),
  ];
}

function refusing(
  { roots }: Authority,
  history: readonly PastBundle[],
  { file, encoded, payload }: PastBundle,
): readonly RefusingView[] {
  const at = history.findIndex((one) => one.file === file);
  const listed = roots.filter(({ credential }) =>
    payload.asCredentials.some((root) => equalBytes(fingerprintOf(root), fingerprintOf(credential))),
  );
  return refusingViews({ encoded, payload, listed, roots, history: history.slice(0, at), repin: false }).refusing;
}

function gapsIn({ settings }: Authority, history: readonly PastBundle[], atSeconds: number): readonly Gap[] {
  return scheduleOf(signedBundles(history), settings.bundleEvery, atSeconds).gaps;
}
