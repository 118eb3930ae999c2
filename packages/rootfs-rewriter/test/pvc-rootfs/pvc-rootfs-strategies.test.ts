import { describe, expect, test } from '@jest/globals';
import {
  type MountRoot,
  type Plan,
  planRewrite,
  pvcRootfs,
  type RootStrategy,
  sgsProfile,
} from '@opencontainers-ts/rootfs-rewriter';
import {
  memoryHost,
  pvcMount,
  type SpecOption,
  withAnnotation,
  withProcessArgs,
  withRoot,
} from '@opencontainers-ts/rootfs-rewriter/testing';
import { SpecDocument } from '@opencontainers-ts/runtime-spec';
import { MAPPING, marked, ROOT_FOLDER, SGS, strategy, withUsers } from '../refused-roots.js';
import { ask, askAbout, CALL, GOOD, type Scene, specOf, TRIGGER, VOLUME, VOLUME_PATH } from '../scene.js';

const RUNSC = { runtime: { path: '/usr/bin/runsc' } };
const byMount = pvcMount({ ...VOLUME, destination: '/sgs-os-volume/' });
const without =
  (key: string): SpecOption =>
  (spec) => ({
    ...spec,
    annotations: Object.fromEntries(Object.entries(spec.annotations ?? {}).filter(([each]) => each !== key)),
  });

const parse = (text: string) => SpecDocument.parse(new TextEncoder().encode(text));

function actionOf({ actions }: Pick<Plan, 'actions'>): MountRoot {
  const [action] = actions;
  if (action?.kind !== 'mount-root' || actions.length !== 1) throw new Error(JSON.stringify(actions));
  return action;
}

const STRATEGIES: readonly RootStrategy[] = ['replace', 'overlay', 'seed'];

describe('what is to be mounted, as data', () => {
  test.each(STRATEGIES)('%s: every member of the action', (each) => {
    const plan = ask({
      spec: [
        strategy(each),
        withProcessArgs('run-job', '--now'),
        (spec) => ({
          ...spec,
          process: { ...spec.process, cwd: '/srv', env: ['A=b', 'PATH=/x', 'PATH=/bin'] },
        }),
        withAnnotation('io.kubernetes.cri.sandbox-uid', 'u1'),
        withAnnotation('io.kubernetes.cri.sandbox-namespace', 'labs'),
        withAnnotation('io.kubernetes.cri.sandbox-name', 'desktop-1'),
        withAnnotation('io.kubernetes.cri.container-name', 'desktop'),
        withAnnotation('io.kubernetes.cri.image-name', 'docker.io/library/debian:12'),
      ],
    });
    expect(plan.actions).toEqual([
      {
        kind: 'mount-root',
        strategy: each,
        root: VOLUME_PATH,
        volume: 'pvc-1',
        target: ROOT_FOLDER,
        image: '/run/bundle/rootfs',
        imageName: 'docker.io/library/debian:12',
        imageChange: 'warn',
        readonly: false,
        program: { name: 'run-job', cwd: '/srv', searchPath: '/bin', mountedAt: ['/proc'] },
        user: 'labs/desktop-1/desktop',
        ...(each === 'overlay'
          ? { onceMounted: [], otherwise: 'refuse' }
          : {
              onceMounted: [{ op: 'replace', path: '/root/path', value: ROOT_FOLDER }],
              otherwise: 'use-path',
            }),
      },
    ]);
    expect(plan.pins.map(({ path }) => path)).toEqual([VOLUME_PATH]);
  });

  test.each<[string, string, unknown, string | undefined]>([
    ['the last one', 'sh', ['PATH=/x', 'PATH=/bin:/usr/bin', 'A=PATH=/y', 'XPATH=/z'], '/bin:/usr/bin'],
    ['an empty one', 'sh', ['PATH=/x', 'PATH='], ''],
    ['none', 'sh', ['A=b', 'path=/x'], undefined],
    ['no variables', 'sh', [], undefined],
    ['no list', 'sh', undefined, undefined],
    ['nothing where the program has a path', '/bin/sh', ['PATH=/bin'], undefined],
    ['nothing where it has a relative one', 'bin/sh', ['PATH=/bin'], undefined],
    ['beside a quote', 'sh', ['PATH=/bin', 'A="PATH=/x"', 'B=\\"PATH=/y'], '/bin'],
    ['the last one beside an escape', 'sh', ['PATH=/x', 'PATH=/bin', 'A=\n'], '/bin'],
    ['with an escape in it', 'sh', ['PATH=/bin\n', 'A=b'], '/bin\n'],
    ['beside brackets', 'sh', ['PATH=/bin', 'A=[1]', 'B={}'], '/bin'],
    ['and not in a list', 'sh', ['PATH=/bin', ['PATH=/x'], null], '/bin'],
    ['and not the name of a member', 'sh', ['PATH=/bin', { 'PATH=/y': 1 }], '/bin'],
  ])('where a program without a path is looked for: %s', (_, name, env, searchPath) => {
    const withEnv = (spec: object) => ({ ...spec, process: { cwd: '/', user: {}, args: [name], env } });
    const { program } = actionOf(ask({ spec: [withEnv as SpecOption] }));
    expect(program).toEqual({
      name,
      cwd: '/',
      mountedAt: ['/proc'],
      ...(searchPath === undefined ? {} : { searchPath }),
    });
  });

  test('the names that CRI-O has for it', () => {
    const labels = {
      'io.kubernetes.pod.name': 'desktop-1',
      'io.kubernetes.pod.namespace': 'labs',
      'io.kubernetes.pod.uid': 'u1',
      'io.kubernetes.container.name': 'desktop',
    };
    const spec = [
      withAnnotation('io.container.manager', 'cri-o'),
      withAnnotation('io.kubernetes.cri-o.Labels', JSON.stringify(labels)),
      withAnnotation('io.kubernetes.cri-o.ImageName', 'quay.io/x:1'),
      // A pod's own word on CRI-O.
      withAnnotation('io.kubernetes.cri.image-name', 'forged'),
    ];
    const { user, imageName } = actionOf(ask({ spec }));
    expect({ user, imageName }).toEqual({ user: 'labs/desktop-1/desktop', imageName: 'quay.io/x:1' });
  });

  test('without an engine that says a name, the bundle stands for the user', () => {
    const action = actionOf(ask({}));
    expect(action.user).toBe('/run/bundle');
    expect(action).not.toHaveProperty('imageName');
  });

  test.each<[string, string, string]>([
    ['rootfs', '/run/bundle/rootfs', 'relative to the bundle'],
    ['./a//b/../rootfs/', '/run/bundle/a/rootfs', 'spelt at length'],
    [
      '/var/lib/containers/storage/overlay/1/merged',
      '/var/lib/containers/storage/overlay/1/merged',
      'absolute',
    ],
    ['/var/run/image', '/run/image', 'through a symlink'],
  ])('the image of root.path %s is %s: %s', (path, image) => {
    const host = { ...GOOD.host, symlinks: { '/var/run': '/run' }, directories: ['/run/image'] };
    expect(actionOf(ask({ spec: [withRoot({ path })], host })).image).toBe(image);
    expect(ask({ spec: [withRoot({ path })], host }).document.spec.annotations).toMatchObject({
      'sgs.snucse.org/original-root': path,
    });
  });

  test('what the container runs is left out where it cannot be told', () => {
    const broken: readonly SpecOption[] = [
      (spec) => ({ ...spec, process: { cwd: '/', args: [1] } as never }),
      (spec) => ({ ...spec, process: { cwd: '/' } }),
      (spec) => ({ ...spec, process: null as never }),
    ];
    for (const option of broken) expect(actionOf(ask({ spec: [option] }))).not.toHaveProperty('program');
    const twice = JSON.stringify(specOf({})).replace('"args":["sh"]', '"args":["sh"],"Args":["bash"]');
    expect(
      actionOf(planRewrite(parse(twice), [pvcRootfs()], CALL, memoryHost(GOOD.host))),
    ).not.toHaveProperty('program');
  });

  test('imageChange is that of the option', () => {
    expect(actionOf(ask({ options: { imageChange: 'refuse' } })).imageChange).toBe('refuse');
  });
});

describe('the patch', () => {
  test('of an overlay: the folder of roots, and the annotations of SGS', () => {
    const plan = ask({ spec: [strategy('overlay')] });
    expect(plan.document.spec.root).toEqual({ path: ROOT_FOLDER });
    expect(plan.document.spec.mounts?.map(({ destination }) => destination)).toEqual(['/proc']);
    expect(plan.document.spec.annotations).toEqual({
      [TRIGGER]: 'pvc-1',
      [`${TRIGGER}-strategy`]: 'overlay',
      'sgs.snucse.org/original-root': 'rootfs',
      'sgs.snucse.org/boot-volume-active': 'true',
      'sgs.snucse.org/boot-volume': VOLUME_PATH,
      'sgs.snucse.org/boot-volume-strategy': 'overlay',
      'sgs.snucse.org/boot-volume-rule': 'pvc-rootfs',
      'sgs.snucse.org/overlay-lowerdir': '/run/bundle/rootfs',
      'sgs.snucse.org/overlay-upperdir': `${VOLUME_PATH}/upper`,
      'sgs.snucse.org/overlay-merged': ROOT_FOLDER,
    });
  });

  test('of seed: that of replace, but for the name of the strategy', () => {
    const [replace, seed] = (['replace', 'seed'] as const).map(
      (each) => ask({ options: { strategy: each } }).patch,
    );
    expect(JSON.stringify(seed)).toBe(
      JSON.stringify(replace).replace('"replace"}', '"seed"}').replace('"value":"replace"', '"value":"seed"'),
    );
  });

  test('a read-only root becomes writable, and that is said', () => {
    const plan = ask({ spec: [strategy('overlay'), withRoot({ path: 'rootfs', readonly: true })] });
    expect(plan.document.spec.root).toEqual({ path: ROOT_FOLDER, readonly: false });
    expect(plan.warnings).toEqual([expect.stringContaining('root.readonly was true and is false now')]);
  });

  test.each<[RootStrategy, string, number]>([
    ['replace', VOLUME_PATH, 2],
    ['seed', VOLUME_PATH, 2],
    ['overlay', ROOT_FOLDER, 0],
  ])('for gVisor, %s: the hint follows the root', (each, source, operations) => {
    const plan = ask({ call: RUNSC, options: { strategy: each } });
    expect(plan.document.spec.annotations?.['dev.gvisor.spec.rootfs.source']).toBe(source);
    const { onceMounted } = actionOf(plan);
    expect(onceMounted).toHaveLength(operations);
    const { root, annotations } = plan.document.apply(onceMounted).spec;
    expect(root?.path).toBe(ROOT_FOLDER);
    expect(annotations?.['dev.gvisor.spec.rootfs.source']).toBe(ROOT_FOLDER);
  });
});

describe('which strategy', () => {
  const onMount: Scene = { mounts: [byMount], spec: [without(TRIGGER)], options: SGS };
  test.each<[string, Scene, RootStrategy]>([
    ['none is named', {}, 'replace'],
    ['the configuration', { options: { strategy: 'seed' } }, 'seed'],
    [
      'the annotation before the configuration',
      { options: { strategy: 'seed' }, spec: [strategy('overlay')] },
      'overlay',
    ],
    ['the mount that asks', onMount, 'overlay'],
    ['that mount before the configuration', { ...onMount, options: { ...SGS, strategy: 'seed' } }, 'overlay'],
    [
      'the annotation before that mount',
      { ...onMount, spec: [without(TRIGGER), strategy('replace')] },
      'replace',
    ],
    ['an annotation and that mount', { mounts: [byMount], options: SGS }, 'overlay'],
    [
      'an annotation with a strategy, and that mount',
      { mounts: [byMount], options: SGS, spec: [strategy('seed')] },
      'seed',
    ],
    ['the annotation alone, where a mount could ask', { options: { ...SGS, strategy: 'seed' } }, 'seed'],
  ])('%s', (_, scene, expected) => {
    const plan = ask(scene);
    expect(plan.refusal).toBeUndefined();
    expect(actionOf(plan).strategy).toBe(expected);
    expect(plan.facts['strategy']).toBe(expected);
  });
});

describe('a mount that asks by itself', () => {
  const asked = (mounts: Scene['mounts'], ...spec: readonly SpecOption[]): Scene => ({
    ...(mounts === undefined ? {} : { mounts }),
    spec: [without(TRIGGER), ...spec],
    options: sgsProfile,
  });

  test('its container starts on it, named or not, and the mount is gone', () => {
    for (const name of ['main', '']) {
      const plan = ask(asked([byMount], withAnnotation('io.kubernetes.cri.container-name', name)));
      expect(plan.document.spec.root?.path).toBe(ROOT_FOLDER);
      expect(plan.document.spec.mounts).toHaveLength(1);
      expect(plan.warnings).toEqual([]);
    }
  });

  test.each<[string, SpecOption]>([
    ['no annotations at all', ({ annotations: _, ...spec }) => spec],
    ['annotations that are null', (spec) => ({ ...spec, annotations: null as never })],
    ['annotations of its own', (spec) => ({ ...spec, annotations: { a: 'b' } })],
  ])('outside of Kubernetes: %s', (_, option) => {
    const { annotations, root } = ask({ ...asked([byMount], option), call: RUNSC }).document.spec;
    expect(root?.path).toBe(ROOT_FOLDER);
    expect(annotations).toMatchObject({
      'sgs.snucse.org/boot-volume': VOLUME_PATH,
      'dev.gvisor.spec.rootfs.source': ROOT_FOLDER,
    });
  });

  test.each<[string, Scene]>([
    ['nothing is mounted there', asked(GOOD.mounts)],
    ['beneath it', asked([pvcMount({ ...VOLUME, destination: '/sgs-os-volume/data' })])],
    ['above it', asked([pvcMount({ ...VOLUME, destination: '/sgs-os' })])],
    ['the place is a source', asked([{ destination: '/x', type: 'bind', source: '/sgs-os-volume' }])],
    ['a sandbox', asked([byMount], withAnnotation('io.kubernetes.cri.container-type', 'sandbox'))],
    [
      'only the annotation that says how: another container of the pod may have the mount',
      asked([], strategy('seed')),
    ],
    ['the rule has no such destination', { ...asked([byMount]), options: {} }],
  ])('passes: %s', (_, scene) => {
    expect(ask(scene)).toMatchObject({ decision: 'pass', actions: [], warnings: [] });
  });

  test('the annotation of another container does not stand in its way', () => {
    const spec = [
      withAnnotation('io.kubernetes.cri.sandbox-uid', 'u1'),
      withAnnotation('io.kubernetes.cri.container-name', 'main'),
      withAnnotation(`${TRIGGER}.container.other`, 'pvc-2'),
    ];
    expect(actionOf(ask(asked([byMount], ...spec))).strategy).toBe('overlay');
    expect(ask(asked([], ...spec)).decision).toBe('pass');
  });

  test('nor one for a volume that this container may go without', () => {
    const scene = {
      value: '/srv/boot',
      mounts: [byMount],
      spec: [withAnnotation('io.kubernetes.cri.container-name', 'main')],
      options: { ...SGS, withoutMount: 'pass' as const },
    };
    expect(actionOf(ask(scene)).strategy).toBe('overlay');
  });

  test('a container that mounts it is meant, also where the annotation names none', () => {
    const plan = ask({
      mounts: [byMount],
      spec: [withAnnotation('io.kubernetes.cri.container-name', 'main')],
      options: SGS,
    });
    expect(plan.warnings).toEqual([]);
    expect(actionOf(plan).strategy).toBe('overlay');
  });

  test.each(['"/sgs-os-volume"', '"//sgs-os-volume/."', '"\\/sgs-os-volume"', '"/sgs\\u002dos-volume"'])(
    'however its place is written: %s',
    (written) => {
      const text = JSON.stringify(specOf(asked([byMount]))).replace('"/sgs-os-volume/"', written);
      expect(planRewrite(parse(text), [pvcRootfs(SGS)], CALL, memoryHost(GOOD.host)).decision).toBe(
        'rewrite',
      );
    },
  );

  test('a mount that says two places is ambiguous, and not passed', () => {
    const text = JSON.stringify(specOf(asked([byMount]))).replace(
      '"destination":"/sgs-os-volume/"',
      '"destination":"/sgs-os-volume","Destination":"/data"',
    );
    const plan = planRewrite(parse(text), [pvcRootfs(SGS)], CALL, memoryHost(GOOD.host));
    expect(plan.refusal?.code).toBe('ERR_SPEC_AMBIGUOUS');
  });
});

describe('the second run', () => {
  const cases: readonly [string, Scene][] = [
    ...STRATEGIES.map((each): [string, Scene] => [each, { spec: [strategy(each)] }]),
    ...STRATEGIES.map((each): [string, Scene] => [
      `${each}, for gVisor`,
      { options: { strategy: each }, call: RUNSC },
    ]),
    ['by mount', { mounts: [byMount], spec: [without(TRIGGER)], options: SGS }],
    ['with a user namespace', { spec: [withUsers()] }],
  ];

  test.each(cases)('asks for the same mount, and changes nothing: %s', (_, scene) => {
    const host = memoryHost(GOOD.host);
    const first = askAbout(specOf(scene), host, scene);
    const action = actionOf(first);
    const again = (document: SpecDocument) =>
      planRewrite(document, [pvcRootfs(scene.options)], { ...CALL, ...scene.call }, host);
    // Where nothing could be mounted, and where it was.
    const byPath = again(first.document);
    expect(byPath).toMatchObject({ decision: 'pass', trace: [{ outcome: { reason: 'already rewritten' } }] });
    expect(actionOf(byPath)).toEqual(action);
    const mounted = again(first.document.apply(action.onceMounted));
    expect(mounted.decision).toBe('pass');
    expect(mounted.pins).toEqual(first.pins);
    // There is no path left to fall back to.
    expect(actionOf(mounted)).toEqual({ ...action, onceMounted: [], otherwise: 'refuse' });
  });

  test.each<[string, Scene, string]>([
    [
      'of another pod',
      { spec: [withAnnotation('io.kubernetes.cri.sandbox-uid', 'u2')] },
      'ERR_VOLUME_OTHER_POD',
    ],
    ['no longer mounted', { host: { directories: [VOLUME_PATH] } }, 'ERR_VOLUME_NOT_MOUNTED'],
    ['another one than is asked for', { value: 'pvc-2' }, 'ERR_ROOT_NOT_MOUNTED'],
    ['ids that nobody says', { spec: [withUsers(null)] }, 'ERR_USER_NAMESPACE_UNMAPPED'],
    ['an image on the volume', { spec: marked({ 'original-root': VOLUME_PATH }) }, 'ERR_ROOT_OVERLAPS'],
    [
      'a hint against it',
      { call: RUNSC, spec: [withAnnotation('dev.gvisor.spec.rootfs.source', VOLUME_PATH)] },
      'ERR_GVISOR_ROOTFS_HINT',
    ],
  ])('checks what the annotations say: %s', (_, scene, code) => {
    const spec = [withRoot({ path: ROOT_FOLDER }), ...marked(), ...(scene.spec ?? [])];
    expect(actionOf(ask({ mounts: [], spec: [withRoot({ path: ROOT_FOLDER }), ...marked()] })).strategy).toBe(
      'overlay',
    );
    expect(ask({ mounts: [], ...scene, spec }).refusal?.code).toBe(code);
  });

  test.each<[string, Readonly<Record<string, string>>]>([
    [
      'a folder that is not the root',
      { 'boot-volume': `${VOLUME_PATH}-2`, 'boot-volume-strategy': 'replace' },
    ],
    ['an overlay, whose root is never the volume itself', { 'boot-volume-strategy': 'overlay' }],
  ])('a volume as the root, and markers that name %s', (_, changes) => {
    const onVolume = withRoot({ path: VOLUME_PATH });
    const sound = ask({ mounts: [], spec: [onVolume, ...marked({ 'boot-volume-strategy': 'replace' })] });
    expect(actionOf(sound).strategy).toBe('replace');
    expect(ask({ mounts: [], spec: [onVolume, ...marked(changes)] }).refusal?.code).toBe(
      'ERR_VOLUME_NOT_FOUND',
    );
  });

  test('nothing asks any more: the markers alone are enough for their rule, and for no other', () => {
    const spec = [without(TRIGGER), withRoot({ path: ROOT_FOLDER }), ...marked()];
    expect(actionOf(ask({ mounts: [], spec })).root).toBe(VOLUME_PATH);
    const other = [...spec, ...marked({ 'boot-volume-rule': 'gone' })];
    expect(ask({ mounts: [], spec: other }).refusal).toMatchObject({
      code: 'ERR_ROOT_NOT_MOUNTED',
      rule: 'mount-root',
    });
  });
});

describe('user namespaces', () => {
  test.each<[string, Scene]>([
    ['a mount without mappings', {}],
    [
      'a mount with the same',
      { mounts: [{ ...byMount, destination: '/mnt', uidMappings: MAPPING, gidMappings: MAPPING }] },
    ],
    [
      'the same in another order',
      {
        spec: [withUsers([...MAPPING, { containerID: 70000, hostID: 1, size: 1 }])],
        mounts: [{ ...byMount, uidMappings: [{ containerID: 70000, hostID: 1, size: 1 }, ...MAPPING] }],
      },
    ],
    ['the option idmap', { mounts: [{ ...byMount, options: ['rbind', 'idmap'] }] }],
    ['the option ridmap', { mounts: [{ ...byMount, options: ['rbind', 'ridmap'] }] }],
  ])('the ids of the container are those of the volume: %s', (_, scene) => {
    const plan = ask({ spec: [withUsers()], ...scene });
    expect(plan.refusal).toBeUndefined();
    expect(plan.warnings).toEqual([]);
    const { idMappings, otherwise } = actionOf(plan);
    expect(idMappings?.gid).toEqual(MAPPING);
    expect(otherwise).toBe('refuse');
  });

  test('mappings without a user namespace are the runtime’s to complain about', () => {
    const spec: SpecOption = (each) => ({ ...each, linux: { ...each.linux, uidMappings: MAPPING } });
    expect(actionOf(ask({ spec: [spec] }))).not.toHaveProperty('idMappings');
  });
});

test('what the rule writes into the annotations is no slip', () => {
  const plan = ask({ spec: [strategy('overlay')] });
  const again = planRewrite(plan.document, [pvcRootfs(sgsProfile)], CALL, memoryHost(GOOD.host));
  expect(again.warnings).toEqual([]);
});

test('a rule that is given a folder that is none', () => {
  expect(() => pvcRootfs({ volumeDestination: 'sgs' })).toThrow(
    /volumeDestination must be an absolute folder/,
  );
  expect(() => pvcRootfs({ volumeDestination: '/' })).toThrow(/volumeDestination/);
  expect(pvcRootfs({ volumeDestination: '//a/volume/b/' }).triggers).toEqual([
    TRIGGER,
    'volume',
    ROOT_FOLDER,
  ]);
});
