/** The look of pages, for a screen of any width, light or dark, and for paper. They use only what browsers provide. */
export const STYLES = `
:root {
  --ink: #1b1d22; --soft: #565b66; --rule: #d5d7dc; --faint: #f3f4f6; --paper: #fff; --main: #1f3f77; --bar: #7d99c8; --band: #dfe9c8; --warn: #8a2d0c;
}
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e7ea; --soft: #a3a8b3; --rule: #3a3e47; --faint: #22252b; --paper: #17191d; --main: #a9c3f5; --bar: #56719f; --band: #3d4a2c; --warn: #f0a27f; }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0 auto; padding: 1.5rem 1rem 3rem; max-width: 62rem; background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif; overflow-wrap: break-word; }
h1, h2, h3 { font-family: Charter, "Bitstream Charter", "Source Serif 4", Georgia, "DejaVu Serif", serif; line-height: 1.2; font-weight: 600; }
h1 { font-size: 1.9rem; margin: 0 0 .5rem; overflow-wrap: anywhere; }
h2 { font-size: 1.35rem; margin: 2.75rem 0 .75rem; padding-top: .6rem; border-top: 2px solid var(--ink); }
h3 { font-size: 1.05rem; margin: 0 0 .5rem; }
p { margin: .5rem 0; max-width: 46rem; }
.lede { font-size: 1.1rem; }
.note { color: var(--soft); }
.warning { border-left: 4px solid var(--warn); padding-left: .8rem; }
a { color: var(--main); }
nav ul { list-style: none; margin: 1rem 0 0; padding: 0; display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; }
code, pre, .groups, .what { font-family: ui-monospace, "SFMono-Regular", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
code { font-size: .86em; }
pre { margin: .6rem 0; padding: .7rem .9rem; background: var(--faint); border: 1px solid var(--rule); white-space: pre-wrap; overflow-wrap: anywhere; line-height: 1.45; }
time { white-space: nowrap; font-variant-numeric: tabular-nums; }
time span { color: var(--soft); font-size: .85em; }
dl { margin: .5rem 0; }
dl > div { display: grid; grid-template-columns: 16rem 1fr; gap: 0 1rem; padding: .35rem 0; border-bottom: 1px solid var(--rule); }
dt { color: var(--soft); }
dd { margin: 0; min-width: 0; overflow-wrap: anywhere; }
table { width: 100%; border-collapse: collapse; margin: .5rem 0; font-size: .94rem; }
caption { text-align: left; color: var(--soft); padding-bottom: .4rem; }
th, td { text-align: left; vertical-align: top; padding: .4rem 1rem .4rem 0; border-bottom: 1px solid var(--rule); font-weight: 400; }
thead th { border-bottom-color: var(--ink); font-weight: 600; }
td:last-child, th:last-child { padding-right: 0; }
.name { white-space: nowrap; }
.card { display: grid; grid-template-columns: minmax(0, 1fr) 13rem; gap: 0 1.5rem; border: 1px solid var(--rule); padding: 1rem; margin: 1rem 0; }
.qr { display: block; width: 100%; max-width: 13rem; height: auto; }
.groups { display: grid; grid-template-columns: repeat(8, max-content); gap: .1rem .8rem; margin: .3rem 0; font-size: 1.05rem; }
.words { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: .1rem .6rem; margin: .8rem 0; padding: 0; list-style: none; counter-reset: word; }
.words li { counter-increment: word; display: flex; align-items: baseline; overflow-wrap: anywhere; }
.words li::before { content: counter(word); flex: none; width: 1.6rem; margin-right: .4rem; text-align: right; font-size: .75rem; color: var(--soft); }
.tree, .tree ul { list-style: none; margin: 0; padding: 0; }
.tree > li { margin: .8rem 0 1.2rem; }
.tree ul { margin-left: .5rem; border-left: 2px solid var(--rule); }
.tree ul > li { position: relative; padding: .25rem 0 .25rem 1.5rem; }
.tree ul > li::before { content: ""; position: absolute; left: 0; top: .95rem; width: 1rem; border-top: 2px solid var(--rule); }
.tree ul > li:last-child::after { content: ""; position: absolute; left: -2px; top: calc(.95rem + 2px); bottom: 0; border-left: 2px solid var(--paper); }
.tree .when { display: block; }
.when { color: var(--soft); font-variant-numeric: tabular-nums; }
.axis, .timeline > li { display: grid; grid-template-columns: 15.5rem 12rem minmax(0, 1fr); gap: 0 1rem; align-items: center; }
.axis > svg { grid-column: 3; }
.axis text { fill: var(--soft); font-size: 12px; }
.timeline { list-style: none; margin: 0; padding: 0; font-size: .9rem; }
.timeline .what { font-size: .8rem; white-space: nowrap; }
.timeline > li { border-bottom: 1px solid var(--rule); }
.timeline svg, .axis svg { display: block; overflow: visible; }
.timeline line { stroke: var(--rule); stroke-width: 1; }
.band { fill: var(--band); }
.bar { fill: var(--bar); }
.bar.main { fill: var(--main); }
footer { margin-top: 3rem; padding-top: .8rem; border-top: 1px solid var(--rule); color: var(--soft); font-size: .9rem; }
@media (max-width: 46rem) {
  dl > div { grid-template-columns: minmax(0, 1fr); }
  .card { grid-template-columns: minmax(0, 1fr); padding: .8rem; }
  .qr { margin-top: .8rem; }
  .groups { grid-template-columns: repeat(4, max-content); }
  .words { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .axis, .timeline > li { grid-template-columns: minmax(0, 1fr); }
  .axis > svg { grid-column: 1; }
  .timeline > li { padding-top: .3rem; }
  table, tbody, tr, th, td { display: block; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  caption { display: block; }
  tr { padding: .5rem 0; border-bottom: 1px solid var(--rule); }
  th, td { padding: .1rem 0; border: 0; overflow-wrap: anywhere; }
  th::before, td::before { content: attr(data-label) ": "; color: var(--soft); }
}
@media print {
  :root { --ink: #000; --soft: #444; --rule: #bbb; --faint: #fff; --paper: #fff; --main: #1f3f77; --bar: #7d99c8; --band: #e4ebd6; --warn: #8a2d0c; }
  html { font-size: 9.5pt; }
  body { max-width: none; padding: 0; }
  .card { grid-template-columns: minmax(0, 1fr) 11rem; }
  nav { display: none; }
  h2 { break-after: avoid; }
  .card, tr, li, pre, dl > div { break-inside: avoid; }
}
`;
