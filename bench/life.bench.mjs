// The calls of a container's life as containerd makes them (create, start, delete, delete --force), bare runc and the wrapper
// in front of it in turn: a container whose every call the wrapper passes on, and one that is started on a volume.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { compileC, measureRun, wrapper } from './programs.mjs';
import { mountVolume, specOfSize, volumeSource } from './specs.mjs';
import { interleave, ratioOf, spreadOf } from './statistics.mjs';

const ROUNDS = 250;

export async function bench({ work, isRoot, findProgram, log }) {
  const runc = findProgram('runc');
  if (!isRoot || runc === undefined) {
    return { title: 'A life', note: [`Not measured: it needs root and runc.`], rows: [], targets: [] };
  }
  const c = compileC(work);
  mountVolume();
  const life = lifeOf({ work, c, runc });
  const spec = specOfSize(20_000);
  const onVolume = specOfSize(20_000, { triggered: true });
  log(`${ROUNDS} rounds`);
  const results = await interleave(
    {
      'bare runc': life(runc, spec),
      'the wrapper, and runc': life(wrapper, spec),
      'the wrapper, and runc on a volume': life(wrapper, onVolume),
    },
    ROUNDS,
  );
  const rows = Object.entries(results).map(([name, times]) => ({
    name,
    ...spreadOf(times),
    ratio: ratioOf(times, results['bare runc']),
  }));
  return {
    title: 'A life: create, start, delete, delete --force',
    note: [],
    rows,
    targets: [
      { what: 'a life behind the wrapper, in lives under bare runc', value: rows[1].ratio, atMost: 1.02 },
      { what: 'a life on a volume behind the wrapper, in the same', value: rows[2].ratio, atMost: 1.05 },
    ],
  };
}

function lifeOf({ work, c, runc }) {
  const bundle = join(work, 'life');
  mkdirSync(bundle);
  for (const root of [join(bundle, 'rootfs'), volumeSource()]) {
    mkdirSync(join(root, 'proc'), { recursive: true });
    mkdirSync(join(root, 'bin'), { recursive: true });
    spawnSync('cp', [c.empty, join(root, 'bin/true')]);
  }
  const state = join(work, 'state');
  const pidFile = join(work, 'pid');
  const env = { SGS_RUNC_PATH: runc, OCIWRAP_LOG_FILE: join(work, 'log'), PATH: process.env.PATH };
  let count = 0;
  return (program, spec) => () => {
    writeFileSync(join(bundle, 'config.json'), JSON.stringify(spec));
    const id = `bench-${process.pid}-${count++}`;
    const log = ['--root', state, '--log', join(work, 'runc.log'), '--log-format', 'json'];
    const call = (...args) => measureRun(c.timedRun, [program, ...log, ...args], env).wall;
    let total = call('create', '--bundle', bundle, '--pid-file', pidFile, id);
    total += call('start', id);
    waitForEnd(Number(readFileSync(pidFile, 'utf8')));
    total += call('delete', id);
    return total + call('delete', '--force', id);
  };
}

/** Waits until a process is gone, or is only waited for by its parent. */
function waitForEnd(pid) {
  for (;;) {
    try {
      if (/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))) return;
    } catch {
      return;
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
  }
}
