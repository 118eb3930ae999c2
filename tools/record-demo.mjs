// Writes docs/demo.svg: what a terminal shows of two starts of a container on its volume, from a real run in namespaces of their
// own, as root. With --check it only says whether the committed picture is what a run gives.
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { demoPrograms, libraryPath } from './debian-programs.mjs';
import { terminalPicture } from './terminal-picture.mjs';
import { root } from './workspace.mjs';

const PICTURE = join(root, 'docs/demo.svg');
const BIN = join(root, 'dist/ociwrap/bin');
const POD = '3c1f6e0a-9a0e-4c53-8a37-0d9f4b7a5b11';
const VOLUMES = `/var/lib/kubelet/pods/${POD}/volumes/kubernetes.io~csi`;
const MOUNT = `${VOLUMES}/pvc-7d2f/mount`;

/** What is typed, and what is said in between. */
const SESSION = [
  '# A pod asks for its claim, which it mounts at /mnt/boot, as its root.',
  'grep os-volume first/config.json',
  '# Without ociwrap the container starts on its image,',
  'runc run --bundle plain plain',
  '# and with it on the volume.',
  'oci-runtime-wrapper run --bundle first first',
  '# The pod is started again:',
  'oci-runtime-wrapper run --bundle second second',
  '# This is what changed in config.json.',
  "diff -U0 pod.json second/config.json | grep -v '^[-+@][-+@]' | cut -c-98",
  '# Where the claim is not there, nothing starts.',
  'oci-runtime-wrapper run --bundle typo typo',
];

const SCRIPT = '. /etc/os-release; echo visit >> /visits; echo "root: $NAME, visits: $(wc -l < /visits)"';

if (process.argv[2] === '--inside') {
  process.stdout.write(JSON.stringify(record(JSON.parse(process.argv[3]))));
} else {
  const lines = recorded();
  const picture = terminalPicture(lines, {
    title: 'A container is started twice on its volume',
    columns: 100,
  });
  if (!process.argv.includes('--check')) {
    writeFileSync(PICTURE, picture);
  } else if (!existsSync(PICTURE) || readFileSync(PICTURE, 'utf8') !== picture) {
    console.error('docs/demo.svg is not what a run gives: run node tools/record-demo.mjs');
    process.exitCode = 1;
  }
}

/** The run in a mount namespace: what is mounted there ends with it, and the machine never sees it. */
function recorded() {
  const { runc, busybox } = demoPrograms();
  if (runc === undefined || busybox === undefined || process.getuid() !== 0) {
    console.error('it takes root, runc and busybox');
    process.exit(1);
  }
  const work = mkdtempSync(join(tmpdir(), 'ociwrap-demo-'));
  try {
    const options = JSON.stringify({ work, runc, busybox });
    const inside = [process.execPath, import.meta.filename, '--inside', options];
    const { status, stdout, stderr } = spawnSync(
      'unshare',
      ['--mount', '--propagation', 'private', ...inside],
      { encoding: 'utf8' },
    );
    if (status !== 0) {
      console.error(`the recording failed: ${stderr}`);
      process.exit(1);
    }
    return JSON.parse(stdout);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** @returns each line that the terminal shows, and whether it was typed */
function record({ work, runc, busybox }) {
  for (const place of ['/var/lib', '/run']) must('mount', ['-t', 'tmpfs', 'demo', place]);
  const disk = rootIn(join(work, 'disk'), busybox, 'the volume');
  mkdirSync(MOUNT, { recursive: true });
  must('mount', ['--bind', disk, MOUNT]);
  const home = '/run/demo';
  mkdirSync(home);
  writeFileSync(join(home, 'pod.json'), specText('/mnt/boot'));
  for (const [name, asked] of [
    ['plain', '/mnt/boot'],
    ['first', '/mnt/boot'],
    ['second', '/mnt/boot'],
    ['typo', '/mnt/bot'],
  ]) {
    const bundle = join(home, name);
    mkdirSync(bundle);
    rootIn(join(bundle, 'rootfs'), busybox, 'the image');
    writeFileSync(join(bundle, 'config.json'), specText(asked));
  }
  const bin = join(work, 'bin');
  mkdirSync(bin);
  symlinkSync(runc, join(bin, 'runc'));
  const env = {
    PATH: `${BIN}:${bin}:${process.env.PATH}`,
    OCIWRAP_LOG_FILE: join(home, 'log'),
    LD_LIBRARY_PATH: libraryPath(),
  };
  return SESSION.flatMap((typed) => {
    if (typed.startsWith('# ')) return [{ kind: 'comment', text: typed.slice(2) }];
    const { stdout, stderr } = spawnSync('sh', ['-c', typed], { cwd: home, env, encoding: 'utf8' });
    const lines = `${stdout}${stderr}`.trimEnd().split('\n');
    return [{ kind: 'typed', text: typed }, ...lines.map((text) => ({ kind: 'printed', text }))];
  });
}

/** A root file system of busybox that says which one it is. */
function rootIn(folder, busybox, name) {
  for (const each of ['bin', 'proc', 'dev', 'sys', 'etc', 'tmp', 'mnt/boot']) {
    mkdirSync(join(folder, each), { recursive: true });
  }
  copyFileSync(busybox, join(folder, 'bin/busybox'));
  for (const applet of ['sh', 'wc']) symlinkSync('busybox', join(folder, 'bin', applet));
  writeFileSync(join(folder, 'etc/os-release'), `NAME="${name}"\n`);
  return folder;
}

/** What containerd hands to the runtime for such a pod, in short; indented, so that a difference can be read. */
function specText(asked) {
  const spec = {
    ociVersion: '1.0.2',
    process: {
      user: { uid: 0, gid: 0 },
      args: ['/bin/sh', '-c', SCRIPT],
      env: ['PATH=/bin'],
      cwd: '/',
      noNewPrivileges: true,
    },
    root: { path: 'rootfs' },
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc' },
      { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'mode=755'] },
    ],
    annotations: {
      'io.kubernetes.cri.container-type': 'container',
      'io.kubernetes.cri.sandbox-uid': POD,
      'sgs.snucse.org/os-volume': asked,
    },
    linux: {
      namespaces: ['pid', 'ipc', 'uts', 'mount', 'network'].map((type) => ({ type })),
    },
  };
  const mount = { destination: '/mnt/boot', type: 'bind', source: MOUNT, options: ['rbind', 'rw'] };
  // A mount in a line, as a person would write it.
  return `${JSON.stringify(spec, null, 2)
    .replace(/\n {2}\],\n {2}"annotations"/, (end) => `,\n    ${JSON.stringify(mount)}${end}`)
    .replace('},\n,', '},\n')}\n`;
}

function must(program, args) {
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
}
