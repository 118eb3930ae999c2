import { describe, expect, test } from '@jest/globals';

import { checked, specWith } from './spec-text.js';

/** A spec in YAML whose one device node has the given members. */
function withNode(members: string): string {
  return `cdiVersion: 1.1.0\nkind: v/c\ndevices: [{name: d, containerEdits: {deviceNodes: [{path: /d, ${members}}]}}]\n`;
}

function nodeOf(text: string): unknown {
  const spec = checked(text);
  return typeof spec === 'string' ? spec : spec.devices[0]?.containerEdits.deviceNodes?.[0];
}

describe('numbers', () => {
  test.each([
    ['fileMode: 0660', { fileMode: 0o660 }],
    ['fileMode: 0o660', { fileMode: 0o660 }],
    ['fileMode: 0x1B0', { fileMode: 0x1b0 }],
    ['fileMode: 0b110', { fileMode: 6 }],
    ['fileMode: 660', { fileMode: 660 }],
    ['fileMode: 089', { fileMode: 89 }],
    ['major: 1_000', { major: 1000 }],
    ['major: 1e3', { major: 1000 }],
    ['major: 2.0', { major: 2 }],
    ['major: +5', { major: 5 }],
    ['major: 9007199254740993', { major: 9007199254740993n }],
    ['minor: 9223372036854775807', { minor: 2n ** 63n - 1n }],
    ['uid: 4294967295', { uid: 4294967295 }],
    ['uid: 0, gid: null', { uid: 0 }],
    ['uid: !!int "7"', { uid: 7 }],
  ])('%s', (members, node) => {
    expect(nodeOf(withNode(members))).toEqual({ path: '/d', ...node });
  });

  const FIELD = 'into Go struct field DeviceNode.devices.containerEdits.deviceNodes.';
  test.each([
    ['major: "1"', `string ${FIELD}major of type int64`],
    ['major: 9223372036854775808', `number 9223372036854775808 ${FIELD}major of type int64`],
    ['major: 1.5', `number 1.5 ${FIELD}major of type int64`],
    ['major: yes', `bool ${FIELD}major of type int64`],
    ['major: [1]', `array ${FIELD}major of type int64`],
    ['uid: -1', `number -1 ${FIELD}uid of type uint32`],
    ['gid: 4294967296', `number 4294967296 ${FIELD}gid of type uint32`],
    ['fileMode: {}', `object ${FIELD}fileMode of type fs.FileMode`],
    ['type: [c]', `array ${FIELD}type of type string`],
  ])('%s is none', (members, said) => {
    expect(nodeOf(withNode(members))).toBe(`json: cannot unmarshal ${said}`);
  });

  test('in JSON an integer is as exact', () => {
    const text = specWith({ deviceNodes: [{ path: '/d', minor: 0 }] }).replace(
      '"minor":0',
      '"minor":9007199254740993',
    );
    expect(nodeOf(text)).toEqual({ path: '/d', minor: 9007199254740993n });
  });
});

describe('text', () => {
  test.each([
    ['0', '0'],
    ['0x10', '16'],
    ['yes', 'true'],
    ['off', 'false'],
    ['1.50', '1.5'],
    ['1e9', '1e+09'],
    ['1e6', '1e+06'],
    ['1e5', '100000'],
    ['0.0001', '0.0001'],
    ['-2.50e-7', '-2.5e-07'],
    ['0.00001', '1e-05'],
    ['123456.5', '123456.5'],
    ['.inf', '+Inf'],
    ['"yes"', 'yes'],
    ["'0'", '0'],
    ['!!str 0', '0'],
    ['! yes', 'yes'],
    ['!mine 0', '0'],
    ['2001-01-01', '2001-01-01'],
    ['1:30', '1:30'],
    ['null', ''],
    ['~', ''],
    ['"\\u0041\\/"', 'A/'],
  ])('%s is %j', (written, text) => {
    const spec = `cdiVersion: 0.6.0\nkind: v/c\nannotations:\n  a: ${written}\ndevices: [{name: d, containerEdits: {env: [A=]}}]\n`;
    expect(checked(spec)).toMatchObject({ annotations: { a: text } });
  });

  test('a version that YAML takes for a number', () => {
    expect(checked('cdiVersion: 1.0\nkind: v/c\n')).toBe('invalid version "1"');
  });
});

describe('members', () => {
  test('match without regard to case, and to what Unicode takes for the same', () => {
    const text = specWith({ env: ['A=1'] })
      .replace('cdiVersion', 'CDIVERSION')
      .replace('"kind"', '"\u212aind"')
      .replace('"devices"', '"device\u017f"');
    expect(checked(text)).toMatchObject({ cdiVersion: '1.1.0', kind: 'vendor.com/device' });
  });

  test.each([
    ['unknown', { foo: 1 }, 'json: unknown field "foo"'],
    ['unknown, the first by name', { zoo: 1, Foo: 1 }, 'json: unknown field "Foo"'],
    ['of Object', { constructor: 1 }, 'json: unknown field "constructor"'],
    ['spelled in two ways', { Kind: 'v/c' }, 'json: field "kind" is there twice, spelled differently'],
    [
      'list for a map',
      { annotations: [] },
      'json: cannot unmarshal array into Go struct field Spec.annotations of type map[string]string',
    ],
    [
      'map for a text of a map',
      { annotations: { a: {} } },
      'json: cannot unmarshal object into Go struct field Spec.annotations of type string',
    ],
    [
      'text for a list',
      { devices: 'd' },
      'json: cannot unmarshal string into Go struct field Spec.devices of type []specs.Device',
    ],
    [
      'text for edits',
      { containerEdits: '' },
      'json: cannot unmarshal string into Go struct field Spec.containerEdits of type specs.ContainerEdits',
    ],
    ['null in a list of objects', { containerEdits: { mounts: [null] } }, 'null where an object belongs'],
  ])('%s', (_, more, said) => {
    expect(checked(specWith({ env: ['A=1'] }, more))).toBe(said);
  });

  test('named __proto__ is a member like others', () => {
    expect(checked(specWith({ env: ['A=1'] }).replace('"kind"', '"__proto__"'))).toBe(
      'json: unknown field "__proto__"',
    );
    expect(checked('__proto__: {kind: v/c}\n')).toBe('json: unknown field "__proto__"');
  });

  test('null is as good as absent', () => {
    const text = specWith(
      { env: ['A=1'], mounts: null, intelRdt: null },
      { annotations: null, containerEdits: null },
    );
    expect(checked(text)).toEqual(checked(specWith({ env: ['A=1'] })));
  });

  const repeated = (text: string) => checked(text);
  test.each([
    ['{"kind": "a",\n "kind": "b"}', 'line 2: key "kind" already set in map'],
    ['kind: a\nkind: b\n', 'line 2: key "kind" already set in map'],
    [
      'kind: a\ndevices:\n- name: a\n  name: b\nkind: c\n',
      'line 4: key "name" already set in map\n  line 5: key "kind" already set in map',
    ],
    ['annotations: {1: a, "1": b}', 'line 1: key "1" already set in map'],
  ])('twice: %j', (text, said) => {
    expect(repeated(text)).toBe(`yaml: unmarshal errors:\n  ${said}`);
  });
});

const YAML = 'cdiVersion: 0.6.0\nkind: v/c\ndevices:\n- name: d\n  containerEdits:\n    env: [A=1]\n';

describe('YAML', () => {
  test.each([
    ['a document after the first', `${YAML}---\nfoo: 1\n`],
    ['text after a JSON value', `${JSON.stringify(checked(YAML))} } x`],
    ['comments', `# one\n---\n${YAML} # two\n`],
    ['a byte order mark', `\ufeff${YAML}`],
    ['carriage returns', YAML.replaceAll('\n', '\r\n')],
    ['an anchor', YAML.replace('env: [A=1]', 'env: &e [A=1]').replace('kind:', 'containerEdits: {}\nkind:')],
    [
      'a merge',
      YAML.replace('devices', 'containerEdits: {}\ndevices').replace('env: [A=1]', '<<: {env: [A=1]}'),
    ],
  ])('%s', (_, text) => {
    const { containerEdits, ...spec } = checked(text) as { containerEdits?: object };
    expect(containerEdits ?? {}).toEqual({});
    expect(spec).toEqual(checked(YAML));
  });

  test('an alias is what its anchor is', () => {
    const spec = checked(
      YAML.replace('[A=1]', '*e').replace('kind', 'containerEdits: {env: &e [A=1]}\nkind'),
    );
    expect(spec).toMatchObject({
      containerEdits: { env: ['A=1'] },
      devices: [{ containerEdits: { env: ['A=1'] } }],
    });
  });

  const bomb = ['a: &a0 [x, x, x, x, x, x, x, x]']
    .concat(Array.from({ length: 9 }, (_, i) => `b${i}: &a${i + 1} [${`*a${i}, `.repeat(8)}]`))
    .join('\n');
  const chain = ['a0: &a0 x']
    .concat(Array.from({ length: 100 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}]`))
    .join('\n');
  test.each([
    ['', 'failed to parse CDI Spec "/etc/cdi/v.yaml", no Spec data'],
    ['# nothing\n', 'failed to parse CDI Spec "/etc/cdi/v.yaml", no Spec data'],
    ['null', 'failed to parse CDI Spec "/etc/cdi/v.yaml", no Spec data'],
    ['{', 'yaml: line 1: did not find expected node content'],
    ['7', 'json: cannot unmarshal number into Go value of type specs.Spec'],
    ['[]', 'json: cannot unmarshal array into Go value of type specs.Spec'],
    ['a: *nowhere', "yaml: unknown anchor 'nowhere' referenced"],
    ['a: &a [*a]', "yaml: anchor 'a' value contains itself"],
    ['<<: 1', 'yaml: map merge requires map or sequence of maps as the value'],
    ['{? [a] : 1}', 'unsupported map key'],
    [bomb, 'yaml: document contains excessive aliasing'],
    ['['.repeat(50), 'yaml: line 1: did not find expected node content'],
    ['['.repeat(100_000), 'yaml: exceeded max depth'],
    [chain, 'yaml: document contains excessive aliasing'],
    ['a: &a 1\nb: *a\nc: &a 2\nd: *a', 'json: unknown field "a"'],
    [`${'['.repeat(40_000)}${']'.repeat(40_000)}`, 'yaml: exceeded max depth'],
    ['- '.repeat(40_000), 'yaml: exceeded max depth'],
  ])('%.40s', (text, said) => {
    expect(checked(text)).toBe(said);
  });

  test('a fault of the syntax has its line', () => {
    expect(checked(`${YAML}\tkind: x\n`)).toMatch(/^yaml: line 7: /);
    expect(checked(YAML.replace('[A=1]', '[A=1'))).toMatch(/^yaml: line 7: /);
  });
});
