// What runtime-client adds to a `create` of runc, beside what go-runc adds to it: all of them in long-lived processes, timed from the call
// to its answer.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

import { buildSync } from 'esbuild';

import { compileC, compileGo, measureRun, root } from './programs.mjs';
import { specOfSize } from './specs.mjs';
import { interleave, ratioOf, spreadOf } from './statistics.mjs';

const ROUNDS = 150;

export async function bench({ work, isRoot, findProgram, log }) {
  const title = 'A client: create';
  const runc = findProgram('runc');
  if (!isRoot || runc === undefined) {
    return { title, note: ['Not measured: it needs root and runc.'], rows: [], targets: [] };
  }
  const c = compileC(work);
  const state = join(work, 'state');
  const bundle = bundleOf(work, c.empty);
  const goRunc = compileGo(work)?.goRunc;
  const go = goRunc && caller(spawn(goRunc, [runc, state], { stdio: ['pipe', 'pipe', 'inherit'] }));
  const { Container, ContainerStore, RuntimeClient, setChildSubreaper } = await load(work);
  const client = new RuntimeClient({ runtime: runc, root: state });
  const store = new ContainerStore({ root: join(work, 'store') });
  await client.version();

  let count = 0;
  /** Times one way to create a container, which is gone afterwards. */
  const timed =
    (create, remove = removeByRuntime) =>
    async () => {
      const id = `bench-${process.pid}-${count++}`;
      const { milliseconds, made } = await create(id, join(work, 'pid'));
      await remove(id, made);
      return milliseconds;
    };
  const removeByRuntime = (id) => spawnSync(runc, ['--root', state, 'delete', '--force', id]);
  const inNode = (act) => async (id, pidFile) => {
    const begin = performance.now();
    const made = await act(id, pidFile);
    return { milliseconds: performance.now() - begin, made };
  };
  const args = (id, pidFile) => ['--root', state, 'create', '--bundle', bundle, '--pid-file', pidFile, id];
  const inGo = (how) => async (id, pidFile) => ({
    milliseconds: Number(await go(`${how} ${id} ${bundle} ${pidFile}`)) / 1000,
  });

  log(`${ROUNDS} rounds`);
  const results = await interleave(
    {
      'runc, from C': timed(async (id, pidFile) => ({
        milliseconds: measureRun(c.timedRun, [runc, ...args(id, pidFile)], process.env).wall,
      })),
      'runc, from Node.js (spawn)': timed(
        inNode((id, pidFile) => once(spawn(runc, args(id, pidFile), { stdio: 'ignore' }), 'exit')),
      ),
      'RuntimeClient.create': timed(inNode((id, pidFile) => client.create(id, { bundle, pidFile }))),
      'Container.create, with its record': timed(
        inNode((id) => Container.create(client, { id, bundle, store })),
        (_id, container) => container.destroy(),
      ),
      ...(go && {
        'runc, from Go (os/exec)': timed(inGo('bare')),
        'go-runc: Create': timed(inGo('client')),
      }),
    },
    ROUNDS,
  );
  setChildSubreaper(false);
  go?.end();
  const bare = results['runc, from C'];
  const rows = Object.entries(results).map(([name, times]) => ({
    name,
    ...spreadOf(times),
    ratio: ratioOf(times, bare),
  }));
  const added = (name, base) => ratioOf(results[name], results[base]);
  return {
    title,
    note: go ? [] : ['go-runc is not compared: it needs `go` and golang-github-containerd-go-runc-dev.'],
    rows,
    targets: [
      {
        what: '`RuntimeClient.create`, in creates of runc by spawn',
        value: added('RuntimeClient.create', 'runc, from Node.js (spawn)'),
        atMost: 1.1,
      },
      ...(go
        ? [
            {
              what: '`RuntimeClient.create`, in creates by go-runc',
              value: added('RuntimeClient.create', 'go-runc: Create'),
              atMost: 1.25,
            },
          ]
        : []),
    ],
  };
}

function bundleOf(work, program) {
  const bundle = join(work, 'bundle');
  for (const folder of ['proc', 'bin']) mkdirSync(join(bundle, 'rootfs', folder), { recursive: true });
  copyFileSync(program, join(bundle, 'rootfs/bin/true'));
  writeFileSync(join(bundle, 'config.json'), JSON.stringify(specOfSize(20_000)));
  return bundle;
}

/** Asks a process by a line, which it answers with one. */
function caller(process) {
  const answers = createInterface({ input: process.stdout })[Symbol.asyncIterator]();
  const ask = async (line) => {
    process.stdin.write(`${line}\n`);
    return (await answers.next()).value;
  };
  return Object.assign(ask, { end: () => process.stdin.end() });
}

async function load(work) {
  const outfile = join(work, 'client.mjs');
  buildSync({
    stdin: {
      contents: `export * from '@opencontainers-ts/runtime-client';
        export { setChildSubreaper } from '@opencontainers-ts/exec-native';`,
      resolveDir: join(root, 'packages/runtime-client'),
    },
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
  });
  copyFileSync(join(root, 'packages/exec-native/dist/exec_native.node'), join(work, 'exec_native.node'));
  return import(pathToFileURL(outfile).href);
}
