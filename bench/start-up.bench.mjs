// What a call costs before the runtime's first instruction: wall time of the whole process, as a ratio to the bundled
// Node.js running an empty file. All are run in turn, round after round, so that the machine's noise meets all alike.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const root = dirname(import.meta.dirname);
const dist = join(root, 'dist/ociwrap');
const rounds = 60;
const work = mkdtempSync(join(tmpdir(), 'ociwrap-bench-'));

try {
  main();
} finally {
  rmSync(work, { recursive: true });
}

function main() {
  const runtime = compile('empty', 'int main(void) { return 0; }');
  const emptyFile = join(work, 'empty.cjs');
  writeFileSync(emptyFile, '');
  const bundle = work;
  writeFileSync(join(bundle, 'config.json'), JSON.stringify(specOfSize(20_000)));
  const wrapper = join(dist, 'bin/oci-runtime-wrapper');
  const env = { SGS_RUNC_PATH: runtime, OCIWRAP_LOG_FILE: join(work, 'log') };

  const cases = {
    'the runtime alone (an empty static C program)': () => spawnSync(runtime, ['state', 'x'], { env }),
    'bundled Node.js, empty file': () => spawnSync(join(dist, 'lib/node'), [emptyFile], { env: {} }),
    'wrapper, state': () => spawnSync(wrapper, ['state', 'x'], { env }),
    'wrapper, create of 20 KB without a trigger': () =>
      spawnSync(wrapper, ['create', '-b', bundle, 'x'], { env }),
  };
  const times = Object.fromEntries(Object.keys(cases).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, start] of Object.entries(cases)) {
      const begin = process.hrtime.bigint();
      const { status } = start();
      times[name].push(Number(process.hrtime.bigint() - begin) / 1e6);
      if (status !== 0) {
        throw new Error(`${name}: status ${status}`);
      }
    }
  }
  const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];
  const base = median(times['bundled Node.js, empty file']);
  for (const [name, values] of Object.entries(times)) {
    console.log(
      `${median(values).toFixed(2).padStart(8)} ms  ${(median(values) / base).toFixed(2)} ×  ${name}`,
    );
  }
}

function compile(name, source) {
  const program = join(work, name);
  writeFileSync(`${program}.c`, source);
  spawnSync('gcc', ['-static', '-Os', '-o', program, `${program}.c`], { stdio: 'inherit' });
  return program;
}

/** A spec as an engine writes it, padded with environment to the size. */
function specOfSize(bytes) {
  const spec = {
    ociVersion: '1.0.2',
    process: { args: ['sh'], cwd: '/', env: [], user: { uid: 0, gid: 0 } },
    root: { path: 'rootfs' },
    mounts: [{ destination: '/proc', type: 'proc', source: 'proc' }],
    linux: { namespaces: [{ type: 'mount' }] },
  };
  while (JSON.stringify(spec).length < bytes) {
    spec.process.env.push(`VARIABLE_${spec.process.env.length}=some value of a usual length`);
  }
  return spec;
}
