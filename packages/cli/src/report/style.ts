import { Html } from './html.js';

/**
 * The whole look of a report. On a narrow screen a row of a table becomes a block with the head of each column before its cell, so that
 * nothing is wider than the screen; on paper a row stays whole unless it has a patch, and the head stands on every page.
 */
export const STYLE = new Html(`
:root {
  color-scheme: light dark;
  --ground: #fbfbf9; --raised: #ffffff; --ink: #1c2126; --soft: #59626b; --line: #dcdfdd; --accent: #0b5c8a;
  --fault: #a4162a; --fault-ground: #fbe9eb; --warning: #7a4b00; --warning-ground: #fdf1d8;
  --note: #1a4f7c; --note-ground: #e6f0f9; --ok: #1d5f38; --ok-ground: #e6f3ea;
  --sans: system-ui, -apple-system, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif;
  --mono: ui-monospace, "SFMono-Regular", "Cascadia Mono", "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14181b; --raised: #1b2024; --ink: #e4e7e9; --soft: #9aa4ad; --line: #30373d; --accent: #7cc0ea;
    --fault: #ffb3bb; --fault-ground: #4a1820; --warning: #f4cf8a; --warning-ground: #43310f;
    --note: #a8d2f5; --note-ground: #17354e; --ok: #a4dcb6; --ok-ground: #173824;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--ground); color: var(--ink);
  font: 1rem/1.5 var(--sans); overflow-wrap: anywhere; font-variant-numeric: tabular-nums;
}
header, main, footer { max-width: 76rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 2rem; }
h1 { margin: 0; font-size: 1.75rem; line-height: 1.2; letter-spacing: -0.01em; }
h2 { margin: 2.75rem 0 0.75rem; font-size: 1.2rem; line-height: 1.3; }
h2 .count { color: var(--soft); font-weight: 400; }
p { margin: 0.35rem 0; max-width: 46rem; }
.soft { color: var(--soft); }
a { color: var(--accent); }
code, .mono { font-family: var(--mono); font-size: 0.86em; }
nav { margin-top: 1rem; display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; font-size: 0.92rem; }
.counts { display: flex; flex-wrap: wrap; gap: 0.5rem; margin: 1.25rem 0 0; padding: 0; list-style: none; }
.counts li { padding: 0.3rem 0.8rem; border-radius: 0.5rem; }
.counts b { font-size: 1.1rem; }
.fault { color: var(--fault); background: var(--fault-ground); }
.warning { color: var(--warning); background: var(--warning-ground); }
.note { color: var(--note); background: var(--note-ground); }
.ok { color: var(--ok); background: var(--ok-ground); }
.badge {
  display: inline-block; padding: 0.05rem 0.55rem; border-radius: 0.35rem; font-size: 0.8rem; font-weight: 600;
  white-space: nowrap; overflow-wrap: normal;
}
table {
  width: 100%; border-collapse: separate; border-spacing: 0; background: var(--raised);
  border: 1px solid var(--line); border-radius: 0.6rem; font-size: 0.94rem;
}
th, td { padding: 0.55rem 0.8rem; text-align: left; vertical-align: baseline; border-bottom: 1px solid var(--line); }
tbody tr:last-child td { border-bottom: 0; }
th { font-size: 0.8rem; font-weight: 600; color: var(--soft); white-space: nowrap; overflow-wrap: normal; }
td.level, td.key { width: 1%; white-space: nowrap; overflow-wrap: normal; }
td.key { font-family: var(--mono); font-size: 0.82rem; }
td.time { width: 1%; white-space: nowrap; }
.remedy { color: var(--soft); margin: 0.2rem 0 0; max-width: none; }
.remedy::before { content: "→ "; }
td p { max-width: none; }
td > p:first-child { margin-top: 0; }
td > p:last-child { margin-bottom: 0; }
td > dl.facts { margin-top: 0.4rem; font-size: 0.92em; gap: 0.1rem 0.9rem; }
td ul { margin: 0.2rem 0 0; padding-left: 1.1rem; }
dl.facts { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 0.3rem 1.25rem; margin: 0; }
dl.facts dt { color: var(--soft); }
dl.facts dd { margin: 0; }
pre.patch {
  margin: 0.4rem 0 0; padding: 0.5rem 0.7rem; border-radius: 0.4rem; background: var(--ground);
  font: 0.82rem/1.5 var(--mono); white-space: pre-wrap;
}
.add { color: var(--ok); } .remove { color: var(--fault); }
footer { padding: 2.5rem 1.25rem 3rem; color: var(--soft); font-size: 0.88rem; }
@media screen and (max-width: 44rem) {
  h1 { font-size: 1.45rem; }
  table, tbody, tr, td { display: block; width: 100%; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tr { padding: 0.6rem 0; border-bottom: 1px solid var(--line); }
  tbody tr:last-child { border-bottom: 0; }
  td, td.level, td.key, td.time { width: auto; padding: 0.15rem 0.8rem; border: 0; white-space: normal; overflow-wrap: anywhere; }
  td:empty { display: none; }
  td.level, td.level + td.key { display: inline-block; }
  td.level + td.key { padding-left: 0; }
  td > dl.facts { margin-top: 0.2rem; }
  td[data-head]::before { content: attr(data-head); display: block; color: var(--soft); font: 0.78rem/1.4 var(--sans); }
  dl.facts { grid-template-columns: minmax(0, 1fr); gap: 0; }
  dl.facts dd { margin-bottom: 0.5rem; }
}
@media print {
  @page { margin: 16mm 14mm; }
  :root {
    color-scheme: light;
    --ground: #fff; --raised: #fff; --ink: #000; --soft: #444; --line: #bbb; --accent: #000;
    --fault: #8f0d20; --fault-ground: #fff; --warning: #6b4200; --warning-ground: #fff;
    --note: #143f63; --note-ground: #fff; --ok: #174d2d; --ok-ground: #fff;
  }
  html { font-size: 9pt; }
  header, main, footer { max-width: none; padding-left: 0; padding-right: 0; }
  header { padding-top: 0; }
  nav { display: none; }
  h2 { break-after: avoid; margin-top: 1.6rem; }
  thead { display: table-header-group; }
  tr, .counts, dl.facts > * { break-inside: avoid; }
  .badge, .counts li { border: 1px solid currentcolor; }
  /* One with a patch may be higher than a page: kept whole, it would leave half of the page before empty. */
  tr:has(pre.patch) { break-inside: auto; }
  pre.patch { padding-left: 0; padding-right: 0; orphans: 3; widows: 3; }
  .badge, dl.facts dt, td > p { break-inside: avoid; }
  table { border-radius: 0; }
  th, td { padding: 0.4rem 0.6rem; }
}
`);
