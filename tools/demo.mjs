// Does the main job for real: a container whose root file system is a PVC, started twice through the wrapper.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { demoPrograms } from './debian-programs.mjs';
import { runDemo } from './demo-run.mjs';
import { buildPackage } from './package.mjs';
import { root, step } from './workspace.mjs';

if (process.argv[2] === '--inside') {
  const work = mkdtempSync(join(tmpdir(), 'ociwrap-demo-'));
  try {
    process.exitCode = runDemo(work, JSON.parse(process.argv[3])) ? 0 : 1;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
} else {
  outside();
}

/**
 * Builds, then starts over in a mount namespace of its own: what is mounted there ends with it, and the machine
 * never sees it. In a user namespace, where there is no root, a runtime cannot start a container of ours.
 */
function outside() {
  buildPackage();
  const { runc, busybox } = demoPrograms();
  if (busybox === undefined) {
    console.error('no busybox is to be had: install busybox-static');
    process.exit(1);
  }
  const isRoot = process.getuid() === 0;
  const recording = !isRoot || runc === undefined;
  if (recording) {
    const why = isRoot ? 'there is no runc to be had' : 'you are not root';
    step(`${why}: the same run up to the exec, with a runtime that records how it was called`);
  }
  const runtime = recording ? join(root, 'packages/launcher/dist/programs/recording-runtime') : runc;
  const namespace = isRoot ? ['--mount'] : ['--user', '--map-root-user', '--mount'];
  const command = [
    process.execPath,
    import.meta.filename,
    '--inside',
    JSON.stringify({ busybox, runtime, recording }),
  ];
  const { status, error } = spawnSync('unshare', [...namespace, '--propagation', 'private', ...command], {
    stdio: 'inherit',
  });
  if (status !== 0) {
    console.error(`the demo failed: ${error?.message ?? `status ${status}`}`);
    process.exit(1);
  }
}
