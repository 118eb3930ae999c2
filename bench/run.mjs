// Runs the benchmarks named by the arguments, or all, and prints what they found; with --write it goes into
// docs/performance.md and docs/performance.svg, too. `npm run bench` starts this in namespaces of its own.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, release, tmpdir } from 'node:os';
import { join } from 'node:path';

import { findProgram } from '../tools/debian-programs.mjs';
import { root } from './programs.mjs';
import { asMarkdown, asPlot, asText } from './report.mjs';

const write = process.argv.includes('--write');
const chosen = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const names = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith('.bench.mjs'))
  .map((name) => name.replace('.bench.mjs', ''))
  .filter((name) => chosen.length === 0 || chosen.includes(name));

const isRoot = process.getuid() === 0;
// Engines keep bundles in /run, which is memory; as root it is one of our own (tools/bench.mjs).
const folder = isRoot ? '/run' : tmpdir();
const sections = [];
for (const name of names) {
  const work = mkdtempSync(join(folder, 'ociwrap-bench-'));
  const log = (text) => console.error(`${name}: ${text}`);
  try {
    const { bench } = await import(`./${name}.bench.mjs`);
    const section = await bench({ work, isRoot, findProgram, log });
    console.log(asText(section));
    sections.push({ name, ...section });
  } finally {
    rmSync(work, { recursive: true });
  }
}

if (write) {
  for (const section of sections) writeSection(section);
  const startUp = sections.find(({ name }) => name === 'start-up');
  if (startUp !== undefined) writeFileSync(join(root, 'docs/performance.svg'), asPlot(startUp));
}

/** Replaces what stands between the marks of the section in docs/performance.md. */
function writeSection(section) {
  const file = join(root, 'docs/performance.md');
  const text = readFileSync(file, 'utf8');
  const [begin, end] = [`<!-- ${section.name}: begin -->`, `<!-- ${section.name}: end -->`];
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from === -1 || to === -1) {
    throw new Error(`${file} has no place for ${section.name}`);
  }
  const machine = `Linux ${release()}, ${cpus().length} × ${cpus()[0].model}, Node.js ${process.version}.`;
  const body = `${begin}\n${asMarkdown(section)}\nMeasured on: ${machine}\n\n`;
  writeFileSync(file, text.slice(0, from) + body + text.slice(to));
}
