import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

import { bundleOf, specOf, TRIGGER } from './bundle.js';
import { busyboxRoot } from './kubelet-volume.js';
import { describeWith, exchangePaths, program } from './programs.js';
import { ORIGIN, startable } from './rooted-bundle.js';
import { runProgram } from './run-program.js';
import { atEnd, mount, scratchFolder } from './scratch.js';

/** Thousands take minutes: docs/reliability.md says of how many its figures are. */
const IN_TESTS = 100;
const STARTS = Number(process.env['OCIWRAP_RACE_STARTS'] ?? IN_TESTS);

/** How long each of the two is in its place, in microseconds: the wrapper's looks and the runtime's lie milliseconds apart. */
const MEAN = 1500;

/** Where a volume lies, and what is put in its place while containers start. */
interface Place {
  readonly title: string;
  /** Makes both: the source of the mount, and the two paths that are exchanged. */
  readonly make: (podUid: string) => {
    readonly source: string;
    readonly paths: readonly [string, string];
    readonly config: string;
  };
}

function rootWithOrigin(origin: string): string {
  const folder = busyboxRoot(origin);
  writeFileSync(join(folder, ORIGIN), `${origin}\n`);
  return folder;
}

const places: readonly Place[] = [
  {
    // Whoever shares the folder of a hostPath provisioner may rename what lies in it.
    title: 'a child of a folder of hostPath volumes, and a link that leads outside',
    make: () => {
      const folder = scratchFolder('provisioner');
      const [volume, other] = [join(folder, 'pvc-race'), join(folder, 'other')];
      runProgram('cp', ['-a', rootWithOrigin('volume'), volume]);
      symlinkSync(rootWithOrigin('outside'), other);
      return {
        source: volume,
        paths: [volume, other],
        config: `[volumes]\nhost-path-folders = [${JSON.stringify(folder)}]\n`,
      };
    },
  },
  {
    // That takes a privileged process.
    title: 'a folder of the kubelet, and another one with the same layout',
    make: (podUid) => {
      const volumes = `/var/lib/kubelet/pods/${podUid}/volumes/kubernetes.io~csi`;
      const [claim, other] = ['pvc-race', 'other'].map((name) => join(volumes, name)) as [string, string];
      for (const folder of [claim, other]) {
        mkdirSync(join(folder, 'mount'), { recursive: true });
        const layout = { specVolID: 'pvc-race', volumeLifecycleMode: 'Persistent' };
        writeFileSync(join(folder, 'vol_data.json'), JSON.stringify(layout));
      }
      mount('--bind', rootWithOrigin('volume'), join(claim, 'mount'));
      // There at the end, or here.
      atEnd(() => runProgram('umount', ['--lazy', join(other, 'mount')]));
      runProgram('cp', ['-a', `${rootWithOrigin('outside')}/.`, join(other, 'mount')]);
      return { source: join(claim, 'mount'), paths: [claim, other], config: '' };
    },
  },
];

interface Counts {
  started: number;
  refused: number;
  outside: number;
}

for (const runtime of ['crun', 'runc']) {
  describeWith(
    [runtime, 'busybox'],
    `a volume that is swapped while ${runtime} starts containers on it`,
    () => {
      test.each(places)(
        '$title: none starts outside',
        async ({ make }) => {
          const podUid = `uid-race-${runtime}`;
          const { source, paths, config } = make(podUid);
          const state = scratchFolder('state');
          const settings = join(state, 'config.toml');
          writeFileSync(settings, config);
          const spec = specOf(`cat /${ORIGIN}`);
          const text = JSON.stringify({
            ...spec,
            mounts: [
              ...(spec.mounts ?? []),
              { destination: '/mnt/boot', type: 'bind', source, options: ['rbind', 'rw'] },
            ],
            annotations: { 'io.kubernetes.cri.sandbox-uid': podUid, [TRIGGER]: '/mnt/boot' },
          });
          const bundle = bundleOf(text);
          const env = {
            SGS_RUNC_PATH: program(runtime),
            OCIWRAP_LOG_FILE: '/dev/null',
            OCIWRAP_CONFIG: settings,
          };
          const run = (id: string) => {
            writeFileSync(join(bundle, 'config.json'), text);
            return runProgram(...startable('--root', join(state, 'runtime'), 'run', '--bundle', bundle, id), {
              env,
            });
          };

          expect(run('still')).toMatchObject({ status: 0, stdout: 'volume\n' });
          const swapping = spawn(exchangePaths, [String(MEAN), ...paths], {
            stdio: ['ignore', 'pipe', 'inherit'],
          });
          await once(swapping.stdout, 'data');
          const counts: Counts = { started: 0, refused: 0, outside: 0 };
          const others: string[] = [];
          for (let index = 0; index < STARTS; index += 1) {
            const { status, stdout, stderr } = run(`race-${index}`);
            if (status === 0 && stdout === 'volume\n') counts.started += 1;
            else if (stdout !== '') counts.outside += 1;
            else if (/\[ERR_(HOST_CHANGED|VOLUME_\w+|ROOT_\w+)\]/.test(stderr)) counts.refused += 1;
            else others.push(stderr);
          }
          expect(swapping.exitCode).toBeNull();
          swapping.kill();
          await once(swapping, 'close');
          if (STARTS > IN_TESTS) process.stderr.write(`${runtime}: ${JSON.stringify(counts)}\n`);
          expect({ outside: counts.outside, others }).toEqual({ outside: 0, others: [] });
          // How many of each depends on the machine's pace; that both are seen says that the swap hit the starts.
          expect(counts.started).toBeGreaterThan(0);
          expect(counts.refused).toBeGreaterThan(0);
        },
        3_600_000,
      );
    },
  );
}
