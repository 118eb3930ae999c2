import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@opencontainers-ts/runtime-spec';
import {
  diffSpecs,
  orRefusal,
  readIdMap,
  withIdentityUserNamespace,
  withPodCgroupParent,
} from '../../src/spec-edit.js';

/** The code of a refusal; undefined where there is none. */
const codeOf = (step: () => object) => (orRefusal(step) as { code?: string }).code;

describe('a map of ids', () => {
  test.each([
    ['         0          0 4294967295\n', [{ inside: 0, outside: 0, size: 4294967295 }]],
    [
      '0 1000 1\n1\t100000\t65536\n',
      [
        { inside: 0, outside: 1000, size: 1 },
        { inside: 1, outside: 100000, size: 65536 },
      ],
    ],
    ['\n0 1 2', [{ inside: 0, outside: 1, size: 2 }]],
  ])('%j', (text, ranges) => {
    expect(readIdMap(text)).toEqual(ranges);
  });

  test.each(['', '\n', '0 0', '0 0 1 2', '0 0 0', '-1 0 1', '0 0 4294967296', '0x0 0 1', '0 0 1.5', '0,0,1'])(
    '%j is none',
    (text) => {
      expect(codeOf(() => readIdMap(text))).toBe('ERR_ID_MAP');
    },
  );
});

describe('a user namespace of identities', () => {
  const whole = '0 0 4294967295\n';
  const add = (path: string, value: unknown) => ({ op: 'add', path, value });
  const mapping = (id: number, size: number) => ({ containerID: id, hostID: id, size });

  test('is added beside the other namespaces', () => {
    const spec = { linux: { namespaces: [{ type: 'mount' }], sysctl: {} } };
    expect(diffSpecs(spec, withIdentityUserNamespace(spec, whole, '0 5 1\n7 100 2\n'))).toEqual([
      add('/linux/namespaces/-', { type: 'user' }),
      add('/linux/uidMappings', [mapping(0, 4294967295)]),
      add('/linux/gidMappings', [mapping(0, 1), mapping(7, 2)]),
    ]);
  });

  test.each([{}, { linux: null }, { linux: { namespaces: null, uidMappings: [], gidMappings: null } }])(
    'is added to %j',
    (spec) => {
      expect(withIdentityUserNamespace(spec, whole, whole)).toEqual({
        linux: {
          namespaces: [{ type: 'user' }],
          uidMappings: [mapping(0, 4294967295)],
          gidMappings: [mapping(0, 4294967295)],
        },
      });
    },
  );

  test('is added once', () => {
    const once = withIdentityUserNamespace({}, whole, whole);
    expect(withIdentityUserNamespace(once, '0 0 1', '0 0 1')).toBe(once);
  });

  const mapped = { linux: { uidMappings: [mapping(0, 1)] } };
  test.each<[string, JsonObject, 'sandbox' | 'host' | undefined]>([
    ['one that is joined', { linux: { namespaces: [{ type: 'user', path: '/proc/1/ns/user' }] } }, undefined],
    [
      'one with mappings',
      { linux: { namespaces: [{ type: 'pid' }, { type: 'user' }], ...mapped.linux } },
      'sandbox',
    ],
    ['the network of the host', {}, 'host'],
    ['mappings on the network of the host', mapped, 'host'],
  ])('%s stays as it is, and no map is read', (_name, spec, network) => {
    const options = network === undefined ? {} : { network };
    expect(withIdentityUserNamespace(spec, 'no map', '', options)).toBe(spec);
  });

  test.each<[JsonObject, string, string, string]>([
    [mapped, whole, whole, 'ERR_USER_NAMESPACE_MISSING'],
    [{ linux: { gidMappings: [mapping(0, 1)] } }, whole, whole, 'ERR_USER_NAMESPACE_MISSING'],
    [{}, '', whole, 'ERR_ID_MAP'],
    [{}, whole, '0 0', 'ERR_ID_MAP'],
    [{ linux: [] }, whole, whole, 'ERR_SPEC_FIELD'],
    [{ linux: { namespaces: [{ type: 1 }] } }, whole, whole, 'ERR_SPEC_FIELD'],
    [{ linux: { uidMappings: {} } }, whole, whole, 'ERR_SPEC_FIELD'],
  ])('%j with %j and %j is refused', (spec, uidMap, gidMap, code) => {
    expect(codeOf(() => withIdentityUserNamespace(spec, uidMap, gidMap))).toBe(code);
  });
});

describe('the cgroup of a pod', () => {
  const KIND = 'io.kubernetes.cri.container-type';
  const CRIO_KIND = 'io.kubernetes.cri-o.ContainerType';
  const PARENT = 'dev.gvisor.spec.cgroup-parent';
  const sandbox = (
    cgroupsPath: string,
    annotations: Readonly<Record<string, string>> = { [KIND]: 'sandbox' },
  ) => ({
    annotations,
    linux: { cgroupsPath },
  });
  const parentOf = (spec: JsonObject) => (withPodCgroupParent(spec)['annotations'] as JsonObject)[PARENT];

  test.each([
    ['/kubepods/burstable/pod123/container123', '/kubepods/burstable/pod123'],
    ['kubepods/pod1/abc', 'kubepods/pod1'],
    ['/pod1/pod2/abc', '/pod1/pod2'],
    ['/pod1/', '/pod1'],
    ['/kubepods//./besteffort/pod1/abc', '/kubepods/besteffort/pod1'],
    ['/a/../pod1/abc', '/pod1'],
    ['../pod1/abc', '../pod1'],
    ['/kubepods/pod1/a/b', '/kubepods/pod1'],
  ])('%s: %s', (path, parent) => {
    expect(parentOf(sandbox(path))).toBe(parent);
    expect(parentOf(sandbox(path, { [CRIO_KIND]: 'sandbox' }))).toBe(parent);
  });

  test('takes the place of another one', () => {
    const spec = sandbox('/pod1/abc', { [KIND]: 'sandbox', [PARENT]: '/other' });
    expect(diffSpecs(spec, withPodCgroupParent(spec))).toEqual([
      { op: 'replace', path: `/annotations/${PARENT}`, value: '/pod1' },
    ]);
  });

  test.each<[string, JsonObject]>([
    ['a container', sandbox('/pod1/abc', { [KIND]: 'container' })],
    [
      "a container by containerd's word",
      sandbox('/pod1/abc', { [KIND]: 'container', [CRIO_KIND]: 'sandbox' }),
    ],
    ['one on its own', sandbox('/pod1/abc', {})],
    ['no pod', sandbox('/kubepods/abc')],
    ['the cgroup of the pod itself', sandbox('/kubepods/pod1')],
    ['the notation of systemd', sandbox('kubepods-pod1.slice:cri-containerd:abc')],
    ['no path', sandbox('')],
    ['nothing', {}],
  ])('%s stays as it is', (_name, spec) => {
    expect(withPodCgroupParent(spec)).toBe(spec);
  });

  test('a field of another type is refused', () => {
    const spec = { ...sandbox(''), linux: { cgroupsPath: 1 } };
    expect(codeOf(() => withPodCgroupParent(spec))).toBe('ERR_SPEC_FIELD');
  });
});
