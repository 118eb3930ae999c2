import { describe } from '@jest/globals';
import { testRows } from './then-row.js';

describe('then: annotations', () => {
  testRows([
    {
      title: 'set and remove, in place and at the end',
      then: { annotations: { set: { b: '2', c: '3' }, remove: ['a', 'absent'] } },
      before: '{"annotations":{"a":"1","b":"1"}}',
      after: '{"annotations":{"b":"2","c":"3"}}',
      patched: ['remove /annotations/a', 'replace /annotations/b', 'add /annotations/c'],
    },
    {
      title: 'null is made an object',
      then: { annotations: { set: { 'example.org/a~b': '' } } },
      before: '{"annotations":null}',
      after: '{"annotations":{"example.org/a~b":""}}',
      patched: ['replace /annotations'],
    },
    {
      title: 'absent is made an object; a key that JavaScript knows is a key like others',
      then: { annotations: { set: JSON.parse('{"__proto__":"x"}') } },
      before: '{"x":1}',
      after: '{"x":1,"annotations":{"__proto__":"x"}}',
      patched: ['add /annotations'],
    },
    {
      title: 'removing from nothing makes nothing',
      then: { annotations: { remove: ['a'] } },
      before: '{"x":1}',
      after: '{"x":1}',
      patched: [],
    },
  ]);
});

describe('then: args', () => {
  testRows([
    {
      title: 'set',
      then: { args: { set: ['sleep', '1'] } },
      before: '{"process":{"args":["sh"]}}',
      after: '{"process":{"args":["sleep","1"]}}',
      patched: ['remove /process/args/0', 'add /process/args/-', 'add /process/args/-'],
    },
    {
      title: 'prepend and append',
      then: { args: { prepend: ['tini', '--'], append: ['-v'] } },
      before: '{"process":{"args":["sh","-c","true"]}}',
      after: '{"process":{"args":["tini","--","sh","-c","true","-v"]}}',
      patched: ['add /process/args/0', 'add /process/args/1', 'add /process/args/-'],
    },
    {
      title: 'set, prepend and append together',
      then: { args: { set: ['b'], prepend: ['a'], append: ['c'] } },
      before: '{"process":{"args":null}}',
      after: '{"process":{"args":["a","b","c"]}}',
      patched: ['replace /process/args'],
    },
  ]);
});

describe('then: env', () => {
  testRows([
    {
      title: 'replaced in place, by name; a value may hold "="',
      then: { env: { set: { A: 'x=y', C: '' }, remove: ['B'] } },
      before: '{"process":{"env":["A=1","B=2","AB=3"]}}',
      after: '{"process":{"env":["A=x=y","AB=3","C="]}}',
      patched: ['replace /process/env/0', 'remove /process/env/1', 'add /process/env/-'],
    },
    {
      title: 'of two entries with one name the first is replaced, and the other goes',
      then: { env: { set: { A: '3' } } },
      before: '{"process":{"env":["A=1","B=1","A=2"]}}',
      after: '{"process":{"env":["A=3","B=1"]}}',
      patched: ['replace /process/env/0', 'remove /process/env/2'],
    },
    {
      title: 'the process and its environment are made',
      then: { env: { set: { A: '1' } } },
      before: '{"process":null}',
      after: '{"process":{"env":["A=1"]}}',
      patched: ['replace /process'],
    },
  ]);
});

describe('then: single values of the process', () => {
  testRows([
    {
      title: 'all of them',
      then: {
        cwd: '/srv',
        noNewPrivileges: true,
        apparmorProfile: 'unconfined',
        selinuxLabel: 'system_u:system_r:svirt_lxc_net_t:s0',
        oomScoreAdj: -5,
      },
      before: '{"process":{"cwd":"/","noNewPrivileges":false}}',
      after:
        '{"process":{"cwd":"/srv","noNewPrivileges":true,"apparmorProfile":"unconfined","selinuxLabel":"system_u:system_r:svirt_lxc_net_t:s0","oomScoreAdj":-5}}',
      patched: [
        'replace /process/cwd',
        'replace /process/noNewPrivileges',
        'add /process/apparmorProfile',
        'add /process/selinuxLabel',
        'add /process/oomScoreAdj',
      ],
    },
    {
      title: 'a value given as a bigint is the same value',
      then: { oomScoreAdj: 7n },
      before: '{"process":{"oomScoreAdj":7}}',
      after: '{"process":{"oomScoreAdj":7}}',
      patched: [],
    },
  ]);
});

describe('then: user', () => {
  testRows([
    {
      title: 'ids and groups; the order of the groups stays',
      then: {
        user: { uid: 1000, gid: 4294967295n, umask: 0o27, additionalGids: { add: [5, 9], remove: [7] } },
      },
      before: '{"process":{"user":{"uid":0,"gid":0,"additionalGids":[9,7,3]}}}',
      after: '{"process":{"user":{"uid":1000,"gid":4294967295,"additionalGids":[9,3,5],"umask":23}}}',
      patched: [
        'replace /process/user/uid',
        'replace /process/user/gid',
        'remove /process/user/additionalGids/1',
        'add /process/user/additionalGids/-',
        'add /process/user/umask',
      ],
    },
    {
      title: 'made where absent',
      then: { user: { additionalGids: { add: [5] } } },
      before: '{"process":{}}',
      after: '{"process":{"user":{"additionalGids":[5]}}}',
      patched: ['add /process/user'],
    },
  ]);
});

describe('then: capabilities', () => {
  testRows([
    {
      title: 'add goes to three sets, drop takes from five',
      then: { capabilities: { add: ['CAP_SYS_PTRACE'], drop: ['CAP_KILL'] } },
      before:
        '{"process":{"capabilities":{"bounding":["CAP_KILL","CAP_CHOWN"],"effective":["CAP_CHOWN"],"ambient":["CAP_KILL"]}}}',
      after:
        '{"process":{"capabilities":{"bounding":["CAP_CHOWN","CAP_SYS_PTRACE"],"effective":["CAP_CHOWN","CAP_SYS_PTRACE"],"ambient":[],"permitted":["CAP_SYS_PTRACE"]}}}',
      patched: [
        'remove /process/capabilities/bounding/0',
        'add /process/capabilities/bounding/-',
        'add /process/capabilities/effective/-',
        'remove /process/capabilities/ambient/0',
        'add /process/capabilities/permitted',
      ],
    },
    {
      title: 'names as Kubernetes and Docker write them',
      then: {
        capabilities: { add: ['SYS_PTRACE', 'cap_sys_ptrace'], ambient: { add: ['net_raw'] }, drop: ['all'] },
      },
      before: '{"process":{"capabilities":{"bounding":["CAP_KILL"],"effective":[],"permitted":[]}}}',
      after:
        '{"process":{"capabilities":{"bounding":["CAP_SYS_PTRACE"],"effective":["CAP_SYS_PTRACE"],"permitted":["CAP_SYS_PTRACE"],"ambient":["CAP_NET_RAW"]}}}',
      patched: [
        'remove /process/capabilities/bounding/0',
        'add /process/capabilities/bounding/-',
        'add /process/capabilities/effective/-',
        'add /process/capabilities/permitted/-',
        'add /process/capabilities/ambient',
      ],
    },
    {
      title: 'all but one, which stays where it is; what is said of one set wins',
      then: {
        capabilities: {
          drop: ['ALL'],
          add: ['CAP_CHOWN'],
          effective: { drop: ['CAP_CHOWN'] },
          ambient: { add: ['CAP_KILL'] },
        },
      },
      before:
        '{"process":{"capabilities":{"bounding":["CAP_KILL","CAP_CHOWN"],"effective":["CAP_CHOWN"],"permitted":["CAP_CHOWN"],"ambient":["CAP_KILL"]}}}',
      after:
        '{"process":{"capabilities":{"bounding":["CAP_CHOWN"],"effective":[],"permitted":["CAP_CHOWN"],"ambient":["CAP_KILL"]}}}',
      patched: ['remove /process/capabilities/bounding/0', 'remove /process/capabilities/effective/0'],
    },
  ]);
});

describe('then: rlimits', () => {
  testRows([
    {
      title: 'by type, exact beyond 2^53; what is not named keeps its digits',
      then: {
        rlimits: {
          set: {
            RLIMIT_NOFILE: { soft: 1024, hard: 9007199254740993n },
            RLIMIT_AS: { soft: 'unlimited', hard: 'unlimited' },
          },
          remove: ['RLIMIT_CPU'],
        },
      },
      before:
        '{"process":{"rlimits":[{"type":"RLIMIT_CORE","hard":18446744073709551615,"soft":18446744073709551614},{"type":"RLIMIT_CPU","hard":1,"soft":1},{"type":"RLIMIT_NOFILE","hard":1024,"soft":1024}]}}',
      after:
        '{"process":{"rlimits":[{"type":"RLIMIT_CORE","hard":18446744073709551615,"soft":18446744073709551614},{"type":"RLIMIT_NOFILE","hard":9007199254740993,"soft":1024},{"type":"RLIMIT_AS","hard":18446744073709551615,"soft":18446744073709551615}]}}',
      patched: ['remove /process/rlimits/1', 'replace /process/rlimits/1/hard', 'add /process/rlimits/-'],
    },
    {
      title: 'names as limits.conf, Docker and systemd write them',
      then: {
        rlimits: {
          set: { nofile: { soft: 1, hard: 2 }, LimitCORE: { soft: 0, hard: 0 } },
          remove: ['NPROC'],
        },
      },
      before: '{"process":{"rlimits":[{"type":"RLIMIT_NPROC","hard":1,"soft":1}]}}',
      after:
        '{"process":{"rlimits":[{"type":"RLIMIT_NOFILE","hard":2,"soft":1},{"type":"RLIMIT_CORE","hard":0,"soft":0}]}}',
      patched: ['remove /process/rlimits/0', 'add /process/rlimits/-', 'add /process/rlimits/-'],
    },
    {
      title: 'the same value is the same, though JavaScript would round it',
      then: { rlimits: { set: { RLIMIT_CORE: { soft: 18446744073709551615n, hard: 'unlimited' } } } },
      before:
        '{"process":{"rlimits":[{"type":"RLIMIT_CORE","hard":18446744073709551615,"soft":18446744073709551615}]}}',
      after:
        '{"process":{"rlimits":[{"type":"RLIMIT_CORE","hard":18446744073709551615,"soft":18446744073709551615}]}}',
      patched: [],
    },
    {
      title: 'one less than the greatest is another value, though JavaScript rounds both to one',
      then: { rlimits: { set: { RLIMIT_CORE: { soft: 'unlimited', hard: 'unlimited' } } } },
      before:
        '{"process":{"rlimits":[{"type":"RLIMIT_CORE","hard":18446744073709551615,"soft":18446744073709551614}]}}',
      after:
        '{"process":{"rlimits":[{"type":"RLIMIT_CORE","hard":18446744073709551615,"soft":18446744073709551615}]}}',
      patched: ['replace /process/rlimits/0/soft'],
    },
  ]);
});
