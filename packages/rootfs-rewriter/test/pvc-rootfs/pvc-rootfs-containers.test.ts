import { describe, expect, test } from '@jest/globals';
import { planRewrite, pvcRootfs } from '@opencontainers-ts/rootfs-rewriter';
import {
  documentOf,
  type MemoryHostOptions,
  makeSpec,
  memoryHost,
  pvcMount,
  pvcPath,
  withAnnotation,
  withMount,
} from '@opencontainers-ts/rootfs-rewriter/testing';
import type { Mount } from '@opencontainers-ts/runtime-spec';
import { CALL, POD, POD_FOLDER, TRIGGER, VOLUME, VOLUME_PATH } from '../scene.js';

const OWN = `${TRIGGER}.container.main`;
const LIST = `${TRIGGER}-containers`;
const claim = (destination: string, ...options: string[]): Mount =>
  pvcMount({ ...VOLUME, destination, ...(options.length === 0 ? {} : { options }) });

/** A container of a pod: its name, the annotations of the pod, what it mounts. */
interface Container {
  readonly name?: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly mounts?: readonly Mount[];
  readonly annotation?: string;
  readonly withoutMount?: 'refuse' | 'pass';
  readonly host?: MemoryHostOptions;
}

function planOf({ name, annotations, mounts = [claim('/mnt')], host, ...options }: Container) {
  const ofContainerd = {
    'io.kubernetes.cri.container-type': 'container',
    'io.kubernetes.cri.sandbox-uid': POD,
  };
  const of = {
    ...('io.container.manager' in annotations ? {} : ofContainerd),
    ...(name === undefined ? {} : { 'io.kubernetes.cri.container-name': name }),
    ...annotations,
  };
  const spec = makeSpec(
    ...Object.entries(of).map(([key, value]) => withAnnotation(key, value)),
    ...mounts.map(withMount),
  );
  const world = memoryHost(host ?? { mounts: [VOLUME_PATH] });
  return planRewrite(documentOf(spec), [pvcRootfs(options)], CALL, world);
}

describe('which container of a pod starts on the volume', () => {
  test.each<[string, Container]>([
    [
      'every container that mounts it, where none is named',
      { name: 'main', annotations: { [TRIGGER]: '/mnt' } },
    ],
    ['one that the engine does not name', { annotations: { [TRIGGER]: 'pvc-1' } }],
    ['one that a key names', { name: 'main', annotations: { [OWN]: '/mnt' } }],
    [
      'one that a key with a slash names',
      { name: 'main', annotations: { [`${TRIGGER}/container.main`]: '/mnt' } },
    ],
    ['one whose key wins', { name: 'main', annotations: { [TRIGGER]: '/elsewhere', [OWN]: '/mnt' } }],
    ['one of a list', { name: 'main', annotations: { [TRIGGER]: 'pvc-1', [LIST]: 'worker,main' } }],
    [
      'a named one that mounts it read-only',
      { name: 'main', annotations: { [OWN]: 'pvc-1' }, mounts: [claim('/mnt', 'rbind', 'ro')] },
    ],
    [
      'one that is named beside the annotation for all others',
      { name: 'worker', annotations: { [TRIGGER]: '/mnt', [OWN]: '/elsewhere' } },
    ],
    [
      'with a key of the operator that has no slash',
      { name: 'main', annotation: 'rootvol', annotations: { 'rootvol/container.main': '/mnt' } },
    ],
    ['a name in other letters than those of Kubernetes, outside of it', podmanContainer()],
  ])('%s', (_, container) => {
    const { refusal, decision, document } = planOf(container);
    expect(refusal).toBeUndefined();
    expect(decision).toBe('rewrite');
    expect(document.spec.root?.path).toBe(VOLUME_PATH);
  });

  function podmanContainer(): Container {
    return {
      annotations: {
        'io.container.manager': 'libpod',
        'io.kubernetes.container.name': 'My_Container',
        'io.kubernetes.cri-o.ContainerType': 'container',
        'io.kubernetes.pod.uid': POD,
        [`${TRIGGER}/container.My_Container`]: '/mnt',
      },
    };
  }

  test.each<[string, Container]>([
    [
      'a side-car beside a named container',
      { name: 'istio-proxy', annotations: { [OWN]: '/mnt' }, mounts: [] },
    ],
    [
      'a debug container beside a list',
      { name: 'debugger-x7k2p', annotations: { [TRIGGER]: '/mnt', [LIST]: 'main' }, mounts: [] },
    ],
    [
      'a backup that mounts the same volume',
      { name: 'backup', annotations: { [OWN]: 'pvc-1' }, mounts: [claim('/data')] },
    ],
  ])('starts on its image: %s', (_, container) => {
    const plan = planOf(container);
    expect(plan).toMatchObject({ decision: 'pass', warnings: [] });
    expect(plan.trace[0]?.outcome).toMatchObject({
      reason: 'the volume is for the container "main"',
      because: { condition: '/when/containerName', expected: ['main'], found: container.name },
    });
  });

  test.each<[string, string, boolean]>([
    ['man', 'main', true],
    ['mian', 'main', true],
    ['sidecar', 'main', false],
    ['worker-1', 'worker-2', false],
    ['worker1', 'worker', false],
  ])('%s beside a named %s: is the slip told? %s', (name, named, isTold) => {
    const { decision, warnings } = planOf({
      name,
      annotations: { [`${TRIGGER}.container.${named}`]: '/mnt' },
    });
    expect({ decision, told: warnings.length > 0 }).toEqual({ decision: 'pass', told: isTold });
  });

  test('by the name of the volume and with no container named, a read-only mount is refused and a writable one told', () => {
    const backup = { name: 'backup', annotations: { [TRIGGER]: 'pvc-1' } };
    const refused = planOf({ ...backup, mounts: [claim('/data', 'rbind', 'ro')] });
    expect(refused.refusal).toMatchObject({
      code: 'ERR_CONTAINER_NOT_NAMED',
      details: { container: 'backup', destination: '/data' },
      hint: expect.stringContaining(`"${TRIGGER}.container.NAME"`),
    });
    const started = planOf({ ...backup, mounts: [claim('/data')] });
    expect(started.decision).toBe('rewrite');
    expect(started.warnings).toEqual([
      expect.stringContaining('each one of the pod that mounts the volume "pvc-1"'),
    ]);
    // Where there is no pod to be named in, and where a destination says which mount is meant, both are as ever.
    for (const container of [
      { annotations: { [TRIGGER]: 'pvc-1' }, mounts: [claim('/data', 'rbind', 'ro')] },
      { name: 'backup', annotations: { [TRIGGER]: '/data' }, mounts: [claim('/data', 'rbind', 'ro')] },
    ]) {
      expect(planOf(container)).toMatchObject({ decision: 'rewrite', warnings: [] });
    }
  });

  test.each<[string, Container, RegExp]>([
    [
      'is told how to name it',
      { name: 'istio-init', annotations: { [TRIGGER]: '/mnt' }, mounts: [] },
      /container "istio-init" is not the one .*"sgs\.snucse\.org\/os-volume\.container\.NAME".*without-mount/,
    ],
    [
      'in a spelling that its key takes',
      { name: 'i', annotation: 'rootvol', annotations: { rootvol: '/mnt' }, mounts: [] },
      /"rootvol\/container\.NAME"/,
    ],
    [
      'or, with a key too long for Kubernetes, by the list alone',
      {
        name: 'i',
        annotation: `a/${'x'.repeat(50)}`,
        annotations: { [`a/${'x'.repeat(50)}`]: '/mnt' },
        mounts: [],
      },
      /"a\/x+-containers: NAME" beside it/,
    ],
  ])('a container that nobody named and that does not mount it %s', (_, container, hint) => {
    expect(planOf(container).refusal).toMatchObject({
      code: 'ERR_VOLUME_NOT_FOUND',
      hint: expect.stringMatching(hint),
    });
  });

  test('a named container gets no such hint', () => {
    const { refusal } = planOf({ name: 'main', annotations: { [OWN]: '/mnt' }, mounts: [] });
    expect(refusal?.code).toBe('ERR_VOLUME_NOT_FOUND');
    expect(refusal?.hint).not.toContain('without-mount');
  });

  test('the second run of a named container passes', () => {
    const container = { name: 'main', annotations: { [OWN]: 'pvc-1' } };
    const again = planRewrite(
      planOf(container).document,
      [pvcRootfs()],
      CALL,
      memoryHost({ mounts: [VOLUME_PATH] }),
    );
    expect(again).toMatchObject({ decision: 'pass', pins: [{ path: VOLUME_PATH }] });
  });
});

describe('without-mount = "pass"', () => {
  const other = { podUid: POD, volume: 'pvc-2' };
  const emptyDir = { podUid: POD, volume: 'boot', plugin: 'empty-dir' };
  const pass = (container: Omit<Container, 'annotations'> & { readonly value: string }): Container => ({
    name: 'side',
    withoutMount: 'pass',
    annotations: { [TRIGGER]: container.value },
    host: { mounts: [VOLUME_PATH, pvcPath(other)] },
    ...container,
  });
  const passes: readonly [string, Container][] = [
    ['nothing is mounted', pass({ value: '/mnt/boot', mounts: [] })],
    ['another place is mounted', pass({ value: '/mnt/boot', mounts: [claim('/data')] })],
    ['no volume of the pod is mounted, by name', pass({ value: 'pvc-1', mounts: [] })],
    [
      'another volume of the pod is mounted, by name',
      pass({ value: 'pvc-1', mounts: [pvcMount({ ...other, destination: '/data' })] }),
    ],
    [
      'a volume of a hostPath provisioner, by name',
      {
        ...pass({ value: 'pvc-9_a', mounts: [] }),
        host: { directories: ['/opt/p/pvc-9_a'] },
        hostPathFolders: ['/opt/p'],
      } as Container,
    ],
  ];
  test.each(passes)('passes: %s', (_, container) => {
    expect(planOf(container)).toMatchObject({ decision: 'pass', warnings: [] });
    expect(planOf({ ...container, withoutMount: 'refuse' }).refusal?.code).toBe('ERR_VOLUME_NOT_FOUND');
  });

  test.each<[string, Container]>([
    ['a slip in the destination', pass({ value: '/mnt/bot', mounts: [claim('/mnt/boot')] })],
    ['another case', pass({ value: '/mnt/Boot', mounts: [claim('/mnt/boot')] })],
    ['another number', pass({ value: '/data1', mounts: [claim('/data2')] })],
    [
      'a slip, of a volume that could not be a root',
      pass({ value: '/mnt/bot', mounts: [pvcMount({ ...emptyDir, destination: '/mnt/boot' })] }),
    ],
    ['a volume mounted above', pass({ value: '/srv/data/boot', mounts: [claim('/srv/data')] })],
    ['a volume mounted below', pass({ value: '/srv/data', mounts: [claim('/srv/data/boot')] })],
    ['a volume under the same last name', pass({ value: '/mnt/boot', mounts: [claim('/var/lib/boot')] })],
    ['the name of a claim', pass({ value: 'boot-pvc' })],
    ['the name of a claim, though nothing is mounted', pass({ value: 'boot-pvc', mounts: [] })],
    ['a slip in the name of the volume', pass({ value: 'pvc-l' })],
    ['a name that is a path', pass({ value: '..' })],
    ['a name longer than a folder may have', pass({ value: 'x'.repeat(300) })],
    [
      'a pod that the engine does not name',
      {
        annotations: { [TRIGGER]: 'pvc-1', 'io.kubernetes.cri.sandbox-uid': '..' },
        mounts: [],
        withoutMount: 'pass',
      },
    ],
    [
      'a named container',
      {
        ...pass({ value: '/mnt/boot', mounts: [] }),
        annotations: { [`${TRIGGER}.container.side`]: '/mnt/boot' },
      },
    ],
    [
      'a listed container',
      {
        ...pass({ value: '/mnt/boot', mounts: [] }),
        annotations: { [TRIGGER]: '/mnt/boot', [LIST]: 'side' },
      },
    ],
  ])('never passes: %s', (_, container) => {
    expect(planOf(container).refusal?.code).toBe('ERR_VOLUME_NOT_FOUND');
  });

  test('what is no volume, or wrong in another way, is refused as ever', () => {
    const outside = { destination: '/mnt/boot', type: 'bind', source: '/srv/x', options: ['rbind'] };
    expect(planOf(pass({ value: '/mnt/boot', mounts: [outside] })).refusal?.code).toBe(
      'ERR_VOLUME_OUTSIDE_KUBELET',
    );
    expect(planOf(pass({ value: '' })).refusal?.code).toBe('ERR_VOLUME_SELECTOR');
    const block = { files: { [`${POD_FOLDER}/volumeDevices/kubernetes.io~csi/pvc-7`]: '' } };
    expect(planOf({ ...pass({ value: 'pvc-7', mounts: [] }), host: block }).refusal?.code).toBe(
      'ERR_VOLUME_IS_BLOCK',
    );
  });
});
