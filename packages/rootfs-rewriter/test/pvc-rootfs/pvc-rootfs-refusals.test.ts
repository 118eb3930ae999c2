import { describe, expect, test } from '@jest/globals';
import { type Host, REWRITER_ERROR_CODES } from '@opencontainers-ts/rootfs-rewriter';
import {
  errnoError,
  memoryHost,
  pvcMount,
  pvcPath,
  withAnnotation,
} from '@opencontainers-ts/rootfs-rewriter/testing';
import type { Mount } from '@opencontainers-ts/runtime-spec';
import { SystemError } from '@opencontainers-ts/runtime-spec/bundle';
import { REFUSED_ROOTS } from '../refused-roots.js';
import { REFUSED_SPECS } from '../refused-specs.js';
import { DEAD, REFUSED_VOLUMES } from '../refused-volumes.js';
import { ask, askAbout, GOOD, POD_FOLDER, specOf, VOLUME, VOLUME_PATH } from '../scene.js';

const table = [...REFUSED_SPECS, ...REFUSED_VOLUMES, ...REFUSED_ROOTS];
const emptyDir = { podUid: 'u1', volume: 'tmp', plugin: 'empty-dir' };
const from = (source: string): Mount => ({ destination: '/mnt', type: 'bind', source, options: ['rbind'] });

describe('refusals of pvc-rootfs', () => {
  test.each(table)('%s: %s', (code, _, wrong, right = {}) => {
    const refused = ask(wrong);
    expect(refused.refusal?.code).toBe(code);
    expect(refused).toMatchObject({ decision: 'refuse', patch: [], pins: [] });
    // An errno may have a hint of its own.
    const errno = refused.refusal?.details?.['errno'];
    const hint = errno === undefined ? REWRITER_ERROR_CODES[code].hint : expect.stringMatching(/^\w.{20,}/u);
    expect(refused.refusal?.hint).toEqual(hint);
    const accepted = ask(right);
    expect(accepted.refusal).toBeUndefined();
    expect(accepted.decision).toBe('rewrite');
  });

  test('every code of the rule stands in the table', () => {
    // These belong to the engine and to the making of a rule, and are tested there.
    const elsewhereTested = [
      // spec-edit/gvisor-transforms.test.ts: no rule of this package makes a user namespace.
      'ERR_USER_NAMESPACE_MISSING',
      'ERR_ID_MAP',
      'ERR_SPEC_AMBIGUOUS',
      'ERR_RULE_INVALID',
      'ERR_RULE_CRASHED',
      'ERR_RULE_OUTCOME',
      'ERR_RULE_PATCH',
      'ERR_NO_RULE_CLAIMS',
      // pvc-rootfs-containers.test.ts: its hint names the annotation.
      'ERR_CONTAINER_NOT_NAMED',
    ];
    const ofDefinitions = [
      'ERR_RULE_CONFLICT',
      'ERR_RULE_DEVICE_MISSING',
      'ERR_RULE_HOOK_MISSING',
      'ERR_RULE_SECCOMP_PROFILE',
    ];
    const codes = new Set([...table.map(([code]) => code), ...elsewhereTested, ...ofDefinitions]);
    expect([...codes].sort()).toEqual(Object.keys(REWRITER_ERROR_CODES).sort());
  });

  test.each(table)('%s: %s: the message is one plain line', (_, __, wrong) => {
    const message = ask(wrong).refusal?.message ?? '';
    expect(message).toMatch(/^[^A-Z\n\r].*[^.]$/u);
    // podman turns these phrases, wherever they stand, into exit statuses of its own.
    expect(message).not.toMatch(
      /permission denied|operation not permitted|no such file or directory|not found/i,
    );
  });
});

describe('the message for a volume that is not there', () => {
  const mounts = [...GOOD.mounts, pvcMount({ ...emptyDir, destination: '/tmp' })];

  test('names what is mounted and can be chosen', () => {
    const { refusal } = ask({ value: 'boot-pvc', mounts });
    expect(refusal?.details).toEqual({ mounted: [{ volume: 'pvc-1', destination: '/mnt' }] });
    expect(refusal?.message).toContain('"boot-pvc"');
    expect(refusal?.message).toContain('"pvc-1" at "/mnt"');
    expect(refusal?.message).toContain('claim name');
    expect(refusal?.message).not.toContain('"tmp"');
  });

  test('text from the spec cannot break the line', () => {
    const { refusal } = ask({ value: 'a\nb\u001b[31m\u202e', mounts });
    expect(refusal?.code).toBe('ERR_VOLUME_NOT_FOUND');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there
    expect(refusal?.message).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
  });

  test('stays short when much is mounted', () => {
    const many = Array.from({ length: 5000 }, (_, index) =>
      pvcMount({ podUid: 'u1', volume: `pvc-${index}`, destination: `/mnt/${index}` }),
    );
    const { refusal } = ask({ value: 'none', mounts: many });
    expect(refusal?.message).toContain('and 4980 more');
    expect(refusal?.message.length).toBeLessThan(2000);
  });
});

describe('a file system that does not answer', () => {
  const other = { podUid: 'u1', volume: 'pvc-2' };
  const dead = (path: string, errno: string) => ({
    mounts: [VOLUME_PATH, pvcPath(other)],
    failures: { [path]: errno },
  });

  test.each(DEAD)(
    '%s: the message has the errno, and the path whole; the hint is not about rights',
    (errno) => {
      const { refusal } = ask({ host: dead(VOLUME_PATH, errno) });
      expect(refusal?.message).toContain(`"${VOLUME_PATH}" does not answer: ${errno}, `);
      expect(refusal?.hint).toContain('mounts the volume anew');
      expect(refusal?.details).toMatchObject({ errno, path: VOLUME_PATH });
    },
  );

  test.each(DEAD)('%s where nothing but the opening of the folder fails', (errno) => {
    const host = memoryHost(GOOD.host);
    const opened = (): never => {
      throw errnoError(errno, 'openat2', 'pods/u1');
    };
    const { refusal } = askAbout(specOf({}), { ...host, resolveBeneath: opened });
    expect(refusal?.code).toBe('ERR_VOLUME_UNREACHABLE');
    expect(refusal?.message).toContain(`"${VOLUME_PATH}" does not answer: ${errno}, `);
  });

  test('another volume of the container is for the runtime to tell', () => {
    const mounts = [...GOOD.mounts, pvcMount({ ...other, destination: '/data' })];
    expect(ask({ mounts, host: dead(pvcPath(other), 'ENOTCONN') }).decision).toBe('rewrite');
    // One that may not be looked at might be the volume once more.
    const { refusal } = ask({ mounts, host: dead(pvcPath(other), 'EACCES') });
    expect(refusal?.code).toBe('ERR_HOST_UNREADABLE');
  });

  test.each([
    ['ENOTCONN', 'mount it anew'],
    ['ELOOP', 'symlinks lead back'],
    ['EACCES', 'runs as root'],
  ])('the folder of the kubelet: %s has a hint of its own', (errno, hint) => {
    const { refusal } = ask({ host: dead('/var/lib/kubelet', errno) });
    expect(refusal?.code).toBe('ERR_HOST_UNREADABLE');
    expect(refusal?.message).toContain(`${errno} for "/var/lib/kubelet"`);
    expect(refusal?.hint).toContain(hint);
  });
});

test.each([
  ['EACCES', 'lstat', 'lstat failed with EACCES for "/var/lib/kubelet"'],
  ['EMFILE', undefined, 'a read failed with EMFILE for "/var/lib/kubelet"'],
])('what the hosts of the programs throw is no crash of the rule: %s', (errno, syscall, said) => {
  const thrown = (): never => {
    throw new SystemError({ errno, ...(syscall === undefined ? {} : { syscall }) }, '/var/lib/kubelet');
  };
  const { refusal } = askAbout(specOf({}), { ...memoryHost(GOOD.host), lstat: thrown, realpath: thrown });
  expect(refusal).toMatchObject({
    code: 'ERR_HOST_UNREADABLE',
    message: `rule "pvc-rootfs": ${said}`,
    details: { errno, path: '/var/lib/kubelet' },
  });
});

describe('a value that can be no name', () => {
  const inPod = { ...GOOD, spec: [withAnnotation('io.kubernetes.cri.sandbox-uid', 'u1')] };
  const long = memoryHost(GOOD.host);
  // As Linux does: NAME_MAX for a component, PATH_MAX for the whole.
  const strict = <T>(path: string, look: () => T): T => {
    if (path.includes('\0')) throw new TypeError('must be a string without null bytes');
    const tooLong = path.length >= 4096 || path.split('/').some((part) => Buffer.byteLength(part) > 255);
    if (tooLong) throw errnoError('ENAMETOOLONG', 'lstat', path);
    return look();
  };
  const host: Host = {
    ...long,
    lstat: (path) => strict(path, () => long.lstat(path)),
    realpath: (path) => strict(path, () => long.realpath(path)),
  };
  test.each([
    ['256 letters', 'a'.repeat(256), 'ERR_VOLUME_NOT_FOUND'],
    ['255 letters', 'a'.repeat(255), 'ERR_VOLUME_NOT_FOUND'],
    ['200 letters of two bytes', 'é'.repeat(200), 'ERR_VOLUME_NOT_FOUND'],
    ['a name of 5000 letters', 'a'.repeat(5000), 'ERR_VOLUME_NOT_FOUND'],
    ['a path of 5000 letters', `/${'a/'.repeat(2500)}`, 'ERR_VOLUME_NOT_FOUND'],
    ['a NUL', 'pvc-1\0', 'ERR_VOLUME_NOT_FOUND'],
    ['a NUL in a path', '/mnt\0', 'ERR_VOLUME_NOT_FOUND'],
    ['..', '..', 'ERR_VOLUME_NOT_FOUND'],
    ['a path with ..', '/mnt/../mnt', 'ERR_VOLUME_NOT_FOUND'],
    ['a relative path', '../pvc-1', 'ERR_VOLUME_NOT_FOUND'],
    ['a slash', '/', 'ERR_VOLUME_NOT_FOUND'],
    ['three slashes', '///', 'ERR_VOLUME_NOT_FOUND'],
    ['nothing', '', 'ERR_VOLUME_SELECTOR'],
    ['a blank', ' ', 'ERR_VOLUME_SELECTOR'],
    ['blanks of all kinds', ' \t\n\u00a0', 'ERR_VOLUME_SELECTOR'],
  ])('%s', (_, value, code) => {
    expect(askAbout(specOf({ ...inPod, value }), host).refusal?.code).toBe(code);
    expect(askAbout(specOf(inPod), host).decision).toBe('rewrite');
  });

  test.each([
    ['a blank at its end', 'pvc-1 ', 'the value has blanks around the name "pvc-1"'],
    ['a line break at its end', '/mnt\n', 'the value has blanks around the destination "/mnt"'],
    ['a blank in front of the slash', ' /mnt', 'the value has blanks around the destination "/mnt"'],
    ['another case', 'PVC-1', 'did you mean "pvc-1"?'],
    ['a slip in a destination', '/mtn', 'did you mean "/mnt"?'],
  ])('what was meant: %s', (_, value, said) => {
    const { refusal } = askAbout(specOf({ ...inPod, value }), host);
    expect(refusal?.code).toBe('ERR_VOLUME_NOT_FOUND');
    expect(refusal?.message).toContain(said);
  });
});

describe('a mount in the folder of the kubelet that is no volume says what it is', () => {
  const K = '/var/lib/kubelet';
  const flex =
    'is the volume "pv-1" of the FlexVolume driver "ceph.rook.io/rook": such volumes are not taken as a root';
  test.each([
    [`${POD_FOLDER}/volumes/ceph.rook.io~rook/pv-1`, flex],
    [`${POD_FOLDER}/volumes/ceph.rook.io~rook/pv-1/sub`, flex.replace('is the', 'lies within the')],
    [
      `${VOLUME_PATH}/sub`,
      'lies within the volume "pvc-1": only the whole of a volume, or a subPath of it, can be the root',
    ],
    [`${POD_FOLDER}/volumes/kubernetes.io~nfs/pv-7/a/b`, 'lies within the volume "pv-7": only'],
    [`${POD_FOLDER}/volume-subpaths/pv-7/main/0/a`, 'lies within the volume "pv-7": only'],
    [
      `${POD_FOLDER}/volumes/kubernetes.io~csi/pvc-1`,
      'is what the kubelet keeps for the CSI volume "pvc-1", whose own folder is the one named "mount" in it',
    ],
    [`${POD_FOLDER}/volumes/kubernetes.io~csi`, 'is what the kubelet keeps for the pod, and not'],
    [`${POD_FOLDER}/volumes/~driver/pv-1`, 'is not where the kubelet has the folder of a volume'],
    [`${POD_FOLDER}/etc-hosts`, 'is what the kubelet keeps for the pod, and not'],
    [`${K}/plugins/kubernetes.io/csi/x/globalmount`, 'is what the kubelet keeps for itself, and not'],
  ])('%s', (source, said) => {
    const { refusal } = ask({ value: '/mnt', mounts: [from(source)], host: { mounts: [source] } });
    expect(refusal?.code).toBe('ERR_VOLUME_LAYOUT');
    expect(refusal?.message).toContain(`the source "${source}" ${said}`);
  });

  test('the child of a child of a hostPath provisioner', () => {
    const { refusal } = ask({
      value: '/mnt',
      mounts: [from('/opt/p/v/sub')],
      options: { hostPathFolders: ['/opt/p'] },
    });
    expect(refusal?.code).toBe('ERR_VOLUME_LAYOUT');
    expect(refusal?.message).toContain(
      'lies deeper than the volumes in "/opt/p", which are its direct children',
    );
  });

  test('a subPath of a FlexVolume is none of a hostPath volume', () => {
    const subpath = { ...VOLUME, subpath: { container: 'main', index: 0 } };
    const row = { mounts: [pvcMount({ ...subpath, destination: '/mnt' })] };
    const flexVolume = `${POD_FOLDER}/volumes/v~d/pvc-1`;
    expect(ask({ ...row, host: { mounts: [pvcPath(subpath), flexVolume] } }).refusal).toMatchObject({
      code: 'ERR_VOLUME_LAYOUT',
      message: expect.stringContaining('of the FlexVolume driver "v/d"'),
    });
    expect(ask({ ...row, host: { mounts: [pvcPath(subpath)] } }).refusal?.code).toBe(
      'ERR_VOLUME_OUTSIDE_KUBELET',
    );
  });

  test('nor is one that the value names said not to be mounted', () => {
    const source = `${POD_FOLDER}/volumes/ceph.rook.io~rook/pv-1`;
    const { refusal } = ask({ value: 'pv-1', mounts: [from(source)], host: { mounts: [source] } });
    expect(refusal?.code).toBe('ERR_VOLUME_NOT_FOUND');
    expect(refusal?.message).toContain(`; the mount at "/mnt" ${flex}`);
    const other = ask({ value: 'pv-2', mounts: [from(source)], host: { mounts: [source] } });
    expect(other.refusal?.message).not.toContain('FlexVolume');
  });

  test.each([
    'nfs',
    'rbd',
    'iscsi',
    'fc',
    'local-volume',
    'cephfs',
    'glusterfs',
    'azure-file',
    'vsphere-volume',
  ])('a claim of the plugin %s is one', (plugin) => {
    const volume = { ...VOLUME, plugin };
    const mounts = [pvcMount({ ...volume, destination: '/mnt' })];
    expect(ask({ mounts, host: { mounts: [pvcPath(volume)] } }).decision).toBe('rewrite');
  });
});

test('only mounts that may be volumes are looked up on the host', () => {
  const looked: string[] = [];
  const real = memoryHost(GOOD.host);
  const others = Array.from({ length: 1000 }, (_, index) => from(`/srv/${index}`)).map((mount, index) => ({
    ...mount,
    destination: `/srv/${index}`,
  }));
  const plan = askAbout(specOf({ mounts: [...others, ...GOOD.mounts] }), {
    ...real,
    realpath: (path) => {
      looked.push(path);
      return real.realpath(path);
    },
  });
  expect(plan.decision).toBe('rewrite');
  expect(new Set(looked)).toEqual(new Set(['/var/lib/kubelet', VOLUME_PATH, '/run/bundle/rootfs']));
});

describe('whether a mount begins at the volume', () => {
  const mounted = memoryHost(GOOD.host);
  const plain = memoryHost({ directories: [VOLUME_PATH] });
  const answering = (host: Host, isMountRoot: boolean | undefined): Host => ({
    ...host,
    resolveBeneath: (root, path) => {
      const { isMountRoot: _, ...pin } = host.resolveBeneath(root, path);
      return isMountRoot === undefined ? pin : { ...pin, isMountRoot };
    },
  });
  test.each([
    ['the kernel says so', answering(plain, true), 'rewrite'],
    [
      'the kernel says no: the line of the mount table is of a mount that another one hides',
      answering(mounted, false),
      'refuse',
    ],
    ['the kernel does not say, the mount table has it', answering(mounted, undefined), 'rewrite'],
    ['the kernel does not say, the mount table lacks it', answering(plain, undefined), 'refuse'],
  ])('%s', (_, host, decision) => {
    const plan = askAbout(specOf({}), host);
    expect(plan.decision).toBe(decision);
    expect(plan.refusal?.code).toBe(decision === 'refuse' ? 'ERR_VOLUME_NOT_MOUNTED' : undefined);
    expect(plan.pins.every((pin) => !('isMountRoot' in pin))).toBe(true);
  });
});
