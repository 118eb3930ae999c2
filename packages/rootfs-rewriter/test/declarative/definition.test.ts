import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { declarativeRule, type RuleDefinition } from '@opencontainers-ts/rootfs-rewriter';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';

import { PATTERN_TEXTS } from '../../src/declarative/schema-check.js';

const schema = JSON.parse(readFileSync(new URL('../../schema/rule.schema.json', import.meta.url), 'utf8'));

/** Definitions as a reader of files gives them: of no type that anybody has checked. */
const made = (definition: unknown) => declarativeRule(definition as RuleDefinition);

function faultOf(definition: unknown): unknown {
  try {
    made(definition);
    return undefined;
  } catch (error) {
    return error;
  }
}

const then = { cwd: '/' };
const name = 'r';
const when = (condition: object) => ({ name, when: condition, then });
const doing = (edit: object) => ({ name, then: edit });
const device = (entry: object) => doing({ devices: { add: [{ path: '/dev/a', ...entry }] } });

/** What is wrong, the same put right, and the place that the error names. */
const faults: readonly [wrong: unknown, right: unknown, pointer: string][] = [
  [
    doing({ capabilities: { drop: ['CAP_SYS_ADMN'] } }),
    doing({ capabilities: { drop: ['CAP_SYS_ADMIN'] } }),
    '/then/capabilities/drop/0',
  ],
  [
    doing({ capabilities: { ambient: { add: ['CAP_KILL', 'CAP_KILLL'] } } }),
    doing({ capabilities: { ambient: { add: ['CAP_KILL'], drop: ['ALL'] } } }),
    '/then/capabilities/ambient/add/1',
  ],
  [
    doing({ rlimits: { set: { RLIMIT_NOFIL: { soft: 1, hard: 2 } } } }),
    doing({ rlimits: { set: { RLIMIT_NOFILE: { soft: 1, hard: 2 } } } }),
    '/then/rlimits/set/RLIMIT_NOFIL',
  ],
  [
    doing({ rlimits: { remove: ['NOFIL'] } }),
    doing({ rlimits: { remove: ['RLIMIT_RTTIME', 'NOFILE', 'nproc', 'LimitCORE'] } }),
    '/then/rlimits/remove/0',
  ],
  [
    doing({ seccomp: { deny: ['mkdir', 'mkdri'] } }),
    doing({ seccomp: { deny: ['mkdir', 'lsm_list_modules', 's390_pci_mmio_read'] } }),
    '/then/seccomp/deny/1',
  ],
  [
    doing({ seccomp: { allow: ['MKDIR'] } }),
    doing({ seccomp: { allow: ['mkdir'] } }),
    '/then/seccomp/allow/0',
  ],
  [
    doing({ capabilities: { add: ['ALL'] } }),
    doing({ capabilities: { drop: ['ALL'] } }),
    '/then/capabilities/add/0',
  ],
  [
    doing({ rlimits: { set: { NOFILE: { soft: 1, hard: 2 }, RLIMIT_NOFILE: { soft: 1, hard: 2 } } } }),
    doing({ rlimits: { set: { NOFILE: { soft: 1, hard: 2 }, NPROC: { soft: 1, hard: 2 } } } }),
    '/then/rlimits/set/RLIMIT_NOFILE',
  ],
  [undefined, { name, then }, ''],
  [[], { name, then }, ''],
  [{ then }, { name, then }, ''],
  [{ name }, { name, then }, ''],
  [{ name: '', then }, { name, then }, '/name'],
  [{ name: 1, then }, { name, then }, '/name'],
  [doing({}), { name, then }, '/then'],
  [{ name, then, wehn: {} }, { name, then, description: 'x' }, '/wehn'],
  [{ name, then, override: 'yes' }, { name, then, override: true }, '/override'],
  [when({}), when({ verb: 'run' }), '/when'],
  [when({ verb: 'start' }), when({ verb: ['run'] }), '/when/verb'],
  [when({ verb: ['run', 'start'] }), when({ verb: ['run'] }), '/when/verb/1'],
  [when({ all: [] }), when({ all: [{ verb: 'run' }] }), '/when/all'],
  [when({ any: [{ env: {} }] }), when({ any: [{ env: { name: 'A' } }] }), '/when/any/0/env'],
  [when({ env: { name: 'A=B' } }), when({ env: { name: 'A' } }), '/when/env/name'],
  [
    when({ not: { annotation: { key: 'a', equals: 'b', glob: 'c' } } }),
    when({ not: { annotation: { key: 'a', glob: 'c' } } }),
    '/when/not/annotation',
  ],
  [when({ containerType: 'pod' }), when({ containerType: 'sandbox' }), '/when/containerType'],
  [when({ args: { at: -1 } }), when({ args: { at: 0n } }), '/when/args/at'],
  [doing({ cwd: 'srv' }), doing({ cwd: '/srv' }), '/then/cwd'],
  [doing({ cwd: new Date(0) }), doing({ cwd: '/srv' }), '/then/cwd'],
  [doing({ env: { set: { 'A=B': '' } } }), doing({ env: { set: { A: '' } } }), '/then/env/set/A=B'],
  [doing({ env: { set: { A: 1 } } }), doing({ env: { set: { A: '1' } } }), '/then/env/set/A'],
  [doing({ env: { set: { A: '\0' } } }), doing({ env: { set: { A: '' } } }), '/then/env/set/A'],
  [doing({ oomScoreAdj: 1001 }), doing({ oomScoreAdj: 1000n }), '/then/oomScoreAdj'],
  [doing({ oomScoreAdj: 0.5 }), doing({ oomScoreAdj: 0 }), '/then/oomScoreAdj'],
  [doing({ user: { uid: 2 ** 32 } }), doing({ user: { uid: 2 ** 32 - 1 } }), '/then/user/uid'],
  [
    doing({ capabilities: { add: ['SYS ADMIN'] } }),
    doing({ capabilities: { add: ['CAP_SYS_ADMIN', 'SYS_TIME', 'net_raw', 'cap_kill'], drop: ['all'] } }),
    '/then/capabilities/add/0',
  ],
  [
    doing({ rlimits: { set: { RLIMIT_CORE: { soft: 2n ** 64n, hard: 1 } } } }),
    doing({ rlimits: { set: { RLIMIT_CORE: { soft: 2n ** 64n - 1n, hard: 'unlimited' } } } }),
    '/then/rlimits/set/RLIMIT_CORE/soft',
  ],
  [
    doing({ rlimits: { set: { RLIMIT_CORE: { soft: 2 ** 60, hard: 1 } } } }),
    doing({ rlimits: { set: { RLIMIT_CORE: { soft: 1n, hard: 1 } } } }),
    '/then/rlimits/set/RLIMIT_CORE/soft',
  ],
  [
    doing({ resources: { memory: { limit: 2n ** 63n } } }),
    doing({ resources: { memory: { limit: -(2n ** 63n) } } }),
    '/then/resources/memory/limit',
  ],
  [device({ type: 'd' }), device({ type: 'u' }), '/then/devices/add/0/type'],
  [device({ access: 'x' }), device({ access: '' }), '/then/devices/add/0/access'],
  [device({ path: 'dev/a' }), device({}), '/then/devices/add/0/path'],
  [
    doing({ hooks: { startContainer: { append: [{ path: '/a', require: true }] } } }),
    doing({ hooks: { createContainer: { append: [{ path: '/a', require: true }] } } }),
    '/then/hooks/startContainer/append/0/require',
  ],
  [
    doing({ hooks: { poststop: { append: [{ path: '/a', timeout: 0 }] } } }),
    doing({ hooks: { poststop: { append: [{ path: '/a', timeout: 1 }] } } }),
    '/then/hooks/poststop/append/0/timeout',
  ],
  [
    doing({ mounts: { options: ['/a', '/a/'].map((destination) => ({ destination, add: ['ro'] })) } }),
    doing({ mounts: { options: ['/a', '/b/'].map((destination) => ({ destination, add: ['ro'] })) } }),
    '/then/mounts/options/1/destination',
  ],
  [
    doing({ patch: [{ op: 'add', path: '/a' }] }),
    doing({ patch: [{ op: 'add', path: '/a', value: null }] }),
    '/then/patch/0',
  ],
  [
    doing({ patch: [{ op: 'move', path: '/a' }] }),
    doing({ patch: [{ op: 'move', path: '/a', from: '/b' }] }),
    '/then/patch/0',
  ],
  [
    doing({ patch: [{ op: 'remove', path: '/a~2' }] }),
    doing({ patch: [{ op: 'remove', path: '/a~1' }] }),
    '/then/patch/0',
  ],
  [
    doing({ patch: [{ op: 'add', path: '/a', value: [1, { b: 2 ** 60 }] }] }),
    doing({ patch: [{ op: 'add', path: '/a', value: [1, { b: 2n ** 60n }] }] }),
    '/then/patch/0/value/1/b',
  ],
  [
    doing({ patch: [{ op: 'add', path: '/a', value: new Date(0) }] }),
    doing({ patch: [{ op: 'add', path: '/a', value: 'x' }] }),
    '/then/patch/0/value',
  ],
];

describe('a definition that cannot work', () => {
  test.each(faults)('%j is refused, %j is not', (wrong, right, pointer) => {
    expect(faultOf(wrong)).toMatchObject({ code: 'ERR_RULE_INVALID', details: { pointer } });
    expect(faultOf(right)).toBeUndefined();
  });

  test.each([
    [{ seccomp: { deny: ['mkdri'] } }, 'mkdir'],
    [{ capabilities: { drop: ['CAP_SYSADMIN'] } }, 'CAP_SYS_ADMIN'],
    [{ capabilites: { drop: ['ALL'] } }, 'capabilities'],
  ])('for a slip in %j it says what was probably meant', (edit, meant) => {
    expect(faultOf(doing(edit))).toMatchObject({
      message: expect.stringContaining(`did you mean "${meant}"?`),
    });
  });

  test.each([
    [{ when: { namespace: 'x' } }, '"/when/namespace" is not known here, did you mean "podNamespace"?'],
    [{ when: { image: 'x' } }, 'did you mean "imageName"?'],
    [
      { when: { annotation: { name: 'x', key: 'x' } } },
      '"/when/annotation/name" is not known here, did you mean "key"?',
    ],
    [{ when: { env: { key: 'x', name: 'x' } } }, 'did you mean "name"?'],
    [{ when: { env: { name: 'x', value: 'x' } } }, 'did you mean "equals"?'],
    [{ when: { env: { name: 'x', regex: 'x' } } }, 'did you mean "glob"?'],
    [{ then: { namespaces: { remove: ['mnt'] } } }, 'must be one of "pid", "network", "mount",'],
    [{ then: { namespaces: { remove: ['mnt'] } } }, 'did you mean "mount"?'],
    [{ then: { namespaces: { remove: ['net'] } } }, 'did you mean "network"?'],
    [{ then: { volumes: {} } }, 'did you mean "mounts"?'],
    [{ then: { workdir: '/' } }, 'did you mean "cwd"?'],
    [{ then: { ulimits: {} } }, 'did you mean "rlimits"?'],
    [{ then: { env: { delete: ['A'] } } }, 'did you mean "remove"?'],
    [{ then: { mounts: { add: [{ target: '/a', destination: '/a' }] } } }, 'did you mean "destination"?'],
    [{ then: { devices: { add: [{ path: '/dev/a', type: 'char' }] } } }, 'did you mean "c"?'],
    [
      { then: { seccomp: { deny: ['SYS_mount'] } } },
      'is "SYS_mount", which is not a known system call, did you mean "mount"?',
    ],
    [{ then: { seccomp: { deny: ['__NR_ptrace'] } } }, 'did you mean "ptrace"?'],
    [{ then: { capabilities: { add: ['all'] } } }, 'is "all", which only "drop" takes'],
    [
      { then: { capabilities: { add: ['NET_ADMN'] } } },
      'is "NET_ADMN", which is not a known capability, did you mean "CAP_NET_ADMIN"?',
    ],
    [{ then: { cwd: 'a b' } }, '"/then/cwd" must be an absolute path, not "a b"'],
    [{ then: { user: { uid: '1' } } }, '"/then/user/uid" must be a whole number, without quotes, not "1"'],
    [{ then: { cwd: 1 } }, 'must be a text, in quotes, not 1'],
    [{ then: { noNewPrivileges: 'yes' } }, 'must be true or false, without quotes, not "yes"'],
    [{ then: { env: [] } }, 'must be a table (an object), not a list'],
    [{ then: { args: { set: 'a' } } }, 'must be a list (an array, in square brackets), not "a"'],
    [
      { then: { env: { set: { 'A=B': '' } } } },
      'it must be a name without "=" and without NUL characters, not "A=B"',
    ],
    [{ then: { rlimits: { set: { CORE: { soft: 'none', hard: 0 } } } } }, 'must be "unlimited", not "none"'],
    [
      { then: { rlimits: { set: { CORE: { soft: [], hard: 0 } } } } },
      'must be a whole number, without quotes, or "unlimited", in quotes, not a list',
    ],
    [
      { then: { deviceRules: { add: [{ allow: true, access: 'rx' }] } } },
      'must be made of the letters r (read), w (write) and m (mknod), not "rx"',
    ],
  ])('%j: says %s', (parts, said) => {
    expect(faultOf({ name, then, ...parts })).toMatchObject({ message: expect.stringContaining(said) });
  });

  test('every pattern of the schema has words of its own', () => {
    const patterns = [...JSON.stringify(schema).matchAll(/"pattern":("(?:[^"\\]|\\.)*")/g)];
    expect(patterns.length).toBeGreaterThan(20);
    for (const [, pattern = ''] of patterns) expect(PATTERN_TEXTS.has(JSON.parse(pattern))).toBe(true);
  });

  test('all faults are told, the first five in the message', () => {
    const env = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`A${index}`, index]));
    const error = faultOf({ name, then: { env: { set: env }, cwd: 'x', nothing: {} } });
    expect(error).toMatchObject({
      message: expect.stringMatching(/^rule "r": (?:"\/then\/env\/set\/A\d" [^;]*; ){5}and 9 more$/),
      details: { pointer: '/then/env/set/A0', faults: expect.any(Array) },
    });
    const { faults: told } = (error as { details: { faults: { pointer: string }[] } }).details;
    expect(told).toHaveLength(14);
    expect(told.map(({ pointer }) => pointer)).toEqual(
      expect.arrayContaining(['/then/cwd', '/then/nothing']),
    );
  });

  test('a list of nothing but faults is not read to its end', () => {
    const error = faultOf(doing({ args: { set: Array.from({ length: 100_000 }, () => 1) } }));
    expect((error as { details: { faults: unknown[] } }).details.faults).toHaveLength(100);
  });

  test('the message is one printable line that names rule and place', () => {
    expect(faultOf({ name: 'a\nb', then: { cwd: 'x\u001b' } })).toMatchObject({
      message: expect.stringMatching(/^rule "a\\u000ab": "\/then\/cwd" [^\p{C}]+$/u),
      hint: expect.any(String),
    });
  });
});

describe('the schema', () => {
  const ajv = new Ajv2020({ strictTypes: false, allErrors: false });
  ajv.addKeyword('tsType');
  const validate = ajv.compile(schema);
  // What the schema cannot say, and what only JavaScript values can be.
  const isBeyond = (wrong: unknown) =>
    /bigint|"options"|require|"(add|drop|deny|allow|move|remove|rlimits)"/.test(
      JSON.stringify(wrong, (_, value) => (typeof value === 'bigint' ? 'bigint' : value)) ?? '',
    ) || JSON.stringify(wrong)?.includes('equals') === true;

  test('every place of it has a description', () => {
    const bare: string[] = [];
    const visit = (node: unknown, path: string) => {
      if (typeof node !== 'object' || node === null) return;
      const { properties = {}, $defs = {} } = node as { properties?: object; $defs?: object };
      for (const [key, inner] of [...Object.entries(properties), ...Object.entries($defs)]) {
        const { description, $ref } = inner as { description?: string; $ref?: string };
        if (description === undefined && $ref === undefined) bare.push(`${path}/${key}`);
        visit(inner, `${path}/${key}`);
      }
    };
    visit(schema, '');
    expect(bare).toEqual([]);
  });

  test('ajv and the reader agree on the table', () => {
    const plain = faults.filter(
      ([wrong, right]) => ![wrong, right].some((each) => hasBigint(each) || isBeyond(each) || hasDate(each)),
    );
    expect(plain.length).toBeGreaterThan(20);
    for (const [wrong, right] of plain) {
      expect([validate(wrong), validate(right)]).toEqual([false, true]);
    }
  });

  test('ajv and the reader agree on definitions that chance has altered', () => {
    const sound = faults.map(([, right]) => right).filter((right) => !hasBigint(right) && !isBeyond(right));
    const altered = fc
      .tuple(fc.constantFrom(...sound), fc.nat(), fc.jsonValue({ maxDepth: 1 }), fc.boolean())
      .map(([definition, at, value, drop]) => alter(definition, at, value, drop));
    let refused = 0;
    fc.assert(
      fc.property(altered, (definition) => {
        const isValid = validate(definition);
        if (!isValid) refused += 1;
        expect([definition, faultOf(definition) === undefined]).toEqual([definition, isValid]);
      }),
      { numRuns: 400 },
    );
    expect(refused).toBeGreaterThan(50);
  });
});

function hasBigint(value: unknown): boolean {
  if (typeof value === 'bigint') return true;
  return typeof value === 'object' && value !== null && Object.values(value).some(hasBigint);
}

function hasDate(value: unknown): boolean {
  if (value instanceof Date) return true;
  return typeof value === 'object' && value !== null && Object.values(value).some(hasDate);
}

/** Puts a value in the place of the member or element that is the `at`th, or takes it away. */
function alter(definition: unknown, at: number, value: unknown, drop: boolean): unknown {
  const copy = structuredClone(definition);
  const places: [object, string][] = [];
  const visit = (node: unknown) => {
    if (typeof node !== 'object' || node === null) return;
    for (const key of Object.keys(node)) {
      places.push([node, key]);
      visit(Reflect.get(node, key));
    }
  };
  visit(copy);
  const [node, key] = places[at % places.length] ?? [{}, ''];
  if (drop && !Array.isArray(node)) Reflect.deleteProperty(node, key);
  else Reflect.set(node, key, value);
  return copy;
}
