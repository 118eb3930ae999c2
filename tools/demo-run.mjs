// The steps of the demo. It runs in a mount namespace of its own and in a work folder that is removed afterwards.
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import { libraryPath } from './debian-programs.mjs';
import { root, step } from './workspace.mjs';

const podUid = '3c1f6e0a-9a0e-4c53-8a37-0d9f4b7a5b11';
const volume = 'pvc-7d2f9f4e-51e0-4a6c-9a43-2f6f0b1c8d55';
const kubelet = '/var/lib/kubelet';
const volumeMount = `${kubelet}/pods/${podUid}/volumes/kubernetes.io~csi/${volume}/mount`;
const bin = join(root, 'dist/ociwrap/bin');

const script = `
echo "  root file system: $(grep -m1 ' / ' /proc/self/mountinfo | cut -d' ' -f4), inode $(stat -c %d:%i /)"
if [ -c /dev/demo ]; then echo "  a device that CDI brought: /dev/demo"; fi
if [ -f /visits ]; then echo "  an earlier start left here: $(cat /visits)"; fi
echo "written by $CONTAINER" >> /visits
`;

/** @returns whether everything was as it should be */
export function runDemo(work, { busybox, runtime, recording }) {
  makeVolume(work, busybox);
  const outputs = ['first', 'second'].map((name) => startContainer(work, name, { runtime, recording }));
  step('what was seen');
  const checks = recording
    ? [
        [
          'the runtime was called as the engine called us',
          recordedCalls(work).every((argv) => argv.includes('run')),
        ],
      ]
    : [
        [
          'the root of both containers is the volume',
          outputs.every((text) => text.includes(`inode ${inode(join(work, 'disk'))}\n`)),
        ],
        ['the second start sees the file that the first one wrote', outputs[1].includes('written by first')],
        ['the second start has the device that CDI brought', outputs[1].includes('CDI brought: /dev/demo')],
        [
          'the file is on the volume',
          readFileSync(join(work, 'disk/visits'), 'utf8') === 'written by first\nwritten by second\n',
        ],
      ];
  for (const [what, holds] of checks) {
    console.log(`${holds ? 'yes' : 'NO '}  ${what}`);
  }
  spawnSync('umount', ['--lazy', volumeMount]);
  return checks.every(([, holds]) => holds);
}

/** As the container prints it: a path in mountinfo begins at the root of a file system, and /tmp may be one. */
function inode(folder) {
  const { dev, ino } = statSync(folder);
  return `${dev}:${ino}`;
}

/** A claim as the kubelet lays it out: a folder of the node, mounted beneath the pod's own folder. */
function makeVolume(work, busybox) {
  step(`a PVC, mounted where the kubelet mounts it: ${volumeMount}`);
  const disk = join(work, 'disk');
  for (const folder of ['bin', 'proc', 'dev', 'sys', 'etc', 'tmp']) {
    mkdirSync(join(disk, folder), { recursive: true });
  }
  copyFileSync(busybox, join(disk, 'bin/busybox'));
  for (const applet of ['sh', 'cat', 'grep', 'cut', 'stat']) {
    symlinkSync('busybox', join(disk, 'bin', applet));
  }
  // Only this mount namespace sees it: the machine's /var/lib is as it was.
  must('mount', ['-t', 'tmpfs', 'demo', existsSync(kubelet) ? kubelet : '/var/lib']);
  mkdirSync(volumeMount, { recursive: true });
  must('mount', ['--bind', disk, volumeMount]);
}

function startContainer(work, name, { runtime, recording }) {
  step(`${name} start`);
  const bundle = join(work, name);
  const config = join(bundle, 'config.json');
  mkdirSync(join(bundle, 'rootfs'), { recursive: true });
  const spec = `${JSON.stringify(specOf(name), null, 2)}\n`;
  // In a user namespace /tmp belongs to nobody, whose CDI specs are refused.
  writeFileSync(config, name === 'first' || recording ? spec : withDevice(work, spec));
  copyFileSync(config, join(bundle, 'before.json'));

  const env = {
    PATH: process.env.PATH,
    SGS_RUNC_PATH: runtimeFor(work, runtime),
    OCIWRAP_LOG_FILE: join(work, 'wrapper.log'),
    LD_LIBRARY_PATH: libraryPath(),
  };
  const args = [
    '--root',
    join(work, 'state'),
    'run',
    '--bundle',
    bundle,
    `ociwrap-demo-${name}-${process.pid}`,
  ];
  console.log(`$ oci-runtime-wrapper ${args.join(' ')}`);
  const { stdout, stderr, status } = spawnSync(join(bin, 'oci-runtime-wrapper'), args, {
    env,
    encoding: 'utf8',
  });
  process.stdout.write(stdout + stderr);
  if (status !== 0) {
    throw new Error(`the container ended with status ${status}`);
  }
  if (name === 'first') {
    step('what the wrapper changed in config.json');
    const { stdout: diff } = spawnSync('diff', ['-u', 'before.json', 'config.json'], {
      cwd: bundle,
      encoding: 'utf8',
    });
    process.stdout.write(diff);
    step('what the wrapper logged');
    process.stdout.write(readFileSync(env.OCIWRAP_LOG_FILE, 'utf8'));
  }
  return stdout;
}

/** A device of the node's, injected by hand: on a node, the rule `cdi-devices` does it for containers that ask. */
function withDevice(work, spec) {
  const folder = join(work, 'cdi');
  mkdirSync(folder);
  const devices = [
    { name: '0', containerEdits: { deviceNodes: [{ path: '/dev/demo', hostPath: '/dev/null' }] } },
  ];
  writeFileSync(
    join(folder, 'demo.json'),
    JSON.stringify({ cdiVersion: '0.5.0', kind: 'example.org/device', devices }),
  );
  const args = ['cdi', 'inject', '--spec-dir', folder, '--device', 'example.org/device=0'];
  console.log(`$ ociwrap ${args.join(' ')} < config.json`);
  return must(join(bin, 'ociwrap'), args, { input: spec });
}

/** The recording runtime keeps its record beside itself, so it gets a place of its own. */
function runtimeFor(work, runtime) {
  if (!runtime.endsWith('recording-runtime')) {
    return runtime;
  }
  const copy = join(work, 'runtime');
  if (!existsSync(copy)) {
    copyFileSync(runtime, copy);
  }
  return copy;
}

function recordedCalls(work) {
  const lines = readFileSync(join(work, 'runtime.record.json'), 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line).argv);
}

/** What containerd hands to the runtime for a pod with the annotation and the claim mounted somewhere, in short. */
function specOf(name) {
  return {
    ociVersion: '1.0.2',
    process: {
      user: { uid: 0, gid: 0 },
      args: ['/bin/sh', '-c', script],
      env: ['PATH=/bin', `CONTAINER=${name}`],
      cwd: '/',
      noNewPrivileges: true,
    },
    root: { path: 'rootfs' },
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc' },
      { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'mode=755'] },
      { destination: '/mnt/boot', type: 'bind', source: volumeMount, options: ['rbind', 'rprivate', 'rw'] },
    ],
    annotations: {
      'io.kubernetes.cri.container-type': 'container',
      'io.kubernetes.cri.sandbox-uid': podUid,
      'sgs.snucse.org/os-volume': '/mnt/boot',
    },
    linux: {
      namespaces: [{ type: 'pid' }, { type: 'ipc' }, { type: 'uts' }, { type: 'mount' }, { type: 'network' }],
    },
  };
}

function must(program, args, { input } = {}) {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', input });
  if (status !== 0) {
    throw new Error(`${program} ${args.join(' ')}: ${stderr.trim()}`);
  }
  return stdout;
}
