import { readFileSync } from 'node:fs';

import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parseDocument } from 'yaml';

import type { Shape } from '../../src/cdi/shape.js';
import { SPEC_SHAPE } from '../../src/cdi/spec-shape.js';
import { checked, specWith } from './spec-text.js';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
const schema = JSON.parse(read('../../schema/cdi.schema.json'));
const validate = new Ajv2020({ strict: false }).compile(schema);

/** What an editor would check: the first document, in one of the two dialects of YAML that editors read. */
function bySchema(text: string): boolean {
  return (['1.1', '1.2'] as const).some((version) =>
    validate(parseDocument(text, { version, logLevel: 'silent' }).toJS()),
  );
}

interface Vector {
  readonly group: string;
  readonly name: string;
  readonly etc?: Readonly<Record<string, unknown>> | null;
  readonly run?: Readonly<Record<string, unknown>> | null;
}

const TEXTS = ['cdi_list_vectors.json', 'runtime_cdi_vectors.json']
  .flatMap((file) => JSON.parse(read(`../fixtures/${file}`)) as Vector[])
  .flatMap(({ group, name, etc, run }) =>
    [...Object.values(etc ?? {}), ...Object.values(run ?? {})].map((content): [string, string] => [
      `${group}: ${name}`,
      typeof content === 'string' ? content : JSON.stringify(content),
    ]),
  );

describe('the schema is not stricter than the loader, nor blind to what it refuses', () => {
  // What a schema cannot say; all other refusals are of the structure.
  // Written in the schema's own comment.
  const STRICTER = new Set(['validity: case-insensitive keys']);
  const MEANING = /at least v|multiple device|is not absolute|^yaml: |no Spec data|duplicate/;

  test.each(TEXTS)('%s', (name, text) => {
    const verdict = checked(text);
    const valid = bySchema(text);
    if (typeof verdict !== 'string') expect({ text, valid }).toEqual({ text, valid: !STRICTER.has(name) });
    else if (!MEANING.test(verdict)) expect({ text, valid }).toEqual({ text, valid: false });
  });

  test('the vectors have both kinds', () => {
    const verdicts = TEXTS.map(([, text]) => typeof checked(text));
    expect(new Set(verdicts)).toEqual(new Set(['object', 'string']));
  });

  test('a spec that nvidia-ctk made', () => {
    expect(bySchema(read('../fixtures/cdi_sample_management.yaml'))).toBe(true);
  });

  const NODE = { path: '/d' };
  const HOOK = { hookName: 'poststop', path: '/h' };
  test.each<[string, object]>([
    ['variable without a value', { env: ['A'] }],
    ['path of a node', { deviceNodes: [{}] }],
    ['type of a node', { deviceNodes: [{ ...NODE, type: 'd' }] }],
    ['number of a node', { deviceNodes: [{ ...NODE, major: '1' }] }],
    ['negative number of a node', { deviceNodes: [{ ...NODE, minor: -1 }] }],
    ['permissions', { deviceNodes: [{ ...NODE, permissions: 'nonerw' }] }],
    ['owner', { deviceNodes: [{ ...NODE, uid: 2 ** 32 }] }],
    ['name of a hook', { hooks: [{ ...HOOK, hookName: 'stop' }] }],
    ['relative path of a hook', { hooks: [{ ...HOOK, path: 'h' }] }],
    ['timeout', { hooks: [{ ...HOOK, timeout: 1.5 }] }],
    ['arguments', { hooks: [{ ...HOOK, args: '-v' }] }],
    ['mount from nowhere', { mounts: [{ containerPath: '/c' }] }],
    ['mount to nowhere', { mounts: [{ hostPath: '/h', containerPath: '' }] }],
    ['null for a mount', { mounts: [null] }],
    ['ClosID', { intelRdt: { closID: '..' } }],
    ['monitoring', { intelRdt: { enableMonitoring: 'yes' } }],
    ['interface without a name', { netDevices: [{ hostInterfaceName: 'a' }] }],
    ['group', { additionalGids: [-1] }],
    ['unknown member', { enviroment: [] }],
    ['nothing', {}],
  ])('both refuse: %s', (_, edits) => {
    const text = specWith(edits);
    expect([typeof checked(text), bySchema(text)]).toEqual(['string', false]);
  });

  test.each<[string, string]>([
    [
      'a number for a text',
      specWith({ env: ['A=1'], mounts: [{ hostPath: 1, containerPath: true, options: [0] }] }),
    ],
    ['null for absent', specWith({ env: ['A=1'], mounts: null, intelRdt: null }, { annotations: null })],
    ['the greatest numbers', specWith({ deviceNodes: [{ ...NODE, uid: 4294967295, major: 2 ** 40 }] })],
    ['a version with a v', specWith({ env: ['A=1'] }, { cdiVersion: 'v1.1.0' })],
    [
      'a name that is a number',
      'cdiVersion: 0.5.0\nkind: v/c\ndevices: [{name: 0, containerEdits: {env: [A=]}}]',
    ],
  ])('both take: %s', (_, text) => {
    expect([typeof checked(text), bySchema(text)]).toEqual(['object', true]);
  });
});

interface SchemaNode {
  readonly $ref?: string;
  readonly anyOf?: readonly SchemaNode[];
  readonly allOf?: readonly SchemaNode[];
  readonly items?: SchemaNode;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly description?: string;
}

function resolved(node: SchemaNode): SchemaNode {
  const inner = node.anyOf?.[0] ?? node.allOf?.[0];
  if (inner !== undefined) return resolved(inner);
  return node.$ref === undefined ? node : resolved(schema.$defs[node.$ref.replace('#/$defs/', '')]);
}

function membersOf(node: SchemaNode, path: string): string[] {
  const { properties = {}, items } = resolved(node);
  if (items !== undefined) return membersOf(items, `${path}[]`);
  return Object.entries(properties).flatMap(([name, inner]) => [
    `${path}.${name}`,
    ...membersOf(inner, `${path}.${name}`),
  ]);
}

function membersOfShape(shape: Shape, path: string): string[] {
  if (shape.is === 'list') return membersOfShape(shape.of, `${path}[]`);
  if (shape.is !== 'struct') return [];
  return Object.entries(shape.members).flatMap(([name, inner]) => [
    `${path}.${name}`,
    ...membersOfShape(inner, `${path}.${name}`),
  ]);
}

test('the schema has the members that the loader knows, and says what each is for', () => {
  expect(membersOf(schema, '').sort()).toEqual(membersOfShape(SPEC_SHAPE, '').sort());
  const nodes = [schema, ...Object.values<SchemaNode>(schema.$defs)];
  for (const [name, node] of nodes.flatMap(({ properties = {} }: SchemaNode) => Object.entries(properties))) {
    expect({ name, description: node.description ?? resolved(node).description }).toEqual({
      name,
      description: expect.stringMatching(/\.$/),
    });
  }
});
