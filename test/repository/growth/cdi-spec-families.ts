import { memoryHost } from '@opencontainers-ts/rootfs-rewriter/testing';
import { checkSpecText, lintSpecText, loadCdiRegistry } from '../../../packages/device-injector/src/index.js';
import { bytesOf, type Families, times } from './family.js';

const HEAD = 'cdiVersion: 0.6.0\nkind: e.org/d\n';
const BODY = 'devices:\n- name: d\n  containerEdits:\n    env: [A=1]\n';

const checked = (text: string) => () =>
  'message' in checkSpecText('s.yaml', bytesOf(text)) ? 'at fault' : 'sound';
const yaml = (size: number, make: (size: number) => string, ends: 'sound' | 'at fault') => ({
  size,
  work: (times: number) => checked(make(times)),
  ends,
});
const devices = (size: number) =>
  times(size, (index) => ({ name: `d${index}`, containerEdits: { env: [`A=${index}`] } }));
const json = (size: number) =>
  JSON.stringify({ cdiVersion: '0.6.0', kind: 'e.org/d', devices: devices(size) });
const yamlDevices = (size: number, comment = '') =>
  `${HEAD}devices:\n${times(size, (index) => `- name: d${index}${comment}\n  containerEdits:\n    env:\n    - A=${index}\n`).join('')}`;

/** Texts of CDI specs. */
export const cdiSpecFamilies: Families = {
  'JSON with many devices': { size: 200, work: (size) => checked(json(size)), ends: 'sound' },
  'JSON with one device many times': {
    size: 200,
    work: (size) => checked(json(size).replaceAll(/"d\d+"/g, '"d"')),
    ends: 'at fault',
  },
  'JSON with one member many times': {
    size: 300,
    work: (size) => checked(`{${'"kind":"e.org/d",'.repeat(size)}"x":1}`),
    ends: 'at fault',
  },
  'JSON with blanks': {
    size: 2000,
    work: (size) => checked(json(2).replaceAll(',', `${' '.repeat(size)},`)),
    ends: 'sound',
  },
  'JSON with a long number': {
    size: 1000,
    work: (size) => checked(`{"kind":1${'0'.repeat(size)}1}`),
    ends: 'at fault',
  },
  'two specs with the same devices': {
    size: 100,
    work: (size) => {
      const host = memoryHost({ files: { '/etc/cdi/a.json': json(size), '/etc/cdi/b.json': json(size) } });
      return () => loadCdiRegistry(host).problems.length > 0;
    },
    ends: true,
  },
  'JSON with mounts that a container would fail of': {
    size: 100,
    work: (size) => {
      const mounts = times(size, (index) => ({ hostPath: '/x', containerPath: `/${index}` }));
      const text = JSON.stringify({
        cdiVersion: '0.6.0',
        kind: 'e.org/d',
        devices: [{ name: 'd', containerEdits: { mounts } }],
      });
      return () => lintSpecText('s.json', bytesOf(text)).length === size;
    },
    ends: true,
  },
  'YAML with many devices': yaml(200, yamlDevices, 'sound'),
  'YAML with many devices and comments': yaml(100, (size) => yamlDevices(size, ' # c'), 'sound'),
  'YAML with one member many times': yaml(200, (size) => 'k: v\n'.repeat(size), 'at fault'),
  'YAML with one member many times in a flow map': yaml(
    200,
    (size) => `{${'k: v, '.repeat(size)}}`,
    'at fault',
  ),
  'YAML with one alias many times': yaml(200, (size) => `a: &a 1\n${'k: *a\n'.repeat(size)}`, 'at fault'),
  'YAML with one alias many times in a list': yaml(
    200,
    (size) => `a: &a x\nb:\n${'- *a\n'.repeat(size)}`,
    'at fault',
  ),
  'YAML with many anchors and aliases': yaml(
    100,
    (size) => times(size, (index) => `a${index}: &a${index} x\nb${index}: *a${index}\n`).join(''),
    'at fault',
  ),
  'YAML with one merge many times': yaml(
    100,
    (size) => `a: &a {x: 1}\nb:\n${'  <<: *a\n'.repeat(size)}`,
    'at fault',
  ),
  'YAML with a merge of many': yaml(
    100,
    (size) => `a: &a {x: 1}\nb:\n  <<: [${times(size, () => '*a').join()}]\n`,
    'at fault',
  ),
  'YAML with aliases of aliases': yaml(
    50,
    (size) => `a0: &a0 x\n${times(size, (index) => `a${index + 1}: &a${index + 1} [*a${index}]\n`).join('')}`,
    'at fault',
  ),
  'YAML with comments': yaml(300, (size) => `${HEAD}${'# c\n'.repeat(size)}${BODY}`, 'sound'),
  'YAML with comments that are read slowly': yaml(
    200,
    (size) => `${HEAD}${'# c\n'.repeat(size)}${BODY}# end\nannotations: {} # c\n`,
    'sound',
  ),
  'YAML with comments within': yaml(
    200,
    (size) =>
      `${HEAD}devices: # c\n${'# c\n'.repeat(size)}- name: d # c\n${'  # c\n'.repeat(size)}  containerEdits:\n    env: [A=1]\n`,
    'sound',
  ),
  'YAML with comments in a flow list': yaml(
    200,
    (size) => `${HEAD}devices: [{name: d, containerEdits: {env: [\n${'  # c\n'.repeat(size)}  A=1]}}]\n`,
    'sound',
  ),
  'YAML with empty lines': yaml(
    500,
    (size) => `${HEAD}${'\n'.repeat(size)}${BODY}annotations: {} # c\n`,
    'sound',
  ),
  'YAML with empty lines within': yaml(
    500,
    (size) =>
      `${HEAD}devices:\n${'\n'.repeat(size)}- name: d # c\n${'\n'.repeat(size)}  containerEdits:\n    env: [A=1]\n`,
    'sound',
  ),
  'YAML with a text of many lines': yaml(
    200,
    (size) => `${HEAD}annotations:\n  a: x\n${'    x\n'.repeat(size)}${BODY}`,
    'sound',
  ),
  'YAML with a quoted text of many lines': yaml(
    200,
    (size) => `${HEAD}annotations:\n  a: "x\n${'    x\n'.repeat(size)}    x"\n${BODY}`,
    'sound',
  ),
  'YAML with a single-quoted text of many lines': yaml(
    200,
    (size) => `${HEAD}annotations:\n  a: 'x\n${'    x\n\n'.repeat(size)}    x'\n${BODY}`,
    'sound',
  ),
  'YAML with a block of many lines': yaml(
    200,
    (size) => `${HEAD}annotations:\n  a: |\n${'    x\n'.repeat(size)}${BODY}`,
    'sound',
  ),
  'YAML with a folded block of many lines': yaml(
    200,
    (size) => `${HEAD}annotations:\n  a: >-\n${'    x\n\n'.repeat(size)}${BODY}`,
    'sound',
  ),
  'YAML with a text of many escapes': yaml(
    300,
    (size) => `${HEAD}annotations:\n  a: "${'\\x41'.repeat(size)}"\n${BODY}`,
    'sound',
  ),
  'YAML with a long text': yaml(
    2000,
    (size) => `${HEAD}annotations:\n  a: ${'x'.repeat(size)} # c\n${BODY}`,
    'sound',
  ),
  'YAML with a long number': yaml(
    1000,
    (size) => `${HEAD}annotations:\n  a: 1${'0'.repeat(size)} # c\n${BODY}`,
    'sound',
  ),
  'YAML with a long flow list': yaml(
    200,
    (size) => `${HEAD}devices: [{name: d, containerEdits: {env: [${'A=1, '.repeat(size)}A=1]}}]\n`,
    'sound',
  ),
  'YAML with a long flow list on many lines': yaml(
    200,
    (size) => `${HEAD}devices: [{name: d, containerEdits: {env: [${'A=1,\n  '.repeat(size)}A=1]}}]\n`,
    'sound',
  ),
  'YAML with brackets that are not closed': yaml(300, (size) => `a: ${'['.repeat(size)}`, 'at fault'),
  'YAML with brackets that were not opened': yaml(200, (size) => `a: ${']'.repeat(size)}`, 'at fault'),
  'YAML that nests': yaml(
    100,
    (size) => times(size, (index) => `${' '.repeat(index % 90)}a:\n`).join(''),
    'at fault',
  ),
  'YAML with dashes that nest': yaml(200, (size) => `a: ${'- '.repeat(size)}`, 'at fault'),
  'YAML with lists in lists': yaml(200, (size) => `${'- '.repeat(size)}x\n`, 'at fault'),
  'YAML with documents': yaml(200, (size) => `${HEAD}${BODY}${'---\na: 1\n'.repeat(size)}`, 'sound'),
  'YAML with ends of documents': yaml(200, (size) => `${HEAD}${BODY}${'...\n'.repeat(size)}`, 'sound'),
  'YAML with directives': yaml(
    200,
    (size) => `${'%TAG !e! tag:e.org:\n'.repeat(size)}---\n${HEAD}${BODY}`,
    'sound',
  ),
  'YAML with explicit members': yaml(
    100,
    (size) => `${HEAD}annotations:\n${times(size, (index) => `  ? a${index}\n  : x\n`).join('')}${BODY}`,
    'sound',
  ),
  'YAML with tags': yaml(
    200,
    (size) => `${HEAD}annotations:\n${times(size, (index) => `  a${index}: !!str x\n`).join('')}${BODY}`,
    'sound',
  ),
  'YAML with one faulty member after the other': yaml(
    100,
    (size) => `${HEAD}${times(size, () => 'a: b: c\n').join('')}`,
    'at fault',
  ),
  'YAML with tabs': yaml(100, (size) => `${HEAD}${'a:\n\tb: c\n'.repeat(size)}`, 'at fault'),
  'YAML with a fault at its end': yaml(200, (size) => `${yamlDevices(size)}- name: '?'\n`, 'at fault'),
  'YAML with carriage returns': yaml(100, (size) => yamlDevices(size).replaceAll('\n', '\r\n'), 'sound'),
  'YAML with blanks': yaml(
    1000,
    (size) => `${HEAD}annotations: ${' '.repeat(size)}{}${' '.repeat(size)}\n${BODY}`,
    'sound',
  ),
};
