/** Shortens what a bundle can hold by the thousand, which would otherwise push everything else off the screen. */
import type { BundleChange } from '../../verify/compare-bundles.js';
import type { Row } from './operation-context.js';

/** As many as a bundle can list roots. */
const MOST = 32;

/** Returns the texts of changes: of each kind, as many as a person reads, and how many more there are. */
export function fewOfEach(
  changes: readonly BundleChange[],
  inWords: (change: BundleChange) => string = ({ text }) => text,
): readonly string[] {
  const kinds = [...new Set(changes.map(({ kind }) => kind))];
  return kinds.flatMap((kind) => {
    const texts = changes.filter((one) => one.kind === kind).map(inWords);
    return fewRows(texts.map((text): Row => [kind, text])).map(([, text]) => text);
  });
}

/** Returns the first rows with the same label, and how many more there are. */
export function fewRows(rows: readonly Row[]): readonly Row[] {
  const [first] = rows.slice(MOST);
  if (first === undefined) return rows;
  return [...rows.slice(0, MOST), [first[0], `and ${String(rows.length - MOST)} more (${first[0]})`]];
}
