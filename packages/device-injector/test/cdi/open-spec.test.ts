import { readFileSync } from 'node:fs';

import { describe, expect, test } from '@jest/globals';
import { memoryHost } from '@opencontainers-ts/rootfs-rewriter/testing';
import fc from 'fast-check';
import { openSpec } from '../../src/cdi/open-spec.js';
import { withoutAlikeDevices } from '../../src/cdi/registry/alike-devices.js';
import { searchCdiSpecs } from '../../src/cdi/registry/search-specs.js';
import { checkSpecText, loadCdiRegistry } from '../../src/index.js';

const HEAD = 'cdiVersion: 0.7.0\nkind: vendor.com/device\ndevices:\n';
const PATH = '/etc/cdi/v.yaml';
const bytesOf = (text: string) => new TextEncoder().encode(text);

/** A device as a generator writes it. */
const device = (name: string, n = name, indent = '') =>
  [
    `- name: ${name}`,
    '  containerEdits:',
    '    env:',
    `    - DEVICE_${n}=yes`,
    '    deviceNodes:',
    `    - path: /dev/d${n}`,
    '      major: 195',
    `      minor: 1${n.length}`,
    '    hooks:',
    '    - hookName: createContainer',
    `      path: /usr/bin/hook${n}`,
    '      args:',
    '      - hook',
    '',
  ]
    .map((line) => (line === '' ? line : indent + line))
    .join('\n');

/** The same in JSON. */
const jsonDevice = (name: string, n = name) => ({
  name,
  containerEdits: {
    env: [`DEVICE_${n}=yes`, 'A=b'],
    deviceNodes: [{ path: `/dev/d${n}`, major: 195, minor: 10 + n.length }],
    hooks: [{ hookName: 'createContainer', path: `/usr/bin/hook${n}`, args: ['hook', '{'] }],
  },
});
const json = (devices: readonly object[], indent?: number) =>
  JSON.stringify({ cdiVersion: '0.7.0', kind: 'vendor.com/device', devices }, null, indent);

/** Holds what is told of single devices to what is told of the whole text. */
function expectSame(text: string): void {
  const opened = openSpec(PATH, bytesOf(text));
  const whole = checkSpecText(PATH, bytesOf(text));
  if ('message' in whole || 'message' in opened) {
    expect(opened).toEqual(whole);
    return;
  }
  const { devices, ...others } = whole.spec;
  expect(opened.whole()).toEqual(whole);
  expect(opened.file).toMatchObject({ path: PATH, spec: others });
  for (const each of devices) expect(opened.device(each.name)).toEqual(each);
  expect([...opened.names()].sort()).toEqual(devices.map(({ name }) => name).sort());
  for (const name of ['', 'nobody', 'true', ...devices.map(({ name }) => `${name}0`)]) {
    expect(opened.device(name)).toEqual(devices.find((each) => each.name === name));
  }
}

describe('devices that are written like one before them', () => {
  const leftOut = (text: string) => {
    const thinned = withoutAlikeDevices(text);
    return ['a', 'b', 'c', '0', '1', 'all'].filter((name) => thinned?.alone(name) !== undefined);
  };

  test.each([
    ['at the indent of the list', `${HEAD}${device('a')}${device('b')}${device('c')}`, ['b', 'c']],
    ['deeper', `${HEAD}${device('a', 'a', '  ')}${device('b', 'b', '  ')}`, ['b']],
    ['before another member', `${HEAD}${device('a')}${device('b')}annotations:\n  a: b\n`, ['b']],
    ['quoted', `${HEAD}${device('"0"', '0')}${device('"1"', '1')}${device('all')}`, ['1']],
    ['with another between', `${HEAD}${device('a')}- name: x\n  containerEdits: {}\n${device('b')}`, ['b']],
    ['JSON in one line', json([jsonDevice('a'), jsonDevice('b'), jsonDevice('c')]), ['b', 'c']],
    [
      'JSON with other names in them',
      json(['a', 'b'].map((name) => ({ ...jsonDevice(name), netDevices: [{ name: 'eth0' }] }))),
      ['b'],
    ],
    ['JSON in lines', json([jsonDevice('0'), jsonDevice('1'), jsonDevice('a')], 2), ['1']],
  ])('are left out: %s', (_, text, names) => {
    expect(leftOut(text)).toEqual(names);
    expectSame(text);
  });

  test.each([
    ['another path than an absolute one', device('b').replace('/dev/db', 'dev/db')],
    ['no variable', device('b').replace('DEVICE_b=', 'DEVICE_b')],
    ['a variable without a name', device('b').replace('DEVICE_b=', '=')],
    ['another hook', device('b').replace('createContainer', 'poststop')],
    ['a negative number', device('b').replace('11', '-1')],
    ['a line more', `${device('b')}  annotations:\n    a: b\n`],
    ['a line less', device('b').replace('      major: 195\n', '')],
    ['a comment in the middle', `${device('b')}# more of it\n  annotations:\n    a: b\n`],
    ['a line that goes on', `${device('b')}        b\n`],
    ['a comment behind a value', device('b').replace('/dev/db', '/dev/db # b')],
    ['a path that ends in a colon', device('b').replace('/dev/db', '/dev/db:')],
    ['a name that begins with a digit', device('0')],
    ['a name that is quoted', device('"b"', 'b')],
    ['a name of strange characters', device('b/c', 'b')],
    ['no end of its last line', device('b').trimEnd()],
  ])('are not: with %s', (_, second) => {
    const text = HEAD + device('a') + second;
    expect(leftOut(text)).toEqual([]);
    expectSame(text);
  });

  test.each([
    ['another path than an absolute one', (b: string) => b.replace('/dev/db', 'dev/db')],
    ['no variable', (b: string) => b.replace('DEVICE_b=', 'DEVICE_b')],
    ['another hook', (b: string) => b.replace('createContainer', 'poststop')],
    ['a negative number', (b: string) => b.replace(':11', ':-11')],
    ['a number with a fraction', (b: string) => b.replace(':11', ':11.0')],
    ['a member more', (b: string) => b.replace('"major"', '"uid":1,"major"')],
    ['a member twice', (b: string) => b.replace('"major"', '"minor":1,"major"')],
    ['an escape', (b: string) => b.replace('/dev/db', '/dev/d\\u0062')],
    ['white space', (b: string) => b.replace('"major"', ' "major"')],
    ['a name that begins with a digit', (b: string) => b.replace('"b"', '"0"')],
    ['no comma before it', (b: string) => b.replace('{', '')],
    ['no brace at its end', (b: string) => b.slice(0, -1)],
  ])('are not in JSON: with %s', (_, changed) => {
    const [a, b] = [jsonDevice('a'), jsonDevice('b')].map((each) => JSON.stringify(each));
    const text = json([]).replace('[]', () => `[${a},${changed(b ?? '')}]`);
    expect(leftOut(text)).toEqual([]);
    expectSame(text);
  });

  test.each([
    ['two of one name', `${device('a')}${device('b')}${device('b')}`],
    ['one of the name of the first', `${device('a')}${device('a')}`],
    ['a name that is a word of YAML', `${device('a')}${device('yes')}${device('true')}`],
    ['a second list of devices', `${device('a')}${device('b')}devices:\n${device('c')}`],
    ['a fault in the first', [device('a', '', ''), device('b', '', '')].join('').replaceAll('/dev/d', 'x')],
    ['a fault behind them', `${device('a')}${device('b')}annotations: 1\n`],
    ['a comment in the first', `- name: a\n# more\n  containerEdits:\n    env:\n    - A=b\n${'- name: b\n'}`],
    ['an unknown member', `${device('a')}${device('b')}what: 1\n`],
  ])('are looked at once more: %s', (_, devices) => {
    expectSame(HEAD + devices);
  });

  test.each([
    ['two of one name', [jsonDevice('a'), jsonDevice('b'), jsonDevice('b')]],
    ['one of the name of the first', [jsonDevice('a'), jsonDevice('a')]],
    ['a word of YAML', [jsonDevice('a'), jsonDevice('yes')]],
    [
      'a fault in the first',
      [
        { ...jsonDevice('a'), what: 1 },
        { ...jsonDevice('b'), what: 1 },
      ],
    ],
    ['numbers that are none of theirs', ['a', 'b'].map((each) => ({ ...jsonDevice(each), minor: 1 }))],
  ])('are looked at once more in JSON: %s', (_, devices) => {
    expectSame(json(devices));
    expectSame(json(devices).replace(/]}$/, ']]}'));
  });

  test('a number below zero is none of those that are as good as another', () => {
    const text = json([jsonDevice('a'), jsonDevice('b')]);
    expectSame(text.replace('"minor":11', '"minor":-0').replace('"minor":11', '"minor":-5'));
  });

  test('as long as a spec may be', () => {
    const long = jsonDevice('a', '1'.repeat(1_000_000));
    expectSame(json([long, { ...long, name: 'b' }]));
    expectSame(
      json([
        { ...long, annotations: { a: '\n'.repeat(1_000_000) } },
        { ...long, name: 'b' },
      ]),
    );
  });

  test('a spec that nvidia-ctk made', () => {
    expectSame(readFileSync(new URL('../fixtures/cdi_sample_management.yaml', import.meta.url), 'utf8'));
  });
});

// Lines of specs, and what makes them others, or no YAML.
const LINES = [
  '- name: c',
  '- name: d1',
  '  name: e',
  '  containerEdits:',
  '  annotations:',
  '    path: /x',
  '    env:',
  '    - A=b',
  '    - /a',
  '    deviceNodes:',
  '    - path: /dev/x',
  '      hostPath: /dev/y',
  '      path: x',
  '      minor: 0o7',
  '      args:',
  '      - A=b',
  '# comment',
  '  # comment',
  '',
  'annotations:',
  'devices:',
  '---',
  '...',
];
const SCRAPS = [
  '',
  ' ',
  ':',
  ': ',
  '#',
  ' #',
  '"',
  "'",
  '/',
  '-',
  '- ',
  '=',
  '0',
  'a',
  '\t',
  '\r',
  'é',
  '\n',
  '|',
];

test('property: what is told of a device is told of it by the whole text', () => {
  const name = fc.constantFrom('a', 'b', 'c', 'd1', 'd2', '"0"', '"1"', 'yes', 'GPU-1', 'x:y', '7', 'l.');
  const change = fc.record({
    at: fc.nat(),
    delete: fc.nat({ max: 3 }),
    insert: fc.oneof(fc.constantFrom(...SCRAPS), fc.constantFrom(...LINES.map((line) => `\n${line}`))),
  });
  const named = fc.array(fc.tuple(name, fc.constantFrom('', 'x', 'xy')), { maxLength: 6 });
  const yamlText = fc
    .tuple(
      named,
      fc.constantFrom('', '  '),
      fc.constantFrom('', 'annotations:\n  a: b\n', 'containerEdits:\n  env:\n  - A=b\n'),
    )
    .map(([all, indent, tail]) => HEAD + all.map(([each, n]) => device(each, n, indent)).join('') + tail);
  const jsonText = fc.tuple(named, fc.constantFrom(undefined, 1)).map(([all, indent]) =>
    json(
      all.map(([each, n]) => jsonDevice(each.replaceAll('"', ''), n)),
      indent,
    ),
  );
  let thinned = 0;
  let sound = 0;
  fc.assert(
    fc.property(fc.oneof(yamlText, jsonText), fc.array(change, { maxLength: 3 }), (whole, changes) => {
      let text = whole;
      for (const { at, delete: count, insert } of changes) {
        const place = at % (text.length + 1);
        text = text.slice(0, place) + insert + text.slice(place + count);
      }
      if (withoutAlikeDevices(text) !== undefined) thinned += 1;
      if ('spec' in checkSpecText(PATH, bytesOf(text))) sound += 1;
      expectSame(text);
    }),
    { numRuns: 1000 },
  );
  expect(thinned).toBeGreaterThan(100);
  expect(sound).toBeGreaterThan(100);
});

test('property: a device that is asked for alone is the one of the registry, whatever folders define', () => {
  const spec = fc
    .tuple(
      fc.constantFrom('v.com/a', 'v.com/b'),
      fc.array(fc.constantFrom(...'abcdefg'), { minLength: 1, maxLength: 7 }),
    )
    .map(
      ([kind, names]) => HEAD.replace('vendor.com/device', kind) + names.map((name) => device(name)).join(''),
    );
  const file = fc.tuple(
    fc.constantFrom('/1/a.yaml', '/1/b.yaml', '/2/a.yaml', '/2/b.yaml', '/3/a.yaml'),
    spec,
  );
  fc.assert(
    fc.property(fc.array(file, { maxLength: 5 }), (files) => {
      const host = memoryHost({ files: Object.fromEntries(files) });
      const folders = ['/1', '/2', '/3'];
      const registry = loadCdiRegistry(host, folders);
      const specs = searchCdiSpecs(host, folders);
      for (const kind of ['v.com/a', 'v.com/b', 'v.com/c', 'v.com/b', 'v.com/a']) {
        for (const name of ['e', 'd', 'c', 'b', 'a', ...'fghijklmn'].map((each) => `${kind}=${each}`)) {
          const { device: found, file: from } = specs.device(name) ?? {};
          expect(found).toEqual(registry.devices.get(name)?.device);
          expect(from?.path).toEqual(registry.devices.get(name)?.file.path);
        }
      }
      expect(specs.registry()).toEqual(registry);
    }),
    { numRuns: 300 },
  );
});
