import { describe, expect, test } from '@jest/globals';
import type { Actions } from '@opencontainers-ts/rootfs-rewriter';
import { memoryHost, plan, ruleOf, testRows } from './then-row.js';

const FUSE = { path: '/dev/fuse', type: 'c', major: 10, minor: 229 } as const;
const fuseRule = '{"allow":true,"type":"c","major":10,"minor":229,"access":"rwm"}';

const host = memoryHost({
  devices: [
    { path: '/dev/fuse', kind: 'character', major: 10, minor: 229 },
    { path: '/dev/sda', kind: 'block', major: 8, minor: 0 },
  ],
  symlinks: { '/dev/disk/boot': '../sda' },
  files: { '/dev/file': '' },
  fifos: ['/run/pipe'],
});

describe('then: devices', () => {
  testRows([
    {
      title: 'a node and the rule that allows it',
      then: { devices: { add: [{ ...FUSE, fileMode: 0o660, uid: 0, gid: 5 }] } },
      before: '{}',
      after: `{"linux":{"devices":[{"path":"/dev/fuse","type":"c","major":10,"minor":229,"fileMode":432,"uid":0,"gid":5}],"resources":{"devices":[${fuseRule}]}}}`,
      patched: ['add /linux'],
    },
    {
      title: 'replaced by path, removed by path',
      then: { devices: { add: [FUSE], remove: ['/dev/old'] } },
      before: `{"linux":{"devices":[{"path":"/dev/fuse","type":"b","major":1,"minor":229},{"path":"/dev/old","type":"c"}],"resources":{"devices":[{"allow":false,"access":"rwm"},${fuseRule}]}}}`,
      after: `{"linux":{"devices":[{"path":"/dev/fuse","type":"c","major":10,"minor":229}],"resources":{"devices":[{"allow":false,"access":"rwm"},${fuseRule}]}}}`,
      patched: ['replace /linux/devices/0/type', 'replace /linux/devices/0/major', 'remove /linux/devices/1'],
    },
    {
      title: 'a rule that a later one undoes is moved behind that',
      then: { devices: { add: [FUSE] } },
      before: `{"linux":{"devices":[{"path":"/dev/fuse","type":"c","major":10,"minor":229}],"resources":{"devices":[${fuseRule},{"allow":false,"access":"rwm"}]}}}`,
      after: `{"linux":{"devices":[{"path":"/dev/fuse","type":"c","major":10,"minor":229}],"resources":{"devices":[{"allow":false,"access":"rwm"},${fuseRule}]}}}`,
      patched: ['remove /linux/resources/devices/0', 'add /linux/resources/devices/-'],
    },
    {
      title: 'no rule where those there allow it, none where none is asked for, none for a FIFO',
      then: {
        devices: {
          add: [FUSE, { ...FUSE, path: '/dev/b', type: 'b', access: '' }, { path: '/dev/p', type: 'p' }],
        },
      },
      before: '{"linux":{"resources":{"devices":[{"allow":false},{"allow":true,"type":"c","major":10}]}}}',
      after:
        '{"linux":{"resources":{"devices":[{"allow":false},{"allow":true,"type":"c","major":10}]},"devices":[{"path":"/dev/fuse","type":"c","major":10,"minor":229},{"path":"/dev/b","type":"b","major":10,"minor":229},{"path":"/dev/p","type":"p"}]}}',
      patched: ['add /linux/devices'],
    },
    {
      title: 'numbers as the host has them, through a link, at another path',
      then: {
        devices: {
          add: [
            { path: '/dev/fuse', access: 'rw' },
            { path: '/dev/boot', hostPath: '/dev/disk/boot', access: 'r', require: true },
          ],
        },
      },
      before: '{"linux":{"devices":null}}',
      after:
        '{"linux":{"devices":[{"path":"/dev/fuse","type":"c","major":10,"minor":229},{"path":"/dev/boot","type":"b","major":8,"minor":0}],"resources":{"devices":[{"allow":true,"type":"c","major":10,"minor":229,"access":"rw"},{"allow":true,"type":"b","major":8,"minor":0,"access":"r"}]}}}',
      patched: ['replace /linux/devices', 'add /linux/resources'],
      host,
    },
    {
      title: 'required, and there',
      then: {
        devices: {
          add: [
            { ...FUSE, require: true, access: '' },
            { path: '/run/pipe', type: 'p', require: true },
          ],
        },
      },
      before: '{"linux":{}}',
      after:
        '{"linux":{"devices":[{"path":"/dev/fuse","type":"c","major":10,"minor":229},{"path":"/run/pipe","type":"p"}]}}',
      patched: ['add /linux/devices'],
      host,
    },
  ]);

  const missing: readonly [string, NonNullable<Actions['devices']>['add'], readonly string[]][] = [
    ['required and absent', [{ ...FUSE, path: '/dev/kvm', require: true }], ['/dev/kvm']],
    ['without numbers and absent', [{ path: '/dev/kvm', type: 'c', major: 10 }], ['/dev/kvm']],
    ['no device', [{ path: '/dev/file' }], ['/dev/file']],
    ['no FIFO', [{ path: '/dev/fuse', type: 'p', require: true }], ['/dev/fuse']],
    ['another minor number', [{ ...FUSE, minor: 228, require: true }], ['/dev/fuse']],
    ['another kind', [{ ...FUSE, type: 'b', require: true }], ['/dev/fuse']],
    [
      'all that are missing are named',
      [{ path: '/dev/kvm' }, FUSE, { path: '/dev/dri' }],
      ['/dev/kvm', '/dev/dri'],
    ],
  ];
  test.each(missing)('refused: %s', (_, add = [], paths) => {
    const refused = plan([ruleOf({ devices: { add } })], '{"linux":{}}', host);
    expect(refused.refusal).toMatchObject({ code: 'ERR_RULE_DEVICE_MISSING', details: { paths } });
    expect(refused.patch).toEqual([]);

    const given = add.map(
      ({ require: _require, ...entry }) => ({ type: 'c', major: 1, minor: 3, ...entry }) as const,
    );
    expect(plan([ruleOf({ devices: { add: given } })], '{"linux":{}}', host).decision).toBe('rewrite');
  });

  test('a host that cannot be looked at refuses', () => {
    const closed = memoryHost({ failures: { '/dev': 'EACCES' } });
    expect(plan([ruleOf({ devices: { add: [{ path: '/dev/fuse' }] } })], '{}', closed).refusal).toMatchObject(
      {
        code: 'ERR_HOST_UNREADABLE',
      },
    );
  });
});

describe('then: deviceRules', () => {
  testRows([
    {
      title: 'the whole list',
      then: { deviceRules: { set: [{ allow: true, access: 'rwm' }] } },
      before: `{"linux":{"resources":{"devices":[{"allow":false,"access":"rwm"},${fuseRule}]}}}`,
      after: '{"linux":{"resources":{"devices":[{"allow":true,"access":"rwm"}]}}}',
      patched: ['replace /linux/resources/devices/0/allow', 'remove /linux/resources/devices/1'],
    },
    {
      title: 'added at the end, each device once',
      then: {
        deviceRules: {
          add: [
            { allow: false, type: 'c', major: 10, minor: 229 },
            { allow: true, type: 'b', major: 8 },
          ],
        },
      },
      before: `{"linux":{"resources":{"devices":[${fuseRule},{"allow":true,"type":"c","major":1}]}}}`,
      after:
        '{"linux":{"resources":{"devices":[{"allow":true,"type":"c","major":1},{"allow":false,"type":"c","major":10,"minor":229},{"allow":true,"type":"b","major":8}]}}}',
      patched: [
        'remove /linux/resources/devices/0',
        'add /linux/resources/devices/-',
        'add /linux/resources/devices/-',
      ],
    },
    {
      title: 'devices of the same rule need no rule of their own beneath one that allows all',
      then: { deviceRules: { set: [{ allow: true, type: 'a', access: 'rwm' }] }, devices: { add: [FUSE] } },
      before: '{"linux":{"resources":{"devices":[]}}}',
      after:
        '{"linux":{"resources":{"devices":[{"allow":true,"type":"a","access":"rwm"}]},"devices":[{"path":"/dev/fuse","type":"c","major":10,"minor":229}]}}',
      patched: ['add /linux/resources/devices/-', 'add /linux/devices'],
    },
  ]);
});
