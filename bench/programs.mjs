// The programs of the benchmarks: compiled here, and how one run of any of them is measured.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

const here = import.meta.dirname;
export const root = join(here, '..');
export const dist = join(root, 'dist/ociwrap');
export const wrapper = join(dist, 'bin/oci-runtime-wrapper');
export const ociwrap = join(dist, 'bin/ociwrap');

function run(program, args, options = {}) {
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8', ...options });
  if (error !== undefined || status !== 0) {
    throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? stderr}`);
  }
}

/** The C programs of native/, static. */
export function compileC(folder) {
  const compile = (name) => {
    const program = join(folder, name);
    run('gcc', ['-static', '-Os', '-s', '-Wall', '-o', program, join(here, `native/${name}.c`)]);
    return program;
  };
  return { timedRun: compile('timed-run'), standIn: compile('stand-in'), empty: compile('empty') };
}

/** The programs in Go; undefined where there is no Go. */
export function compileGo(folder) {
  if (spawnSync('go', ['version']).error !== undefined) {
    return undefined;
  }
  const cache = join(folder, 'go-cache');
  mkdirSync(cache, { recursive: true });
  const compile = (name) => {
    const program = join(folder, name);
    const env = {
      ...process.env,
      GOCACHE: cache,
      GOFLAGS: '-mod=mod',
      GO111MODULE: 'off',
      GOPATH: '/usr/share/gocode',
    };
    run('go', ['build', '-ldflags=-s -w', '-o', program, 'main.go'], { cwd: join(here, name), env });
    return program;
  };
  const hasGoRunc = existsSync('/usr/share/gocode/src/github.com/containerd/go-runc');
  return {
    empty: compile('go-empty'),
    wrapper: compile('go-wrapper'),
    goRunc: hasGoRunc ? compile('go-runc') : undefined,
  };
}

/** One run: milliseconds of wall time to its end and to the stand-in's first instruction, peak memory in KiB. */
export function measureRun(timedRun, [program, ...args], env = {}) {
  const { stdout } = spawnSync(timedRun, [program, ...args], { env, encoding: 'utf8' });
  const [wall, first, peak, status] = stdout.split(' ').map(Number);
  if (status !== 0) {
    throw new Error(`${program} ${args.join(' ')}: status ${status}`);
  }
  return { wall: wall / 1000, first: first / 1000, peak };
}
