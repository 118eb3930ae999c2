import { describe, expect, test } from '@jest/globals';
import { memoryHost, plan, ruleOf, testRows } from './then-row.js';

const PROFILE =
  '{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["read"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":18446744073709551615,"op":"SCMP_CMP_EQ"}]}]}';
const host = memoryHost({
  files: {
    '/etc/profile.json': PROFILE,
    '/etc/docker.json': '{"defaultAction":"SCMP_ACT_ERRNO","archMap":[]}',
    '/etc/includes.json': '{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["read"],"includes":{}}]}',
    '/etc/no-default.json': '{"syscalls":[]}',
    '/etc/list.json': '[]',
    '/etc/broken.json': '{',
  },
});

describe('then: seccomp', () => {
  testRows([
    {
      title: 'deny without a filter makes one that allows the rest',
      then: { seccomp: { deny: ['mkdir', 'mkdirat'] } },
      before: '{"linux":{"seccomp":null}}',
      after:
        '{"linux":{"seccomp":{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mkdir","mkdirat"],"action":"SCMP_ACT_ERRNO","errnoRet":1}]}}}',
      patched: ['replace /linux/seccomp'],
    },
    {
      title: 'allow without a filter changes nothing: all is allowed',
      then: { seccomp: { allow: ['mkdir'] } },
      before: '{"linux":{}}',
      after: '{"linux":{}}',
      patched: [],
    },
    {
      title: 'deny under a filter that refuses the rest takes the name out of every entry',
      then: { seccomp: { deny: ['mount', 'read'] } },
      before:
        '{"linux":{"seccomp":{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["mount","write","read"],"action":"SCMP_ACT_ALLOW"},{"names":["mount"],"action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":18446744073709551615,"op":"SCMP_CMP_EQ"}]}]}}}',
      after:
        '{"linux":{"seccomp":{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["write"],"action":"SCMP_ACT_ALLOW"}]}}}',
      patched: [
        'remove /linux/seccomp/syscalls/0/names/0',
        'remove /linux/seccomp/syscalls/0/names/1',
        'remove /linux/seccomp/syscalls/1',
      ],
    },
    {
      title: 'allow under a filter that refuses the rest: into the entry that allows without conditions',
      then: { seccomp: { allow: ['mount', 'read'] } },
      before:
        '{"linux":{"seccomp":{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["mount","bpf"],"action":"SCMP_ACT_LOG"},{"names":["write","read"],"action":"SCMP_ACT_ALLOW","args":null}]}}}',
      after:
        '{"linux":{"seccomp":{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["bpf"],"action":"SCMP_ACT_LOG"},{"names":["write","read","mount"],"action":"SCMP_ACT_ALLOW","args":null}]}}}',
      patched: ['remove /linux/seccomp/syscalls/0/names/0', 'add /linux/seccomp/syscalls/1/names/-'],
    },
    {
      title: 'deny and allow under a filter that allows the rest; what is allowed is not denied',
      then: { seccomp: { deny: ['bpf', 'read'], allow: ['read', 'mount'] } },
      before:
        '{"linux":{"seccomp":{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["mount"],"action":"SCMP_ACT_ERRNO","errnoRet":1}]}}}',
      after:
        '{"linux":{"seccomp":{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["bpf"],"action":"SCMP_ACT_ERRNO","errnoRet":1}]}}}',
      patched: ['remove /linux/seccomp/syscalls/0/names/0', 'add /linux/seccomp/syscalls/0/names/-'],
    },
    {
      title: 'a whole profile out of a file, exact, with changes on top',
      then: { seccomp: { profile: '/etc/profile.json', allow: ['write'] } },
      before: '{"linux":{"seccomp":{"defaultAction":"SCMP_ACT_ALLOW","x":1}}}',
      after: `{"linux":{"seccomp":{"defaultAction":"SCMP_ACT_ERRNO","syscalls":${PROFILE.slice(PROFILE.indexOf('['), -2)},{"names":["write"],"action":"SCMP_ACT_ALLOW"}]}}}`,
      patched: [
        'remove /linux/seccomp/x',
        'replace /linux/seccomp/defaultAction',
        'add /linux/seccomp/syscalls',
      ],
      host,
    },
  ]);

  const bad = ['absent', 'docker', 'includes', 'no-default', 'list', 'broken'];
  test.each(bad)('refused: the profile %s.json', (name) => {
    const refused = plan([ruleOf({ seccomp: { profile: `/etc/${name}.json` } })], '{}', host);
    expect(refused.refusal).toMatchObject({
      code: 'ERR_RULE_SECCOMP_PROFILE',
      details: { path: `/etc/${name}.json` },
    });
    expect(plan([ruleOf({ seccomp: { profile: '/etc/profile.json' } })], '{}', host).decision).toBe(
      'rewrite',
    );
  });
});

describe('a spec with members of the wrong type', () => {
  const wrong: readonly [Parameters<typeof ruleOf>[0], string, string][] = [
    [{ env: { set: { A: '1' } } }, '{"process":{"env":{}}}', '/process/env'],
    [{ env: { set: { A: '1' } } }, '{"process":[]}', '/process'],
    [{ env: { remove: ['A'] } }, '{"process":{"env":["B",1]}}', '/process/env/1'],
    [{ mounts: { remove: ['/a'] } }, '{"mounts":["/a"]}', '/mounts/0'],
    [{ mounts: { remove: ['/a'] } }, '{"mounts":[{"destination":1}]}', '/mounts/destination'],
    [
      { capabilities: { add: ['CAP_KILL'] } },
      '{"process":{"capabilities":["CAP_KILL"]}}',
      '/process/capabilities',
    ],
    [
      { seccomp: { deny: ['bpf'] } },
      '{"linux":{"seccomp":{"syscalls":[{"names":"bpf"}]}}}',
      '/linux/seccomp/syscalls/0/names',
    ],
    [{ hooks: { poststop: { append: [{ path: '/a' }] } } }, '{"hooks":{"poststop":{}}}', '/hooks/poststop'],
    [{ annotations: { set: { a: '1' } } }, '{"annotations":[]}', '/annotations'],
  ];
  test.each(wrong)('%j on %s', (then, text, pointer) => {
    expect(plan([ruleOf(then)], text).refusal).toMatchObject({
      code: 'ERR_SPEC_FIELD',
      details: { pointer },
    });
  });
});
