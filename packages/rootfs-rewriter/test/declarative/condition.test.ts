import { describe, expect, test } from '@jest/globals';
import { type Call, type Condition, declarativeRule, planRewrite } from '@opencontainers-ts/rootfs-rewriter';
import { memoryHost } from '@opencontainers-ts/rootfs-rewriter/testing';
import type { JsonValue } from '@opencontainers-ts/runtime-spec';
import { CALL } from '../scene.js';
import { parse } from './then-row.js';

const SPEC = {
  process: { args: ['/usr/bin/python3', '-m', 'http.server'], env: ['A=x=y', 'B=', 'A=2', 'C'] },
  mounts: [
    { destination: '/proc', type: 'proc', source: 'proc' },
    {
      destination: '/var/run/docker.sock/',
      type: 'bind',
      source: '/run//docker.sock',
      options: ['rbind', 'ro'],
    },
  ],
};
const CONTAINERD = {
  'io.kubernetes.cri.container-type': 'container',
  'io.kubernetes.cri.sandbox-namespace': 'ci-42',
  'io.kubernetes.cri.container-name': 'main',
  'io.kubernetes.cri.image-name': 'docker.io/library/busybox:1',
  'example.org/kvm': 'true',
  'example.org/empty': '',
};
const CRIO = {
  'io.container.manager': 'cri-o',
  'io.kubernetes.cri-o.ContainerType': 'container',
  'io.kubernetes.cri-o.Labels':
    '{"io.kubernetes.container.name":"main","io.kubernetes.pod.namespace":"ci-42"}',
  // The pod may write this one on its containers.
  'io.kubernetes.cri-o.Namespace': 'kube-system',
  'io.kubernetes.cri-o.ImageName': 'docker.io/library/busybox:1',
};
const PODMAN = {
  'io.container.manager': 'libpod',
  'io.kubernetes.cri-o.ContainerType': 'sandbox',
};

function ask(when: Condition, annotations: object = CONTAINERD, call: Call = CALL) {
  const rule = declarativeRule({ name: 'r', when, then: { cwd: '/srv' } });
  return planRewrite(parse(JSON.stringify({ ...SPEC, annotations })), [rule], call, memoryHost());
}

interface Row {
  readonly holds: Condition;
  readonly fails: Condition;
  /** The first condition that failed, and both values. */
  readonly because: readonly [condition: string, expected: JsonValue, found: JsonValue];
}

const key = 'example.org/kvm';
const rows: readonly Row[] = [
  {
    holds: { annotation: { key } },
    fails: { annotation: { key: 'x' } },
    because: ['/when/annotation', '*', null],
  },
  {
    holds: { annotation: { key, present: true } },
    fails: { annotation: { key, present: false } },
    because: ['/when/annotation/present', null, 'true'],
  },
  {
    holds: { annotation: { key: 'x', present: false } },
    fails: { annotation: { key: 'example.org/empty', present: false } },
    because: ['/when/annotation/present', null, ''],
  },
  {
    holds: { annotation: { key, equals: 'true' } },
    fails: { annotation: { key, equals: 'tru*' } },
    because: ['/when/annotation/equals', 'tru*', 'true'],
  },
  {
    holds: { annotation: { key, glob: 't?u*' } },
    fails: { annotation: { key, glob: 'T*' } },
    because: ['/when/annotation/glob', 'T*', 'true'],
  },
  {
    holds: { annotation: { key: 'example.org/empty', equals: '' } },
    fails: { annotation: { key: 'x', equals: '' } },
    because: ['/when/annotation/equals', '', null],
  },
  {
    holds: { env: { name: 'A', equals: 'x=y' } },
    fails: { env: { name: 'A', equals: '2' } },
    because: ['/when/env/equals', '2', 'x=y'],
  },
  { holds: { env: { name: 'B' } }, fails: { env: { name: 'X' } }, because: ['/when/env', '*', null] },
  {
    holds: { env: { name: 'C', equals: '' } },
    fails: { env: { name: 'C', glob: '?*' } },
    because: ['/when/env/glob', '?*', ''],
  },
  {
    holds: { args: { glob: '*/python?' } },
    fails: { args: { glob: 'python3' } },
    because: ['/when/args', 'python3', ['/usr/bin/python3', '-m', 'http.server']],
  },
  {
    holds: { args: { at: 1, equals: '-m' } },
    fails: { args: { at: 0, equals: '-m' } },
    because: ['/when/args', '-m', '/usr/bin/python3'],
  },
  {
    holds: { args: { at: 2n, glob: 'http*' } },
    fails: { args: { at: 3, glob: '*' } },
    because: ['/when/args', '*', null],
  },
  {
    holds: { mount: { destination: '*/docker.sock', source: '/run/*', type: 'bind', option: 'ro' } },
    fails: { mount: { destination: '/proc', type: 'bind' } },
    because: ['/when/mount', { destination: '/proc', type: 'bind' }, ['/proc', '/var/run/docker.sock']],
  },
  {
    holds: { verb: 'create' },
    fails: { verb: ['run', 'restore'] },
    because: ['/when/verb', 'run or restore', 'create'],
  },
  {
    holds: { containerType: 'container' },
    fails: { containerType: 'sandbox' },
    because: ['/when/containerType', 'sandbox', 'container'],
  },
  {
    holds: { podNamespace: 'ci-*' },
    fails: { podNamespace: 'prod' },
    because: ['/when/podNamespace', 'prod', 'ci-42'],
  },
  {
    holds: { containerName: 'm??n' },
    fails: { containerName: 'mai' },
    because: ['/when/containerName', 'mai', 'main'],
  },
  {
    holds: { imageName: '*/busybox:*' },
    fails: { imageName: 'busybox' },
    because: ['/when/imageName', 'busybox', 'docker.io/library/busybox:1'],
  },
  {
    holds: { all: [{ env: { name: 'A' } }, { verb: 'create' }] },
    fails: { all: [{ env: { name: 'A' } }, { verb: 'run' }, { env: { name: 'X' } }] },
    because: ['/when/all/1/verb', 'run', 'create'],
  },
  {
    holds: { any: [{ verb: 'run' }, { env: { name: 'A' } }] },
    fails: { any: [{ verb: 'run' }, { env: { name: 'X' } }] },
    because: ['/when/any/0/verb', 'run', 'create'],
  },
  {
    holds: { not: { not: { env: { name: 'A' } } } },
    fails: { not: { env: { name: 'A' }, verb: 'create' } },
    because: ['/when/not', false, true],
  },
  {
    holds: { env: { name: 'A' }, verb: 'create' },
    fails: { env: { name: 'X' }, verb: 'run' },
    because: ['/when/verb', 'run', 'create'],
  },
];

describe('when', () => {
  test.each(rows)(
    '$holds holds, $fails does not',
    ({ holds, fails, because: [condition, expected, found] }) => {
      expect(ask(holds).decision).toBe('rewrite');
      const { decision, trace } = ask(fails);
      expect(decision).toBe('pass');
      expect(trace).toEqual([
        {
          rule: 'r',
          outcome: {
            kind: 'pass',
            reason: expect.stringMatching(/^[^\p{C}]+$/u),
            because: { kind: 'failed-condition', condition, expected, found },
          },
        },
      ]);
    },
  );

  test('every member of a condition has a row', () => {
    const named = new Set(rows.flatMap(({ holds, fails }) => [...Object.keys(holds), ...Object.keys(fails)]));
    expect([...named].sort()).toEqual(
      [
        ...['all', 'annotation', 'any', 'args', 'containerName', 'containerType', 'env', 'imageName'],
        ...['mount', 'not', 'podNamespace', 'verb'],
      ].sort(),
    );
  });

  test('without conditions a rule acts on every container, sandboxes too', () => {
    expect(ask({ verb: ['create', 'run', 'restore'] }, PODMAN).decision).toBe('rewrite');
  });

  const families: readonly [string, object, Condition, 'rewrite' | 'pass'][] = [
    ['CRI-O', CRIO, { podNamespace: 'ci-42', containerName: 'main', imageName: '*busybox:1' }, 'rewrite'],
    ['CRI-O: a namespace of the pod’s own making', CRIO, { podNamespace: 'kube-system' }, 'pass'],
    ['podman', PODMAN, { containerType: 'sandbox' }, 'rewrite'],
    ['podman has no names', PODMAN, { podNamespace: '*' }, 'pass'],
    ['no engine: of no type', {}, { containerType: 'container' }, 'pass'],
    ['no engine: no names', { 'io.kubernetes.cri.sandbox-namespace': 'a' }, { podNamespace: 'a' }, 'pass'],
    ['no engine: not a sandbox', { a: 'sandbox' }, { not: { containerType: 'sandbox' } }, 'rewrite'],
  ];
  test.each(families)('%s', (_, annotations, when, decision) => {
    expect(ask(when, annotations).decision).toBe(decision);
  });

  test('a forged type of container refuses, but only a rule that asks for it', () => {
    const forged = { ...CRIO, 'io.kubernetes.cri.container-type': 'sandbox' };
    expect(ask({ containerType: 'container' }, forged).refusal?.code).toBe('ERR_POD_IDENTITY');
    expect(ask({ annotation: { key: 'io.container.manager' } }, forged).decision).toBe('rewrite');
  });

  test('labels that contradict each other refuse', () => {
    const forged = { ...CRIO, 'io.kubernetes.container.name': 'other' };
    expect(ask({ containerName: 'main' }, forged).refusal?.code).toBe('ERR_POD_IDENTITY');
    expect(ask({ containerName: 'main' }, { ...CRIO, 'io.kubernetes.container.name': 'main' }).decision).toBe(
      'rewrite',
    );
  });

  test('a reason is one printable line, whatever the spec holds', () => {
    const { trace } = ask({ annotation: { key, equals: 'x' } }, { [key]: 'a\n\u001b[31m\u202e' });
    expect(trace[0].outcome).toMatchObject({ reason: expect.stringMatching(/^[^\p{C}]+$/u) });
  });
});
