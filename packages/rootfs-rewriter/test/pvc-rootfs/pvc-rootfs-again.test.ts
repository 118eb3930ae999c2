import { describe, expect, test } from '@jest/globals';
import { type Plan, planRewrite, pvcRootfs } from '@opencontainers-ts/rootfs-rewriter';
import {
  makeSpec,
  memoryHost,
  pvcMount,
  pvcPath,
  withAnnotation,
  withMount,
  withRoot,
} from '@opencontainers-ts/rootfs-rewriter/testing';
import {
  ask,
  askAbout,
  CALL,
  GOOD,
  POD_FOLDER,
  type Scene,
  specOf,
  TRIGGER,
  VOLUME,
  VOLUME_PATH,
} from '../scene.js';

/** Runs the rule on a spec that says it was rewritten. */
function askAgain(root: string, scene: Scene = {}): Plan {
  const spec = [
    withAnnotation('sgs.snucse.org/original-root', 'rootfs'),
    withAnnotation('sgs.snucse.org/boot-volume-active', 'true'),
    withRoot({ path: root }),
  ];
  return ask({ mounts: [], ...scene, spec: [...spec, ...(scene.spec ?? [])] });
}

describe('the second run over a bundle', () => {
  test.each<[string, Scene]>([
    ['by name', {}],
    ['by destination', { value: '/mnt' }],
    ['of the pod that containerd names', { spec: [withAnnotation('io.kubernetes.cri.sandbox-uid', 'u1')] }],
    ['for gVisor', { call: { runtime: { path: '/usr/local/bin/runsc' } } }],
  ])('passes and keeps the pin: %s', (_, scene) => {
    const host = memoryHost(GOOD.host);
    const first = askAbout(specOf(scene), host, scene);
    expect(first.decision).toBe('rewrite');
    const second = planRewrite(first.document, [pvcRootfs()], { ...CALL, ...scene.call }, host);
    expect(second.trace.map(({ outcome }) => outcome)).toMatchObject([
      { kind: 'pass', reason: 'already rewritten' },
    ]);
    expect(second.document).toBe(first.document);
    expect(second.pins).toEqual(first.pins);
  });

  test('the arm that passes, made by hand', () => {
    expect(askAgain(VOLUME_PATH).decision).toBe('pass');
    expect(askAgain(VOLUME_PATH, { value: '/mnt' }).decision).toBe('pass');
  });

  const nfs = { ...VOLUME, plugin: 'nfs' };
  const tmp = pvcPath({ podUid: 'u1', volume: 'tmp', plugin: 'empty-dir' });
  test.each<[string, string, Scene, string]>([
    ['a root that is no volume', 'rootfs', {}, 'ERR_VOLUME_NOT_FOUND'],
    [
      'a root outside the folder of the kubelet',
      '/etc',
      { value: '/mnt', host: { mounts: ['/etc'] } },
      'ERR_VOLUME_NOT_FOUND',
    ],
    [
      'another volume than the value names',
      pvcPath({ ...nfs, volume: 'x' }),
      { host: { mounts: [pvcPath({ ...nfs, volume: 'x' })] } },
      'ERR_VOLUME_NOT_FOUND',
    ],
    ['the folder of the pod', POD_FOLDER, { value: '/mnt' }, 'ERR_VOLUME_NOT_FOUND'],
    ['a root spelt with ..', `${VOLUME_PATH}/../mount`, {}, 'ERR_VOLUME_NOT_FOUND'],
    ['no longer mounted', VOLUME_PATH, { host: { directories: [VOLUME_PATH] } }, 'ERR_VOLUME_NOT_MOUNTED'],
    ['no longer there', VOLUME_PATH, { host: {} }, 'ERR_VOLUME_MISSING'],
    [
      'a symlink by now',
      VOLUME_PATH,
      { host: { symlinks: { [VOLUME_PATH]: '/etc' }, directories: ['/etc'] } },
      'ERR_VOLUME_PATH_UNSAFE',
    ],
    ['a file by now', VOLUME_PATH, { host: { files: { [VOLUME_PATH]: '' } } }, 'ERR_VOLUME_NOT_DIRECTORY'],
    [
      'of another pod',
      VOLUME_PATH,
      { spec: [withAnnotation('io.kubernetes.cri.sandbox-uid', 'u2')] },
      'ERR_VOLUME_OTHER_POD',
    ],
    ['an emptyDir', tmp, { value: '/tmp', host: { mounts: [tmp] } }, 'ERR_VOLUME_NOT_PERSISTENT'],
    [
      'one marker missing its value',
      VOLUME_PATH,
      { spec: [withAnnotation('sgs.snucse.org/boot-volume-active', 'yes')] },
      'ERR_VOLUME_NOT_FOUND',
    ],
    [
      'a hint against it',
      VOLUME_PATH,
      {
        call: { runtime: { path: 'runsc' } },
        spec: [withAnnotation('dev.gvisor.spec.rootfs.overlay', 'memory')],
      },
      'ERR_GVISOR_ROOTFS_HINT',
    ],
  ])('refuses: %s', (_, root, scene, code) => {
    expect(askAgain(root, scene).refusal?.code).toBe(code);
  });

  test('without the markers a volume as the root proves nothing', () => {
    expect(ask({ mounts: [], spec: [withRoot({ path: VOLUME_PATH })] }).refusal?.code).toBe(
      'ERR_VOLUME_NOT_FOUND',
    );
  });

  test('markers do not keep a mounted volume from becoming the root', () => {
    const plan = askAgain('rootfs', { mounts: GOOD.mounts });
    expect(plan.document.spec.root?.path).toBe(VOLUME_PATH);
  });

  test('with gVisor as the runtime after another one, only its hint is added', () => {
    const plan = askAgain(VOLUME_PATH, { call: { runtime: { path: '/usr/bin/runsc' } } });
    expect(plan.patch.map(({ path }) => path)).toEqual([
      '/annotations/dev.gvisor.spec.rootfs.source',
      '/annotations/dev.gvisor.spec.rootfs.type',
    ]);
  });
});

describe('the rootfs hint for gVisor', () => {
  const keys = ['dev.gvisor.spec.rootfs.source', 'dev.gvisor.spec.rootfs.type'];
  test.each<[string, boolean, string | undefined]>([
    ['/usr/bin/runsc', true, undefined],
    ['/usr/bin/runc', true, '/usr/local/bin/runsc'],
    ['/usr/bin/runc', false, '/usr/sbin/runc'],
    ['/opt/runsc-2025', true, undefined],
    ['/opt/gvisor/my-runsc', true, undefined],
    ['runsc', true, undefined],
    ['/usr/bin/runc', false, undefined],
    ['/usr/bin/runscope', false, undefined],
    ['/opt/runsc/bin/crun', false, undefined],
  ])('%s: %s', (path, expected, realPath) => {
    const runtime = realPath === undefined ? { path } : { path, realPath };
    const { annotations } = ask({ call: { runtime } }).document.spec;
    expect(keys.map((key) => annotations?.[key])).toEqual(
      expected ? [VOLUME_PATH, 'bind'] : [undefined, undefined],
    );
  });

  test('what is set already is not set again', () => {
    const spec = makeSpec(
      withAnnotation(TRIGGER, 'pvc-1'),
      withAnnotation('dev.gvisor.spec.rootfs.type', 'bind'),
      withMount(pvcMount({ ...VOLUME, destination: '/mnt' })),
    );
    const plan = askAbout(spec, memoryHost(GOOD.host), { call: { runtime: { path: 'runsc' } } });
    expect(plan.patch.filter(({ path }) => path.includes('gvisor'))).toHaveLength(1);
  });
});
