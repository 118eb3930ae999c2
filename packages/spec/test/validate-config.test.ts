import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { SpecDocument, validateConfig } from '../src/index.js';

const fixtures = new URL('fixtures/config/', import.meta.url);
const encode = (text: string) => new TextEncoder().encode(text);
const read = (name: string) => readFileSync(new URL(name, fixtures), 'utf8');

/** `level code pointer` of each finding: what a row of a table promises. */
function summaries(text: string): string[] {
  return validateConfig(SpecDocument.parse(encode(text))).map(
    ({ level, code, pointer }) => `${level} ${code} ${pointer}`,
  );
}

describe('configurations that engines write', () => {
  const expected: Record<string, string[]> = {
    'containerd-cri.json': [],
    'cri-o.json': [],
    'docker-nulls.json': [],
    'minimal.json': [],
    'podman-privileged.json': [],
    // The entries of a filter had one name each then; today's runtimes read an empty list.
    'rc1.json': ['warn SPEC_SCHEMA_REQUIRED /linux/seccomp/syscalls/0/names'],
    'runc-spec.json': [],
    'windows.json': [],
  };

  test('every fixture is in the table', () => {
    expect(readdirSync(fixtures).sort()).toEqual(Object.keys(expected));
  });

  test.each(Object.entries(expected))('%s', (name, findings) => {
    expect(summaries(read(name))).toEqual(findings);
  });
});

describe('one thing wrong in a configuration of containerd', () => {
  const base = read('containerd-cri.json');

  // [text that is there, what stands in its place, the findings]
  const rows: [string, string, string[]][] = [
    ['"ociVersion": "1.2.0"', '"ociVersion": 1', ['error SPEC_SCHEMA_TYPE /ociVersion']],
    ['"ociVersion": "1.2.0"', '"ociVersion": null', ['warn SPEC_SCHEMA_TYPE /ociVersion']],
    ['"ociVersion": "1.2.0"', '"ociVersion": "1.2"', ['warn SPEC_SCHEMA_PATTERN /ociVersion']],
    ['"ociVersion": "1.2.0",', '', ['warn SPEC_SCHEMA_REQUIRED /ociVersion']],
    ['"root": { "path": "rootfs" },', '', ['error SPEC_SCHEMA_REQUIRED /root']],
    ['"root": { "path": "rootfs" }', '"root": null', ['error SPEC_SCHEMA_TYPE /root']],
    ['"root": { "path": "rootfs" }', '"root": "rootfs"', ['error SPEC_SCHEMA_TYPE /root']],
    ['"root": { "path": "rootfs" }', '"root": {}', ['error SPEC_SCHEMA_REQUIRED /root/path']],
    ['"root": { "path": "rootfs" }', '"root": { "path": null }', ['error SPEC_SCHEMA_TYPE /root/path']],
    ['"root": { "path": "rootfs" }', '"root": { "path": ["rootfs"] }', ['error SPEC_SCHEMA_TYPE /root/path']],
    ['"root": { "path": "rootfs" }', '"root": { "path": "" }', ['error SPEC_SCHEMA_EMPTY /root/path']],
    [
      '"root": { "path": "rootfs" }',
      '"root": { "path": "rootfs", "readonly": "true" }',
      ['error SPEC_SCHEMA_TYPE /root/readonly'],
    ],
    ['"args": ["/bin/server",', '"args": [8080,', ['error SPEC_SCHEMA_TYPE /process/args/0']],
    ['"args": ["/bin/server",', '"args": [null,', ['error SPEC_SCHEMA_TYPE /process/args/0']],
    ['"cwd": "/",', '', ['warn SPEC_SCHEMA_REQUIRED /process/cwd']],
    ['"uid": 1000, ', '', ['warn SPEC_SCHEMA_REQUIRED /process/user/uid']],
    ['"uid": 1000', '"uid": "1000"', ['error SPEC_SCHEMA_TYPE /process/user/uid']],
    ['"uid": 1000', '"uid": -1', ['error SPEC_INTEGER_RANGE /process/user/uid']],
    ['"uid": 1000', '"uid": -0', ['error SPEC_INTEGER_RANGE /process/user/uid']],
    ['"uid": 1000', '"uid": 4294967296', ['error SPEC_INTEGER_RANGE /process/user/uid']],
    ['"uid": 1000', '"uid": 1000.0', ['error SPEC_INTEGER_FORM /process/user/uid']],
    ['"uid": 1000', '"uid": 1e3', ['error SPEC_INTEGER_FORM /process/user/uid']],
    ['"uid": 1000', '"uid": 0.5', ['error SPEC_INTEGER_FORM /process/user/uid']],
    ['[1000, 2000]', '[1000, 2E3]', ['error SPEC_INTEGER_FORM /process/user/additionalGids/1']],
    ['"limit": 9223372036854771712', '"limit": 9223372036854775807', []],
    [
      '"limit": 9223372036854771712',
      '"limit": 9223372036854775808',
      ['error SPEC_INTEGER_RANGE /linux/resources/memory/limit'],
    ],
    [
      '18446744073709551615',
      '18446744073709551616',
      ['error SPEC_INTEGER_RANGE /linux/seccomp/syscalls/1/args/0/value'],
    ],
    ['"oomScoreAdj": 985', '"oomScoreAdj": 1001', ['warn SPEC_SCHEMA_RANGE /process/oomScoreAdj']],
    ['"timeout": 30', '"timeout": 0', ['warn SPEC_SCHEMA_RANGE /hooks/createContainer/0/timeout']],
    ['"/usr/bin/hook"', '"hook"', ['error SPEC_SCHEMA_PATTERN /hooks/createContainer/0/path']],
    ['"CAP_CHOWN"', '"chown"', ['warn SPEC_SCHEMA_PATTERN /process/capabilities/bounding/0']],
    ['"io.kubernetes.cri.sandbox-id": "8c0f"', '"a/b": 5', ['error SPEC_SCHEMA_TYPE /annotations/a~1b']],
    ['"io.kubernetes.cri.sandbox-id": "8c0f"', '"a": null', ['error SPEC_SCHEMA_TYPE /annotations/a']],
    ['"io.kubernetes.cri.sandbox-id"', '""', ['warn SPEC_SCHEMA_NAME /annotations/']],
    ['"boottime"', '"realtime"', ['warn SPEC_SCHEMA_NAME /linux/timeOffsets/realtime']],
    ['{ "type": "pid" }', '{ "type": "pids" }', ['warn SPEC_SCHEMA_ENUM /linux/namespaces/0/type']],
    ['{ "type": "pid" }', '{}', ['warn SPEC_SCHEMA_REQUIRED /linux/namespaces/0/type']],
    ['"SCMP_ARCH_X32"', '"SCMP_ARCH_NEW"', ['warn SPEC_SCHEMA_ENUM /linux/seccomp/architectures/2']],
    [
      '"rootfsPropagation": "rslave"',
      '"rootfsPropagation": "x"',
      ['warn SPEC_SCHEMA_ENUM /linux/rootfsPropagation'],
    ],
    ['"2MB"', '"64kB"', ['warn SPEC_SCHEMA_PATTERN /linux/resources/hugepageLimits/0/pageSize']],
    ['"name": "net1"', '"name": 23', ['error SPEC_SCHEMA_TYPE /linux/netDevices/eth1/name']],
    [
      '"memory.swap.max": "0"',
      '"memory.swap.max": 0',
      ['error SPEC_SCHEMA_TYPE /linux/resources/unified/memory.swap.max'],
    ],
    ['"capabilities": {', '"capabilities": true, "x": {', ['error SPEC_SCHEMA_TYPE /process/capabilities']],
    ['"capabilities": {', '"capabilities": [1], "x": {', ['error SPEC_SCHEMA_TYPE /process/capabilities/0']],
    ['"cgroupsPath"', '"windows": 5, "cgroupsPath"', []],
    ['"x-vendor"', '"windows": 5, "x-vendor"', ['error SPEC_SCHEMA_TYPE /windows']],
    [
      '"x-vendor"',
      '"vm": { "hypervisor": { "path": 5 } }, "x-vendor"',
      ['warn SPEC_SCHEMA_REQUIRED /vm/kernel', 'error SPEC_SCHEMA_TYPE /vm/hypervisor/path'],
    ],
    [
      '"x-vendor"',
      '"windows": { "layerFolders": [] }, "x-vendor"',
      ['warn SPEC_SCHEMA_EMPTY /windows/layerFolders'],
    ],
    ['"x-vendor"', '"Root": {}, "x-vendor"', ['error SPEC_FOLDED_KEY /Root']],
  ];

  test.each(rows)('%s -> %s', (from, to, findings) => {
    expect(base.split(from)).not.toHaveLength(1);
    expect(summaries(base)).toEqual([]);
    expect(summaries(base.replace(from, to))).toEqual(findings);
  });
});

describe('a finding', () => {
  const at = (text: string) => validateConfig(SpecDocument.parse(encode(text)));

  test('has the position of the value, in the order of the document', () => {
    const text = '{\n  "root": {"path": 7},\n  "ociVersion": 5\n}';
    expect(at(text)).toMatchObject([
      { pointer: '/root/path', line: 2, column: 20 },
      { pointer: '/ociVersion', line: 3, column: 17 },
    ]);
  });

  test('has the position of the object around it when the value is missing', () => {
    expect(at('{"ociVersion": "1.0.0",\n "root": {}}')).toMatchObject([
      { pointer: '/root/path', line: 2, column: 10 },
    ]);
  });

  test('says what is allowed, with text of the document escaped', () => {
    const messages = at(
      '{"ociVersion":"1.0.0","root":{"path":{}},"annotations":{"a\\u001b":[]},"process":{"cwd":"/","oomScoreAdj":2000},' +
        '"linux":{"rootfsPropagation":"\\n","resources":{"cpu":{"quota":1e400}}}}',
    ).map(({ message }) => message);
    expect(messages).toEqual([
      '"/root/path" must be a string, not an object',
      '"/annotations/a\\u001b" must be a string, not an array',
      '"/process/oomScoreAdj" must be -1000 to 1000, not 2000',
      expect.stringMatching(
        /^"\/linux\/rootfsPropagation" must be one of "", .*"runbindable", not "\\u000a"$/,
      ),
      '"/linux/resources/cpu/quota" must be an integer written in digits only, not 1e400',
    ]);
  });

  test('is not made a million times for a hostile document', () => {
    const text = `{"ociVersion":"1.0.0","root":{"path":"r"},"mounts":[${'1,'.repeat(100_000)}1]}`;
    expect(at(text)).toHaveLength(1000);
  });
});
