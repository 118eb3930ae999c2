// The calls of a container's life as containerd makes them (create, start, delete, delete --force), bare runc and the wrapper
// in front of it in turn: an untriggered container, whose every call the wrapper passes on.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { compileC, measureRun, wrapper } from './programs.mjs';
import { specOfSize } from './specs.mjs';
import { interleave, ratioOf, spreadOf } from './statistics.mjs';

const ROUNDS = 250;

export function bench({ work, isRoot, findProgram, log }) {
  const runc = findProgram('runc');
  if (!isRoot || runc === undefined) {
    return { title: 'A life', note: [`Not measured: it needs root and runc.`], rows: [], targets: [] };
  }
  const c = compileC(work);
  const life = lifeOf({ work, c, runc });
  log(`${ROUNDS} rounds`);
  const results = interleave({ 'bare runc': life(runc), 'the wrapper, and runc': life(wrapper) }, ROUNDS);
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
    ],
  };
}

function lifeOf({ work, c, runc }) {
  const bundle = join(work, 'life');
  mkdirSync(join(bundle, 'rootfs/proc'), { recursive: true });
  mkdirSync(join(bundle, 'rootfs/bin'));
  spawnSync('cp', [c.empty, join(bundle, 'rootfs/bin/true')]);
  writeFileSync(join(bundle, 'config.json'), JSON.stringify(specOfSize(20_000)));
  const state = join(work, 'state');
  const pidFile = join(work, 'pid');
  const env = { SGS_RUNC_PATH: runc, OCIWRAP_LOG_FILE: join(work, 'log'), PATH: process.env.PATH };
  let count = 0;
  return (program) => () => {
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
