// What the library costs, warm: parse, plan and splice, as multiples of JSON.parse of the same text; and how it grows.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { buildSync } from 'esbuild';

import { root } from './programs.mjs';
import { specOfSize, specWithMounts } from './specs.mjs';
import { interleave, median, ratioOf, spreadOf } from './statistics.mjs';

export async function bench({ work, log }) {
  const library = await load(work);
  const sizes = {
    '20 KB of variables': specOfSize(20_000, { triggered: true }),
    '2 MB of variables': specOfSize(2_000_000, { triggered: true }),
    '20 MB of variables': specOfSize(20_000_000, { triggered: true }),
    '10 mounts': specWithMounts(10),
    '100 mounts': specWithMounts(100),
    '1,000 mounts': specWithMounts(1000),
    '10,000 mounts': specWithMounts(10_000),
  };
  const rows = [];
  for (const [name, spec] of Object.entries(sizes)) {
    log(name);
    for (const row of await measure(library, spec)) rows.push({ ...row, name: `${name}: ${row.name}` });
  }
  const row = (name) => rows.find((each) => each.name === `${name}: plan and splice`);
  const perByte = (name) => row(name).median / row(name).bytes;
  return {
    title: 'The library, warm: parse, plan, splice',
    note: [],
    rows,
    targets: [
      { what: 'in JSON.parse of the same text, 20 KB', value: row('20 KB of variables').ratio, atMost: 3 },
      { what: 'in JSON.parse of the same text, 2 MB', value: row('2 MB of variables').ratio, atMost: 3 },
      {
        what: 'time per byte at 20 MB, against 20 KB',
        value: perByte('20 MB of variables') / perByte('20 KB of variables'),
        atMost: 2,
      },
      {
        what: 'time per byte with 10,000 mounts, against 100',
        value: perByte('10,000 mounts') / perByte('100 mounts'),
        atMost: 2,
      },
    ],
  };
}

async function load(work) {
  const outfile = join(work, 'library.mjs');
  buildSync({
    stdin: {
      contents: `export { SpecDocument } from '@opencontainers-ts/runtime-spec';
        export { mayClaim, planRewrite, pvcRootfs } from '@opencontainers-ts/rootfs-rewriter';`,
      resolveDir: join(root, 'packages/cli'),
    },
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
  });
  return import(pathToFileURL(outfile).href);
}

async function measure({ SpecDocument, mayClaim, planRewrite, pvcRootfs }, spec) {
  const text = JSON.stringify(spec);
  const bytes = new TextEncoder().encode(text);
  const rules = [pvcRootfs()];
  const call = { verb: 'create', bundle: '/bundle' };
  const plan = () => {
    if (!mayClaim(bytes, rules)) throw new Error('no trigger');
    const made = planRewrite(SpecDocument.parse(bytes), rules, call, host);
    if (made.decision !== 'rewrite') throw new Error(`${made.decision}: ${made.refusal?.message}`);
    return made;
  };
  const { patch } = plan();
  const timed = (work) => () => {
    const begin = process.hrtime.bigint();
    work();
    return Number(process.hrtime.bigint() - begin) / 1e6;
  };
  const rounds = Math.max(15, Math.min(1500, Math.round(3e7 / bytes.length)));
  const results = await interleave(
    {
      parse: timed(() => JSON.parse(text)),
      splice: timed(() => SpecDocument.parse(bytes).apply(patch)),
      plan: timed(plan),
    },
    rounds,
    rounds >> 1,
  );
  const rowOf = (name, values) => ({
    name,
    bytes: bytes.length,
    ...spreadOf(values),
    parse: median(results.parse),
    ratio: ratioOf(values, results.parse),
  });
  return [rowOf('splice', results.splice), rowOf('plan and splice', results.plan)];
}

/** A machine on which every volume is mounted and nothing is in the way: the library alone is measured. */
const host = {
  lstat: () => ({ dev: 1n, ino: 1n, type: 'directory' }),
  realpath: (path) => path,
  readFile: () => undefined,
  mountInfo: () => [],
  resolveBeneath: (folder, path) => ({ path: `${folder}/${path}`, dev: 1n, ino: 1n, isMountRoot: true }),
};
