import { describe } from '@jest/globals';
import { testRows } from './then-row.js';

describe('then: mounts', () => {
  testRows([
    {
      title: 'replaced by destination however it is spelt, removed, added before what lies below it',
      then: {
        mounts: {
          remove: ['/gone'],
          add: [
            { destination: '/data', type: 'bind', source: '/srv/data', options: ['rbind'] },
            { destination: '/a', type: 'tmpfs', source: 'tmpfs' },
          ],
        },
      },
      before:
        '{"mounts":[{"destination":"/gone/"},{"destination":"/data//","source":"old"},{"destination":"/a/b"},{"destination":"/ab"}]}',
      after:
        '{"mounts":[{"destination":"/data","source":"/srv/data","type":"bind","options":["rbind"]},{"destination":"/a","type":"tmpfs","source":"tmpfs"},{"destination":"/a/b"},{"destination":"/ab"}]}',
      patched: [
        'remove /mounts/0',
        'replace /mounts/0/destination',
        'add /mounts/0/type',
        'replace /mounts/0/source',
        'add /mounts/0/options',
        'add /mounts/1',
      ],
    },
    {
      title: 'options: the opposite is replaced in place, another value of the same too',
      then: {
        mounts: {
          options: [
            { destination: '/sys', add: ['rw', 'noexec', 'size=2m'], remove: ['nodev'] },
            { destination: '/absent', add: ['rw'] },
          ],
        },
      },
      before: '{"mounts":[{"destination":"/sys","options":["nosuid","ro","nodev","size=1m","exec"],"x":1}]}',
      after: '{"mounts":[{"destination":"/sys","options":["nosuid","rw","size=2m","noexec"],"x":1}]}',
      patched: [
        'replace /mounts/0/options/1',
        'remove /mounts/0/options/2',
        'replace /mounts/0/options/2',
        'replace /mounts/0/options/3',
      ],
    },
    {
      title: 'options: made where absent; recursive ones are another matter',
      then: {
        mounts: {
          options: [
            { destination: '/a', add: ['rro'] },
            { destination: '/b', add: ['ro'] },
          ],
        },
      },
      before: '{"mounts":[{"destination":"/a","options":["rw"]},{"destination":"/b"}]}',
      after: '{"mounts":[{"destination":"/a","options":["rw","rro"]},{"destination":"/b","options":["ro"]}]}',
      patched: ['add /mounts/0/options/-', 'add /mounts/1/options'],
    },
    {
      title: 'added to nothing',
      then: { mounts: { add: [{ destination: '/' }, { destination: '/a' }] } },
      before: '{}',
      after: '{"mounts":[{"destination":"/"},{"destination":"/a"}]}',
      patched: ['add /mounts'],
    },
  ]);
});

describe('then: namespaces', () => {
  testRows([
    {
      title: 'joined, made and left',
      then: {
        namespaces: {
          set: [{ type: 'network', path: '/run/netns/a' }, { type: 'pid' }, { type: 'cgroup' }],
          remove: ['ipc'],
        },
      },
      before:
        '{"linux":{"namespaces":[{"type":"pid","path":"/proc/1/ns/pid"},{"type":"ipc"},{"type":"network"}]}}',
      after:
        '{"linux":{"namespaces":[{"type":"pid"},{"type":"network","path":"/run/netns/a"},{"type":"cgroup"}]}}',
      patched: [
        'remove /linux/namespaces/0/path',
        'remove /linux/namespaces/1',
        'add /linux/namespaces/1/path',
        'add /linux/namespaces/-',
      ],
    },
  ]);
});

describe('then: sysctls, paths, cgroups path', () => {
  testRows([
    {
      title: 'sysctls',
      then: { sysctls: { set: { 'net.ipv4.ip_forward': '1' }, remove: ['kernel.shmmax'] } },
      before: '{"linux":{"sysctl":{"kernel.shmmax":"1"}}}',
      after: '{"linux":{"sysctl":{"net.ipv4.ip_forward":"1"}}}',
      patched: ['remove /linux/sysctl/kernel.shmmax', 'add /linux/sysctl/net.ipv4.ip_forward'],
    },
    {
      title: 'masked and readonly paths',
      then: {
        maskedPaths: { add: ['/proc/kcore', '/sys/firmware/'], remove: ['/proc/keys'] },
        readonlyPaths: { add: ['/proc/sys'] },
      },
      before: '{"linux":{"maskedPaths":["/proc/keys","/sys/firmware"],"readonlyPaths":null}}',
      after: '{"linux":{"maskedPaths":["/sys/firmware","/proc/kcore"],"readonlyPaths":["/proc/sys"]}}',
      patched: ['remove /linux/maskedPaths/0', 'add /linux/maskedPaths/-', 'replace /linux/readonlyPaths'],
    },
    {
      title: 'cgroups path',
      then: { cgroupsPath: '/ci/job' },
      before: '{"linux":{"cgroupsPath":"/old"}}',
      after: '{"linux":{"cgroupsPath":"/ci/job"}}',
      patched: ['replace /linux/cgroupsPath'],
    },
  ]);
});

describe('then: resources', () => {
  testRows([
    {
      title: 'member by member, exact',
      then: {
        resources: {
          cpu: { shares: 512, quota: -1, cpus: '0-1' },
          memory: { limit: 9223372036854771712n, swap: -1, disableOOMKiller: false },
          pids: { limit: 64 },
          hugepages: { set: { '2MB': 0, '1GB': 18446744073709551615n }, remove: ['64KB'] },
          unified: { set: { 'memory.high': 'max' }, remove: ['memory.low'] },
        },
      },
      before:
        '{"linux":{"resources":{"cpu":{"shares":2,"period":100000},"memory":{"limit":9223372036854771711},"hugepageLimits":[{"pageSize":"64KB","limit":1},{"pageSize":"2MB","limit":5}],"unified":{"memory.low":"1"}}}}',
      after:
        '{"linux":{"resources":{"cpu":{"shares":512,"period":100000,"quota":-1,"cpus":"0-1"},"memory":{"limit":9223372036854771712,"swap":-1,"disableOOMKiller":false},"hugepageLimits":[{"pageSize":"2MB","limit":0},{"pageSize":"1GB","limit":18446744073709551615}],"unified":{"memory.high":"max"},"pids":{"limit":64}}}}',
      patched: [
        'replace /linux/resources/cpu/shares',
        'add /linux/resources/cpu/quota',
        'add /linux/resources/cpu/cpus',
        'replace /linux/resources/memory/limit',
        'add /linux/resources/memory/swap',
        'add /linux/resources/memory/disableOOMKiller',
        'remove /linux/resources/hugepageLimits/0',
        'replace /linux/resources/hugepageLimits/0/limit',
        'add /linux/resources/hugepageLimits/-',
        'remove /linux/resources/unified/memory.low',
        'add /linux/resources/unified/memory.high',
        'add /linux/resources/pids',
      ],
    },
    {
      title: 'made from nothing',
      then: { resources: { pids: { limit: -1 } } },
      before: '{"linux":null}',
      after: '{"linux":{"resources":{"pids":{"limit":-1}}}}',
      patched: ['replace /linux'],
    },
  ]);
});

describe('then: patch', () => {
  testRows([
    {
      title: 'what has no verb',
      then: {
        patch: [
          { op: 'test', path: '/hostname', value: 'a' },
          { op: 'add', path: '/domainname', value: 'example.org' },
          { op: 'copy', from: '/domainname', path: '/linux/mountLabel' },
          { op: 'add', path: '/linux/personality', value: { domain: 'LINUX', x: 18446744073709551615n } },
        ],
      },
      before: '{"hostname":"a","linux":{}}',
      after:
        '{"hostname":"a","linux":{"mountLabel":"example.org","personality":{"domain":"LINUX","x":18446744073709551615}},"domainname":"example.org"}',
      patched: ['add /linux/mountLabel', 'add /linux/personality', 'add /domainname'],
    },
  ]);
});
