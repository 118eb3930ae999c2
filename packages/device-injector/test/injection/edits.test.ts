import { describe, expect, test } from '@jest/globals';

import type { CdiHookName, ContainerEdits } from '../../src/index.js';
import { cdiSpec, editedBy, machineWith, planFor } from './scene.js';

const NULL_NODE = { path: '/dev/null', type: 'c', major: 1, minor: 3, fileMode: 0o666 };
const NULL_RULE = { allow: true, type: 'c', major: 1, minor: 3, access: 'rwm' };
const mount = (destination: string, source = '/h', options = ['rbind']) => ({ destination, source, options });
const bind = (containerPath: string, hostPath = '/h', options = ['rbind']) => ({
  containerPath,
  hostPath,
  options,
});

test.each<[title: string, spec: object, edits: ContainerEdits, expected: object]>([
  [
    'a variable takes the place of the last of its name, and a value may hold an =',
    { process: { env: ['A=1', 'B=2', 'A=3', 'AB=4'] } },
    { env: ['A=x=y', 'C=', 'C=5'] },
    { process: { env: ['A=1', 'B=2', 'A=x=y', 'AB=4', 'C=5'] } },
  ],
  ['env that is null', { process: { env: null } }, { env: ['A=1'] }, { process: { env: ['A=1'] } }],
  ['no process', {}, { env: ['A=1'] }, { process: { env: ['A=1'] } }],
  [
    'a device with another number is replaced, and goes to the end',
    {
      linux: {
        devices: [
          { path: '/dev/null', type: 'c', major: 9, minor: 9 },
          { path: '/dev/a', type: 'p' },
        ],
      },
    },
    { deviceNodes: [{ path: '/dev/null', permissions: 'r' }] },
    {
      linux: {
        devices: [{ path: '/dev/a', type: 'p' }, NULL_NODE],
        resources: { devices: [{ ...NULL_RULE, access: 'r' }] },
      },
    },
  ],
  [
    'a device that is there already stays where it is, and its rule is not added again',
    {
      linux: {
        devices: [NULL_NODE, { path: '/dev/a', type: 'p' }],
        resources: { devices: [{ allow: false, access: 'rwm' }, NULL_RULE] },
      },
    },
    { deviceNodes: [{ path: '/dev/null' }], env: ['A=1'] },
    {
      process: { env: ['A=1'] },
      linux: {
        devices: [NULL_NODE, { path: '/dev/a', type: 'p' }],
        resources: { devices: [{ allow: false, access: 'rwm' }, NULL_RULE] },
      },
    },
  ],
  [
    'of two nodes of one path the last one counts; both numbers are allowed',
    {},
    {
      deviceNodes: [
        { path: '/dev/x', type: 'c', major: 1, minor: 2 },
        { path: '/dev/null', permissions: 'none' },
        { path: '/dev/x', type: 'b', major: 3, minor: 4, fileMode: 0, uid: 0, gid: 5 },
      ],
    },
    {
      linux: {
        devices: [NULL_NODE, { path: '/dev/x', type: 'b', major: 3, minor: 4, fileMode: 0, uid: 0, gid: 5 }],
        resources: {
          devices: [
            { allow: true, type: 'c', major: 1, minor: 2, access: 'rwm' },
            { allow: true, type: 'c', major: 1, minor: 3 },
            { allow: true, type: 'b', major: 3, minor: 4, access: 'rwm' },
          ],
        },
      },
    },
  ],
  [
    'the user of the process owns what has no owner',
    { process: { user: { uid: 1000, gid: 0 } } },
    { deviceNodes: [{ path: '/dev/null' }, { path: '/dev/y', type: 'p', uid: 0 }] },
    {
      process: { user: { uid: 1000, gid: 0 } },
      linux: {
        devices: [
          { ...NULL_NODE, uid: 1000 },
          { path: '/dev/y', type: 'p', major: 0, minor: 0, uid: 0 },
        ],
        resources: { devices: [NULL_RULE] },
      },
    },
  ],
  [
    'mounts are sorted by depth, those of one depth in the order they had',
    { mounts: ['/proc', '/dev', '/dev/shm', '/a/b', '/a', 'rel'].map((path) => mount(path)) },
    { mounts: [bind('/x/y/z'), bind('/x'), bind('/..//x/./q/')] },
    {
      mounts: ['rel', '/proc', '/dev', '/a', '/x', '/dev/shm', '/a/b', '/..//x/./q/', '/x/y/z'].map((path) =>
        mount(path),
      ),
    },
  ],
  [
    'a mount takes the place of those with the same text as destination, not of others that name the same place',
    { mounts: [mount('/a/b', '/1'), mount('/a/b/', '/2'), mount('/a/b', '/3')] },
    { mounts: [bind('/a/b', '/new')] },
    { mounts: [mount('/a/b/', '/2'), mount('/a/b', '/new')] },
  ],
  [
    'a mount that is there already stays where it is',
    { mounts: [mount('/b'), mount('/a')] },
    { mounts: [bind('/b')], env: ['A=1'] },
    { mounts: [mount('/b'), mount('/a')], process: { env: ['A=1'] } },
  ],
  [
    'without mounts to inject the order is not touched',
    { mounts: [mount('/a/b'), mount('/a')] },
    { env: ['A=1'] },
    { mounts: [mount('/a/b'), mount('/a')], process: { env: ['A=1'] } },
  ],
  [
    'in a user namespace bind mounts are id-mapped, and others are not',
    { linux: { namespaces: [{ type: 'pid' }, { type: 'user' }] } },
    {
      mounts: [
        bind('/1', '/h', ['ro', 'rbind']),
        bind('/2', '/h', ['bind']),
        { hostPath: '/h', containerPath: '/3', type: 'bind' },
        bind('/4', '/h', ['bind', 'ridmap']),
        { hostPath: 'tmpfs', containerPath: '/5', type: 'tmpfs', options: ['ro'] },
      ],
    },
    {
      linux: { namespaces: [{ type: 'pid' }, { type: 'user' }] },
      mounts: [
        mount('/1', '/h', ['ro', 'rbind', 'ridmap']),
        mount('/2', '/h', ['bind', 'idmap']),
        { destination: '/3', type: 'bind', source: '/h', options: ['idmap'] },
        mount('/4', '/h', ['bind', 'ridmap']),
        { destination: '/5', type: 'tmpfs', source: 'tmpfs', options: ['ro'] },
      ],
    },
  ],
  [
    'interfaces, groups, and the whole of intelRdt',
    {
      process: { user: { uid: 0, gid: 0, additionalGids: [4] } },
      linux: { netDevices: { a: { name: 'x' } }, intelRdt: { closID: 'old', l3CacheSchema: 's' } },
    },
    {
      netDevices: [{ hostInterfaceName: 'a', name: 'y' }],
      additionalGids: [0, 5, 4, 5],
      intelRdt: { closID: '', memBwSchema: 'm', enableMonitoring: false, schemata: [] },
    },
    {
      process: { user: { uid: 0, gid: 0, additionalGids: [4, 5] } },
      linux: { netDevices: { a: { name: 'y' } }, intelRdt: { memBwSchema: 'm' } },
    },
  ],
])('%s', (_, spec, edits, expected) => {
  const plan = editedBy(spec, edits);
  expect({ spec: plan.document.spec, refusal: plan.refusal }).toEqual({ spec: expected, refusal: undefined });
});

describe('hooks', () => {
  const stages: readonly CdiHookName[] = [
    'prestart',
    'createRuntime',
    'createContainer',
    'startContainer',
    'poststart',
    'poststop',
  ];
  test.each(stages)('of %s stand behind those that are there, and are safe', (hookName) => {
    const edits = { hooks: [{ hookName, path: '/h', args: ['h', 'x'], timeout: 0, env: [] }] };
    const { document } = editedBy({ hooks: { [hookName]: [{ path: '/first' }] } }, edits);
    const inContainer = hookName === 'createContainer' || hookName === 'startContainer';
    const safe = inContainer ? { env: ['NVIDIA_CTK_DEBUG=false'] } : {};
    expect(document.spec.hooks).toEqual({
      [hookName]: [{ path: '/first' }, { path: '/h', args: ['h', 'x'], timeout: 0, ...safe }],
    });
  });

  const edits = (env?: readonly string[]): ContainerEdits => ({
    hooks: [{ hookName: 'createContainer', path: '/h', args: ['h'], ...(env && { env }) }],
  });
  test.each<[title: string, present: object, edits: ContainerEdits, expected: readonly object[]]>([
    [
      'as the engine injects it: it gets an environment',
      { path: '/h', args: ['h'] },
      edits(),
      [{ path: '/h', args: ['h'], env: ['NVIDIA_CTK_DEBUG=false'] }],
    ],
    [
      'with an empty environment, which Go drops',
      { path: '/h', args: ['h'], env: [] },
      edits(),
      [{ path: '/h', args: ['h'], env: ['NVIDIA_CTK_DEBUG=false'] }],
    ],
    [
      'with its own environment',
      { path: '/h', args: ['h'], env: ['E=1'] },
      edits(['E=1']),
      [{ path: '/h', args: ['h'], env: ['E=1'] }],
    ],
    [
      'with other arguments',
      { path: '/h', args: ['g'] },
      edits(['E=1']),
      [
        { path: '/h', args: ['g'] },
        { path: '/h', args: ['h'], env: ['E=1'] },
      ],
    ],
  ])('that is there already, %s, is not added again', (_, present, asked, expected) => {
    const { document } = editedBy({ hooks: { createContainer: [present] } }, asked);
    expect(document.spec.hooks?.createContainer).toEqual(expected);
  });
});

test('edits of a spec file come once, before those of its first device, and devices in the order asked', () => {
  const host = machineWith({
    'v.json': cdiSpec({ a: { env: ['L=a', 'A=1'] }, b: { env: ['L=b'] } }, { env: ['G=v', 'L=g'] }),
    'w.json': cdiSpec({ c: { env: ['L=c', 'C=1'] } }, { env: ['W=1'] }, 'w.com/c'),
  });
  const devices = ['v.com/c=b', 'w.com/c=c', 'v.com/c=a', 'v.com/c=b'];
  const { document } = planFor({}, { devices, sources: [] }, host);
  expect(document.spec.process?.env).toEqual(['G=v', 'L=a', 'W=1', 'C=1', 'A=1']);
});

test('integers that a JavaScript number would round stay what they are', () => {
  const text =
    '{"process":{"rlimits":[{"type":"RLIMIT_AS","soft":0,"hard":18446744073709551615}]},"linux":{"devices":[{"path":"/dev/q","type":"c","major":1,"minor":9007199254740993}]}}';
  const host = machineWith({
    'v.json': cdiSpec({ d: { env: ['A=1'], deviceNodes: [{ path: '/dev/null' }] } }),
  });
  const { document } = planFor(text, { devices: ['v.com/c=d'], sources: [] }, host);
  const written = Buffer.from(document.bytes).toString();
  expect(written).toContain('"hard":18446744073709551615');
  expect(written).toContain('"minor":9007199254740993');
});
