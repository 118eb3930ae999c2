// What a patch costs, as a multiple of JSON.parse of the same text: node bench/splice.mjs
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';

const folder = mkdtempSync(join(tmpdir(), 'bench-splice-'));
const outfile = join(folder, 'spec.mjs');
const entry = fileURLToPath(new URL('../packages/spec/src/index.ts', import.meta.url));
buildSync({ entryPoints: [entry], outfile, bundle: true, format: 'esm', platform: 'node' });
const { SpecDocument } = await import(pathToFileURL(outfile));
rmSync(folder, { recursive: true });

/** A configuration as containerd writes it, with so many mounts. */
function makeConfig(mountCount) {
  const mount = (i) => ({
    destination: `/var/lib/data/volume-${i}`,
    type: 'bind',
    source: `/var/lib/kubelet/pods/4f6c1d3e/volumes/kubernetes.io~csi/pvc-${i}/mount`,
    options: ['rbind', 'rprivate', 'rw'],
  });
  return {
    ociVersion: '1.2.0',
    process: {
      user: { uid: 0, gid: 0 },
      args: ['/bin/sh', '-c', 'sleep infinity'],
      env: Array.from({ length: 60 }, (_, i) => `SERVICE_${i}_PORT=tcp://10.96.0.${i}:443`),
      cwd: '/',
      rlimits: [{ type: 'RLIMIT_NOFILE', hard: 1048576, soft: 1048576 }],
    },
    root: { path: 'rootfs' },
    mounts: Array.from({ length: mountCount }, (_, i) => mount(i)),
    annotations: { 'io.kubernetes.cri.container-type': 'container', 'sgs.snucse.org/os-volume': 'pvc-1' },
    linux: {
      seccomp: {
        defaultAction: 'SCMP_ACT_ERRNO',
        syscalls: [
          { names: Array.from({ length: 300 }, (_, i) => `syscall_${i}`), action: 'SCMP_ACT_ALLOW' },
        ],
      },
      maskedPaths: ['/proc/kcore', '/proc/keys'],
    },
  };
}

const rewrite = [
  {
    op: 'replace',
    path: '/root/path',
    value: '/var/lib/kubelet/pods/4f6c1d3e/volumes/kubernetes.io~csi/pvc-1/mount',
  },
  { op: 'add', path: '/root/readonly', value: false },
  { op: 'remove', path: '/mounts/1' },
  { op: 'add', path: '/annotations/sgs.snucse.org~1original-root', value: 'rootfs' },
  { op: 'add', path: '/annotations/sgs.snucse.org~1boot-volume-active', value: 'true' },
];
const removals = Array.from({ length: 20 }, () => ({ op: 'remove', path: '/mounts/1' }));
const scope = ['/annotations', '/mounts', '/root'];

/** Milliseconds of the fastest call, once the compiler has seen it: what else the machine does only ever adds. */
function measure(work, rounds) {
  for (let i = 0; i < rounds; i += 1) {
    work();
  }
  const times = Array.from({ length: rounds }, () => {
    const start = process.hrtime.bigint();
    work();
    return Number(process.hrtime.bigint() - start) / 1e6;
  });
  return Math.min(...times);
}

for (const [label, mountCount, indent, rounds] of [
  ['20 KB', 60, 0, 2000],
  ['2 MB', 10_000, 0, 40],
  ['2 MB, indented', 7_000, 2, 40],
]) {
  const bytes = new TextEncoder().encode(JSON.stringify(makeConfig(mountCount), null, indent));
  const text = new TextDecoder().decode(bytes);
  const base = measure(() => JSON.parse(text), rounds);
  const rows = {
    'JSON.parse': () => JSON.parse(text),
    'SpecDocument.parse': () => SpecDocument.parse(bytes),
    'parse, 5 operations': () => SpecDocument.parse(bytes).apply(rewrite),
    'parse, 20 removals': () => SpecDocument.parse(bytes).apply(removals),
    'parse, readings, findings in scope, 5 operations': () => {
      const document = SpecDocument.parse(bytes);
      document.readings(['annotations', 'sgs.snucse.org/os-volume']);
      document.structureFindings(scope);
      document.apply(rewrite);
    },
    'parse, findings of the whole document': () => SpecDocument.parse(bytes).structureFindings(),
  };
  console.log(`${label} (${bytes.length} bytes)`);
  for (const [name, work] of Object.entries(rows)) {
    const time = measure(work, rounds);
    console.log(
      `  ${name.padEnd(50)} ${time.toFixed(3).padStart(9)} ms ${(time / base).toFixed(2).padStart(6)}x`,
    );
  }
}
