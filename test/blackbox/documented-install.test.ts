import { spawn } from 'node:child_process';
import { chmodSync, cpSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

import { bundleOf, specOf, withPvcRoot } from './bundle.js';
import { startContainerd } from './containerd.js';
import { runtimeService } from './cri/runtime-service.js';
import { kubeletVolume } from './kubelet-volume.js';
import { describeWith, packaged, program, root } from './programs.js';
import { recorderIn } from './recorded-calls.js';
import { runProgram } from './run-program.js';
import { scratchFolder } from './scratch.js';

/** The file that Debian's containerd comes with, but for where it keeps its things. */
const debians = () => `[plugins]
  [plugins."io.containerd.grpc.v1.cri"]
    [plugins."io.containerd.grpc.v1.cri".cni]
      bin_dir = "/usr/lib/cni"
      conf_dir = "/etc/cni/net.d"
  [plugins."io.containerd.internal.v1.opt"]
    path = "${scratchFolder('opt')}"
`;

const blocks = ['docs/gpu-nodes.md'].flatMap((page) =>
  [...readFileSync(join(root, page), 'utf8').matchAll(/^```toml\n(.*?)^```$/gms)]
    .map(([, text = '']) => text)
    .filter((text) => text.includes('[plugins.'))
    .map((text, index) => [page, index + 1, text] as const),
);

describeWith(
  ['containerd', 'ctr'],
  "what the documents tell an operator to add to containerd's configuration",
  () => {
    const answer = async (added: string) => {
      const { socket } = await startContainerd({}, `${debians()}${added}`);
      return runtimeService(socket).call('Version', {});
    };

    test('there are such blocks', () => {
      expect(blocks.map(([page]) => page)).toEqual(['docs/gpu-nodes.md', 'docs/gpu-nodes.md']);
    });

    test.each(blocks)(
      '%s, block %d: containerd serves the kubelet with it',
      async (_page, _index, text) => {
        expect(await answer(text)).toEqual({ runtime_name: 'containerd' });
        // Without the entry for runc the plugin of containerd 1 does not start, nor would any pod.
        const [first = ''] = text.split(/^# .*runc|^# Leave this out/m);
        const without = answer(first.slice(0, first.indexOf('.runtimes.runc]')));
        const { stdout: version } = runProgram(program('containerd'), ['--version']);
        if (/ v?1\.\d/.test(version)) {
          await expect(without).rejects.toThrow(/UNIMPLEMENTED/);
        } else {
          expect(await without).toEqual({ runtime_name: 'containerd' });
        }
      },
      60_000,
    );
  },
);

describeWith(['runc', 'busybox'], 'an upgrade', () => {
  function installed() {
    const opt = scratchFolder('opt');
    chmodSync(opt, 0o755);
    const link = join(opt, 'ociwrap');
    const turn = (version: string) => {
      symlinkSync(`ociwrap-${version}`, `${link}.new`);
      renameSync(`${link}.new`, link);
    };
    const put = (version: string) => {
      cpSync(packaged, join(opt, `ociwrap-${version}`), { recursive: true, verbatimSymlinks: true });
      turn(version);
    };
    return { opt, put, turn, linked: join(link, 'bin/oci-runtime-wrapper') };
  }

  test('a container that the old version created is killed and deleted by the new one, the old folder gone', () => {
    const { opt, put, linked } = installed();
    put('1');
    const state = scratchFolder('state');
    const volume = kubeletVolume();
    const bundle = bundleOf(withPvcRoot(specOf('sleep 1000'), volume));
    const id = `upgraded-${process.pid}`;
    const call = (...args: readonly string[]) =>
      runProgram(linked, ['--root', state, ...args], { env: { OCIWRAP_LOG_FILE: '/dev/null' } });
    const created = runProgram(linked, ['--root', state, 'create', '--bundle', bundle, id], {
      env: { OCIWRAP_LOG_FILE: '/dev/null' },
      leavesProcess: true,
    });
    expect(created.status).toBe(0);
    put('2');
    rmSync(join(opt, 'ociwrap-1'), { recursive: true });
    expect(call('start', id)).toMatchObject({ status: 0, stderr: '' });
    expect(JSON.parse(call('state', id).stdout)).toMatchObject({ status: 'running' });
    expect(call('kill', id, 'KILL')).toMatchObject({ status: 0, stderr: '' });
    expect(call('delete', '--force', id)).toMatchObject({ status: 0, stderr: '' });
  });

  test('calls that are made while the link is turned all reach the runtime', async () => {
    const { put, turn, linked } = installed();
    put('1');
    put('2');
    const recorder = recorderIn(scratchFolder('runc'));
    const env = {
      PATH: process.env['PATH'] ?? '',
      SGS_RUNC_PATH: recorder.path,
      OCIWRAP_LOG_FILE: '/dev/null',
    };
    const bundle = () => bundleOf(withPvcRoot(specOf(''), kubeletVolume()));
    const calls = Array.from({ length: 12 }, (_, at) =>
      at % 3 === 0 ? ['create', '--bundle', bundle(), `c${at}`] : ['state', `c${at}`],
    ).map(
      (args) =>
        new Promise((resolve) => {
          spawn(linked, args, { env, stdio: 'ignore' }).on('close', resolve);
          turn('1');
          turn('2');
        }),
    );
    expect(new Set(await Promise.all(calls))).toEqual(new Set([0]));
    expect(recorder.calls()).toHaveLength(calls.length);
  }, 60_000);
});
