import { describe, expect, test } from '@jest/globals';
import { type MountRoot, type Plan, planRewrite, pvcRootfs } from '@opencontainers-ts/rootfs-rewriter';
import { memoryHost, type SpecOption, withAnnotation } from '@opencontainers-ts/rootfs-rewriter/testing';
import { MAPPING, ROOT_FOLDER, strategy, withUsers } from '../refused-roots.js';
import { ask, askAbout, CALL, GOOD, type Scene, specOf, VOLUME_PATH } from '../scene.js';

const RUNSC = { call: { runtime: { path: '/usr/bin/runsc' } } };
const IN_POD = withAnnotation('io.kubernetes.cri.container-type', 'container');
const BY_CRIO: SpecOption = (spec) =>
  withAnnotation(
    'io.container.manager',
    'cri-o',
  )(withAnnotation('io.kubernetes.cri-o.ContainerType', 'container')(spec));

const askRunsc = (scene: Scene = {}): Plan => ask({ ...RUNSC, ...scene });
const actionOf = ({ actions }: Plan): MountRoot | undefined =>
  actions.find((action): action is MountRoot => action.kind === 'mount-root');

describe('a flag of gVisor that a pod brings', () => {
  test.each([
    ['dev.gvisor.flag.overlay2', 'root:self'],
    ['dev.gvisor.flag.overlay2', 'root:memory'],
    ['dev.gvisor.flag.overlay2', 'all:self'],
    ['dev.gvisor.flag.overlay2', 'root:dir=/tmp'],
    ['dev.gvisor.flag.overlay2', ''],
    ['dev.gvisor.flag.overlay2', 'None'],
    ['dev.gvisor.flag.overlay', 'true'],
    ['dev.gvisor.flag.overlay', '1'],
    ['dev.gvisor.flag.overlay', ''],
    ['dev.gvisor.spec.rootfs.overlay', 'self'],
    ['dev.gvisor.spec.rootfs.overlay', 'none'],
    ['dev.gvisor.spec.rootfs.type', 'erofs'],
    ['dev.gvisor.spec.rootfs.source', '/image.erofs'],
  ])('%s = %j is refused', (key, value) => {
    const spec = [withAnnotation(key, value)];
    expect(askRunsc({ spec }).refusal).toMatchObject({
      code: 'ERR_GVISOR_ROOTFS_HINT',
      details: { annotation: key },
    });
    // Nobody but gVisor reads it.
    expect(ask({ spec, call: { runtime: { path: '/usr/bin/runc' } } }).decision).toBe('rewrite');
  });

  test.each([
    ['dev.gvisor.flag.overlay2', 'none'],
    ['dev.gvisor.flag.overlay', 'false'],
    ['dev.gvisor.flag.overlay', '0'],
    ['dev.gvisor.spec.rootfs.overlay', ''],
    ['dev.gvisor.spec.rootfs.directfs', 'off'],
    ['dev.gvisor.flag.debug', 'true'],
  ])('%s = %j agrees, or has nothing to do with it, and stays', (key, value) => {
    const plan = askRunsc({ spec: [withAnnotation(key, value)] });
    expect(plan.document.spec.annotations).toMatchObject({
      [key]: value,
      'dev.gvisor.spec.rootfs.source': VOLUME_PATH,
      'dev.gvisor.spec.rootfs.type': 'bind',
    });
  });
});

describe('a container of a pod, whose root runsc opens when it is started', () => {
  test.each(['replace', 'seed'])('gets the path of the volume: %s', (name) => {
    const alone = askRunsc({ spec: [strategy(name)] });
    expect(actionOf(alone)?.onceMounted.map(({ path }) => path)).toEqual([
      '/root/path',
      '/annotations/dev.gvisor.spec.rootfs.source',
    ]);
    expect(actionOf(alone)).not.toHaveProperty('byPath');
    for (const inPod of [IN_POD, BY_CRIO]) {
      const plan = askRunsc({ spec: [strategy(name), inPod] });
      expect(plan.document.spec.root?.path).toBe(VOLUME_PATH);
      expect(actionOf(plan)).toMatchObject({ onceMounted: [], byPath: true, otherwise: 'use-path' });
    }
  });

  test('so at the second run, too', () => {
    const scene = { ...RUNSC, spec: [strategy('replace'), IN_POD] };
    const host = memoryHost(GOOD.host);
    const { document } = askAbout(specOf(scene), host, scene);
    const again = planRewrite(document, [pvcRootfs()], { ...CALL, ...RUNSC.call }, host);
    expect(again.decision).toBe('pass');
    expect(actionOf(again)).toMatchObject({ onceMounted: [], byPath: true });
  });

  test.each<[string, Scene]>([
    ['an overlay', { spec: [strategy('overlay'), IN_POD] }],
    ['an overlay, by CRI-O', { spec: [strategy('overlay'), BY_CRIO] }],
    ['a user namespace', { spec: [strategy('replace'), IN_POD, withUsers(MAPPING)] }],
  ])('%s is refused, and not outside of a pod or with runc', (_, scene) => {
    expect(askRunsc(scene).refusal?.code).toBe('ERR_GVISOR_ROOT');
    const [first, , ...more] = scene.spec ?? [];
    const alone = first === undefined ? [] : [first, ...more];
    expect(askRunsc({ spec: alone }).refusal).toBeUndefined();
    expect(ask({ ...scene, call: { runtime: { path: '/usr/bin/runc' } } }).refusal).toBeUndefined();
  });

  test('a root that another runtime had mounted is refused', () => {
    const scene = { spec: [strategy('overlay'), IN_POD] };
    const host = memoryHost(GOOD.host);
    const { document } = askAbout(specOf(scene), host, scene);
    expect(document.spec.root?.path).toBe(ROOT_FOLDER);
    const again = planRewrite(document, [pvcRootfs()], { ...CALL, ...RUNSC.call }, host);
    expect(again.refusal?.code).toBe('ERR_GVISOR_ROOT');
  });
});
