/** Styles in addition to STYLES, for pages that people print, follow step by step, fill in and sign. */

export interface Paper {
  /**
   * Printed at the foot of every sheet, with its number. Characters other than A-Z, a-z, 0-9 and ` .,:-` are left out.
   */
  readonly foot: string;
  /** Printed at the head of every sheet. */
  readonly mark?: string;
}

/** Returns CSS for boxes for ink, steps in two columns, and running heads and feet. */
export function paperStyles({ foot, mark }: Paper): string {
  const head = mark === undefined ? '' : `@top-center { content: "${plain(mark)}"; font: 700 12pt sans-serif; }`;
  return `${SHEET}
@page {
  margin: 17mm 15mm 16mm;
  ${head}
  @bottom-left { content: "${plain(foot)}"; font: 7.5pt sans-serif; color: #444; }
  @bottom-right { content: counter(page) " of " counter(pages); font: 7.5pt sans-serif; color: #444; }
}
`;
}

function plain(text: string): string {
  return text.replace(/[^A-Za-z0-9 .,:-]/g, '');
}

const SHEET = `
.mark { margin: 0 0 1.2rem; padding: .5rem .8rem; max-width: none; border: 3px solid var(--warn); color: var(--warn); font-weight: 700; font-size: 1.15rem; text-align: center; letter-spacing: .06em; }
.mark-behind { display: none; }
.step { border: 1px solid var(--rule); margin: 1rem 0; padding: .8rem 1rem; }
.step > h3 { display: flex; flex-wrap: wrap; gap: 0 .8rem; justify-content: space-between; }
/* A long title leaves the other side its room. */
.step > h3 b { flex: 1 1 60%; }
.step > h3 span { font-weight: 400; color: var(--soft); }
.step table { font-size: .88rem; table-layout: fixed; }
.step th:first-child { width: 26%; }
.step td { overflow-wrap: anywhere; }
.step h4 { margin: .8rem 0 .2rem; font-size: .95rem; }
.spoken { font-size: 1.05rem; white-space: pre-line; max-width: none; overflow-wrap: anywhere; }
.sides { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 0 1.6rem; }
.sides > div > h4 { margin-top: .2rem; text-transform: uppercase; letter-spacing: .06em; font-size: .75rem; color: var(--soft); }
.events { list-style: none; margin: 0; padding: 0; font-size: .9rem; }
.events li { display: grid; grid-template-columns: 4.6rem minmax(0, 1fr); gap: 0 .6rem; padding: .15rem 0; overflow-wrap: anywhere; }
.events li > span:first-child { color: var(--soft); font-variant-numeric: tabular-nums; font-size: .92em; }
.quiet { color: var(--soft); }
.loud { color: var(--warn); font-weight: 600; }
.good { font-weight: 600; }
.ink { display: flex; flex-wrap: wrap; gap: 1.1rem 1.2rem; margin: 1.2rem 0 .2rem; font-size: .82rem; color: var(--soft); }
.ink span { flex: 1 1 7rem; min-width: 5.5rem; border-top: 1px solid var(--ink); padding-top: .15rem; }
.ink .wide { flex: 3 1 16rem; }
.ink.first { margin-top: 2.6rem; }
.signers { list-style: none; margin: 0; padding: 0; }
.signers > li { margin: 0 0 1.4rem; }
.signers .ink { margin-top: 2.2rem; }
ul.plain { margin: .3rem 0; padding-left: 1.2rem; }
ul.plain li { overflow-wrap: anywhere; }
@media (max-width: 46rem) {
  .sides { grid-template-columns: minmax(0, 1fr); }
  .sides > div + div { margin-top: .6rem; border-top: 1px dashed var(--rule); }
  .step { padding: .7rem .8rem; }
  .step th:first-child { width: auto; }
}
@media print {
  .mark-behind { display: block; position: fixed; top: 42%; left: 0; right: 0; z-index: -1; text-align: center; font: 700 60pt sans-serif; letter-spacing: .04em; color: #e9e9e9; transform: rotate(-32deg); }
  .step { padding: .5rem .7rem; margin: .6rem 0; }
  .step > h3, .step h4, .sides h4, caption { break-after: avoid; }
  .step, .signers, .ink, .events li, .whole { break-inside: avoid; }
  .step.loose { break-inside: auto; }
  section:not(:has(.step)) { break-inside: avoid; }
  h2 { margin-top: 1.6rem; }
  .sides { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); }
  a { color: inherit; text-decoration: none; }
}
`;
