import { describe, expect, test } from '@jest/globals';
import { type CdiDevicesOptions, cdiDevices } from '@opencontainers-ts/device-injector';
import {
  type Plan,
  planRewrite,
  pvcRootfs,
  ROOT_FOLDER,
  type Rule,
} from '@opencontainers-ts/rootfs-rewriter';
import {
  documentOf,
  makeSpec,
  memoryHost,
  pvcMount,
  pvcPath,
  withAnnotation,
  withMount,
} from '@opencontainers-ts/rootfs-rewriter/testing';
import type { Mount, Spec, SpecDocument } from '@opencontainers-ts/runtime-spec';

const VOLUME = { podUid: 'u1', volume: 'pvc-1' };
const ROOT = pvcPath(VOLUME);
const CDI_SPEC = {
  cdiVersion: '0.6.0',
  kind: 'example.org/gpu',
  devices: [
    {
      name: '0',
      containerEdits: {
        mounts: [
          { hostPath: '/host/lib', containerPath: '/usr/lib/libcuda.so.570', options: ['ro', 'bind'] },
          { hostPath: '/host/lib', containerPath: '/usr/lib//libcuda.so.570', options: ['ro', 'bind'] },
          { hostPath: '/host/run', containerPath: '/run/gpu/socket', options: ['bind'] },
          { hostPath: '/host/shm', containerPath: '/dev/shm/gpu', options: ['bind'] },
        ],
        hooks: [
          {
            hookName: 'createContainer',
            path: '/usr/bin/nvidia-cdi-hook',
            args: [
              'nvidia-cdi-hook',
              'create-symlinks',
              ...['--link', 'libcuda.so.570::/usr/lib/libcuda.so', '--link=../x::/usr/./bin/y'],
              ...[
                '--link',
                'libcuda.so.1::usr/lib/relative',
                '--link',
                'broken',
                '--link',
                'a::b::c',
                '--link',
              ],
              ...['--link', 'gpu::/run/gpu.link'],
            ],
          },
          {
            hookName: 'createContainer',
            path: '/usr/bin/nvidia-cdi-hook',
            args: ['x', 'update-ldcache', '--link', 'a::/b'],
          },
        ],
      },
    },
  ],
};
const HOST = memoryHost({
  mounts: [ROOT],
  directories: ['/host'],
  files: {
    '/etc/cdi/gpu.json': JSON.stringify(CDI_SPEC),
    '/host/lib': '',
    '/host/run': '',
    '/host/shm': '',
    '/usr/bin/nvidia-cdi-hook': '',
  },
});

const onVolume = (...more: ((spec: Spec) => Spec)[]): Spec =>
  makeSpec(
    withAnnotation('sgs.snucse.org/os-volume', VOLUME.volume),
    withMount(pvcMount({ ...VOLUME, destination: '/mnt' })),
    ...more,
  );
const asking = withAnnotation('cdi.k8s.io/x', 'example.org/gpu=0');
const bind = (destination: string): Mount => ({
  destination,
  type: 'bind',
  source: '/host',
  options: ['bind'],
});

function plan(
  spec: Spec | SpecDocument,
  options: CdiDevicesOptions = {},
  rules: readonly Rule[] = [pvcRootfs(), cdiDevices(options)],
) {
  const document = 'bytes' in spec ? spec : documentOf(spec);
  return planRewrite(document, rules, { verb: 'create', bundle: '/b' }, HOST);
}
/** The root itself is put together by the rule before. */
const cleaning = ({ actions }: Pick<Plan, 'actions'>) =>
  actions.filter(({ kind }) => kind === 'clean-residue');
const destinations = (spec: Pick<SpecDocument['spec'], 'mounts'>) =>
  (spec.mounts ?? []).map(({ destination }) => destination);

describe('a volume as the root, residue = "clean"', () => {
  test('the plan says what this start will leave on the volume, and nothing that lies on another mount', () => {
    const spec = onVolume(asking, withMount(bind('/dev')));
    const made = plan(spec, { residue: 'clean', runTmpfs: true });
    expect(made.decision).toBe('rewrite');
    expect(made.actions[0]).toMatchObject({ kind: 'mount-root', root: ROOT });
    expect(cleaning(made)).toEqual([
      {
        kind: 'clean-residue',
        root: ROOT,
        volume: 'pvc-1',
        creates: {
          mountPoints: ['usr/lib/libcuda.so.570'],
          links: [
            { path: 'usr/lib/libcuda.so', target: 'libcuda.so.570' },
            { path: 'usr/bin/y', target: '../x' },
            { path: 'usr/lib/relative', target: 'libcuda.so.1' },
          ],
        },
      },
    ]);
  });

  test("without a tmpfs, /run is the volume's", () => {
    const [action] = cleaning(plan(onVolume(asking), { residue: 'clean' }));
    const creates = action?.kind === 'clean-residue' ? action.creates : undefined;
    expect(creates?.mountPoints).toContain('run/gpu/socket');
    expect(creates?.links).toContainEqual({ path: 'run/gpu.link', target: 'gpu' });
  });

  test('a container without devices has its volume cleaned all the same', () => {
    const made = plan(onVolume(), { residue: 'clean' });
    const { pins, trace } = made;
    expect(cleaning(made)).toEqual([
      { kind: 'clean-residue', root: ROOT, volume: 'pvc-1', creates: { mountPoints: [], links: [] } },
    ]);
    // What an action works on is what pvc-rootfs has checked.
    expect(pins.map(({ path }) => path)).toContain(ROOT);
    expect(trace[1]).toMatchObject({ outcome: { kind: 'pass', reason: 'no CDI device asked for' } });
  });

  test('a second run over the bundle asks for the same', () => {
    const first = plan(onVolume(asking), { residue: 'clean', runTmpfs: true });
    const again = plan(first.document, { residue: 'clean', runTmpfs: true });
    expect(again.decision).toBe('pass');
    expect(cleaning(again)).toMatchObject([{ root: ROOT, volume: 'pvc-1' }]);
  });

  test.each<[string, Spec, CdiDevicesOptions]>([
    ['the root is no volume', makeSpec(asking), { residue: 'clean', runTmpfs: true }],
    ['nobody wants it cleaned', onVolume(asking), {}],
    [
      'a sandbox',
      onVolume(asking, withAnnotation('io.kubernetes.cri.container-type', 'sandbox')),
      { residue: 'clean', runTmpfs: true },
    ],
    [
      'only half of the marks of pvc-rootfs are there',
      makeSpec(asking, withAnnotation('sgs.snucse.org/boot-volume-active', 'true')),
      { residue: 'clean', runTmpfs: true },
    ],
  ])('no action and no tmpfs: %s', (_, spec, options) => {
    const made = plan(spec, options);
    expect(cleaning(made)).toEqual([]);
    expect(destinations(made.document.spec)).not.toContain('/run');
  });

  test('a restored container keeps what it was checkpointed with: nothing is cleaned, /run is a tmpfs as before', () => {
    const options: CdiDevicesOptions = { residue: 'clean', runTmpfs: true };
    const call = { verb: 'restore', bundle: '/b' } as const;
    const made = planRewrite(documentOf(onVolume(asking)), [pvcRootfs(), cdiDevices(options)], call, HOST);
    expect(cleaning(made)).toEqual([]);
    expect(destinations(made.document.spec)).toContain('/run');
  });

  test('marks that a pod has written itself: the action is on a folder that nobody pinned', () => {
    const spec = makeSpec(
      withAnnotation('sgs.snucse.org/boot-volume-active', 'true'),
      withAnnotation('sgs.snucse.org/original-root', '/x'),
      (each) => ({ ...each, root: { path: '/var/lib/images/1' } }),
    );
    const { actions, pins } = plan(spec, { residue: 'clean' });
    expect(actions).toMatchObject([{ root: '/var/lib/images/1', volume: '/var/lib/images/1' }]);
    expect(pins).toEqual([]);
  });

  test('what was mounted by an earlier run is the volume still', () => {
    const first = plan(onVolume(asking), { residue: 'clean', runTmpfs: true });
    const mounted = first.document.apply([{ op: 'replace', path: '/root/path', value: ROOT_FOLDER }]);
    const again = plan(mounted, { residue: 'clean', runTmpfs: true });
    expect(cleaning(again)).toMatchObject([{ root: ROOT, volume: 'pvc-1' }]);
  });

  test('an overlay is left as it is, and has its tmpfs', () => {
    const rules = [pvcRootfs({ strategy: 'overlay' }), cdiDevices({ residue: 'clean', runTmpfs: true })];
    const made = plan(onVolume(asking), {}, rules);
    expect(made.actions.map(({ kind }) => kind)).toEqual(['mount-root']);
    expect(destinations(made.document.spec)).toContain('/run');
  });

  test.each<[string, string | undefined]>([
    ['/var/lib/kubelet/pods/u1/volumes/kubernetes.io~csi/pods/mount', 'pods'],
    ['/var/lib/kubelet/pods/u1/volumes/kubernetes.io~nfs/pods', 'pods'],
    ['/var/lib/kubelet/pods/u1/volume-subpaths/pvc-1/pods/0', 'pvc-1'],
    ['/srv/pods/kubelet/pods/u1/volumes/kubernetes.io~csi/pvc-1/mount', 'pvc-1'],
    ['/srv/pods/a', '/srv/pods/a'],
  ])('the name of the volume is read from %s', (path, volume) => {
    const spec = makeSpec(
      withAnnotation('sgs.snucse.org/boot-volume-active', 'true'),
      withAnnotation('sgs.snucse.org/original-root', '/x'),
      (each) => ({ ...each, root: { path } }),
    );
    expect(plan(spec, { residue: 'clean' }).actions).toMatchObject([{ root: path, volume }]);
  });

  test('the rule asks for Node only where the option is on', () => {
    const marker = 'sgs.snucse.org/boot-volume-active';
    expect(cdiDevices().triggers).not.toContain(marker);
    expect(cdiDevices({ residue: 'clean' }).triggers).toContain(marker);
    expect(cdiDevices({ runTmpfs: true }).triggers).toContain(marker);
    expect(cdiDevices().reads).not.toContain('/root');
    expect(cdiDevices({ residue: 'clean' }).reads).toContain('/root');
  });
});

describe('a volume as the root, run-tmpfs = true', () => {
  const runTmpfs = (...mounts: Mount[]) =>
    destinations(
      plan(
        onVolume((spec) => ({ ...spec, mounts: [...(spec.mounts ?? []), ...mounts] })),
        { runTmpfs: true },
      ).document.spec,
    );

  test('before all mounts, whose places may lead beneath /run by a link such as /var/run', () => {
    const found = runTmpfs(bind('/run/secrets'), bind('/var/run/secrets/kubernetes.io/serviceaccount'));
    expect(found[0]).toBe('/run');
    expect(found.filter((each) => each === '/run')).toHaveLength(1);
    expect(found.slice(-2)).toEqual(['/run/secrets', '/var/run/secrets/kubernetes.io/serviceaccount']);
  });

  test.each([
    [[], false],
    [[`${ROOT}/run`], true],
  ])('a read-only volume cannot be given a folder: with %j it is mounted: %s', (directories, isMounted) => {
    const readonly = { ...pvcMount({ ...VOLUME, destination: '/mnt' }), options: ['rbind', 'ro'] };
    const spec = makeSpec(withAnnotation('sgs.snucse.org/os-volume', VOLUME.volume), withMount(readonly));
    const host = memoryHost({ mounts: [ROOT], directories });
    const rules = [pvcRootfs(), cdiDevices({ runTmpfs: true })];
    const { document } = planRewrite(documentOf(spec), rules, { verb: 'create', bundle: '/b' }, host);
    expect(document.spec.root?.readonly).toBe(true);
    expect(destinations(document.spec).includes('/run')).toBe(isMounted);
  });

  test('behind a mount on the root itself', () => {
    const found = runTmpfs(bind('/'), bind('/run/x'));
    expect(found.indexOf('/run')).toBe(found.indexOf('/') + 1);
  });

  test.each([['/run'], ['/run/'], ['/./run']])('not where something is mounted at %s', (place) => {
    expect(runTmpfs(bind(place)).filter((each) => each === '/run' || each === place)).toEqual([place]);
  });

  test('with devices too, in the order of depth', () => {
    const { document, trace } = plan(onVolume(asking), { runTmpfs: true });
    const found = destinations(document.spec);
    expect(found.indexOf('/run')).toBe(0);
    expect(found.indexOf('/run/gpu/socket')).toBeGreaterThan(0);
    expect(trace[1]?.outcome).toMatchObject({ note: 'injected example.org/gpu=0; tmpfs on /run' });
    expect(document.spec.mounts?.[0]).toMatchObject({
      type: 'tmpfs',
      options: expect.arrayContaining(['nosuid']),
    });
  });

  test('a spec without mounts gets the list', () => {
    const bare = plan(onVolume()).document.apply([{ op: 'remove', path: '/mounts' }]);
    expect(destinations(plan(bare, { runTmpfs: true }).document.spec)).toEqual(['/run']);
  });
});

describe('the name of a volume', () => {
  test.each([
    ['/var/lib/kubelet/pods/u/volumes/kubernetes.io~csi/pvc-7/mount', 'pvc-7'],
    ['/data/pods/kubelet/pods/u/volumes/kubernetes.io~nfs/pv-nfs', 'pv-nfs'],
    ['/k/pods/u/volume-subpaths/pvc-9/main/0', 'pvc-9'],
    ['/opt/local-path-provisioner/pvc-3_default_claim', '/opt/local-path-provisioner/pvc-3_default_claim'],
    ['/k/pods/u/volumes/kubernetes.io~csi/pvc-7', '/k/pods/u/volumes/kubernetes.io~csi/pvc-7'],
  ])('%s: %s', (path, volume) => {
    const spec = makeSpec(
      withAnnotation('sgs.snucse.org/boot-volume-active', 'true'),
      withAnnotation('sgs.snucse.org/original-root', '/x'),
      (each) => ({ ...each, root: { path } }),
    );
    expect(plan(spec, { residue: 'clean' }, [cdiDevices({ residue: 'clean' })]).actions).toMatchObject([
      { volume },
    ]);
  });
});
