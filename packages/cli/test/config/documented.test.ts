import { readFileSync } from 'node:fs';

import { expect, test } from '@jest/globals';
import { parse } from 'smol-toml';

import { SETTINGS } from '../../src/config/settings/settings-table.js';
import { settingsOf } from './config-text.js';

const pageOf = (name: string) =>
  readFileSync(new URL(`../../../../docs/${name}.md`, import.meta.url), 'utf8');
const blocksOf = (text: string, language: string) =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(([, block = '']) => block);

const page = pageOf('configuration');
const schema = JSON.parse(readFileSync(new URL('../../schema/config.schema.json', import.meta.url), 'utf8'));

const examples = ['configuration', 'cdi', 'gpu-nodes', 'nvidia', 'rules'].flatMap((name) =>
  blocksOf(pageOf(name), 'toml')
    .filter((text) => !/^\[(?:plugins\.|engine\])/.test(text)) // Those are containerd's and podman's.
    .map((text) => [name, text] as const),
);

test.each(examples)('an example of %s.md is a configuration: %s', async (_, text) => {
  const [module] = blocksOf(page, 'js');
  const { settings } = await settingsOf(text, {}, () => Buffer.from(module ?? ''));
  expect(settings.fault).toBeUndefined();
});

const reference = [
  ...pageOf('rules-reference').matchAll(/^### `(\S+)`\n(?:(?!^#)[\s\S])*?^```toml\n(.*?)\n```$/gms),
].map(([, key = '', text = '']) => [key, text] as const);

test('the reference of rules has examples', () => {
  expect(reference.length).toBeGreaterThan(150);
});

test.each(reference)('the example of %s is taken, and has that key: %s', async (key, text) => {
  const needsName = !/^(?:name|use|module) = /m.test(text);
  const needsThen = !/^(?:then|use|module)\b/m.test(text);
  const rule = `${needsName ? 'name = "example"\n' : ''}${needsThen ? 'then.cwd = "/"\n' : ''}${text}\n`;
  const [ruleModule = ''] = blocksOf(page, 'js');
  const module = `${ruleModule.replace('export default', 'const rule =')}export { rule as default, rule as namespaceHook };`;
  const { settings } = await settingsOf(`[[rule]]\n${rule}`, {}, () => Buffer.from(module));
  expect(settings.fault).toBeUndefined();
  const { rule: [table] = [] } = parse(`[[rule]]\n${rule}`) as { readonly rule?: readonly object[] };
  const steps = key.replaceAll('[]', '.0').split('.');
  const at = (value: unknown, step: string): unknown =>
    step === 'NAME' ? Object.values(Object(value))[0] : Reflect.get(Object(value), step);
  const found = steps.reduce(at, table);
  expect([key, found]).not.toEqual([key, undefined]);
});

interface SchemaNode {
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly $ref?: string;
  readonly default?: unknown;
  readonly deprecated?: boolean;
}

/** Every key of the schema that has an effect, with its default, if the schema says one. */
function keysOf(node: SchemaNode, above: readonly string[] = []): readonly (readonly [string, unknown])[] {
  const { properties } = node.$ref === undefined ? node : schema.$defs[node.$ref.slice('#/$defs/'.length)];
  return properties === undefined
    ? [[above.join('.'), node.default]]
    : Object.entries<SchemaNode>(properties)
        .filter(([, { deprecated }]) => deprecated !== true)
        .flatMap(([key, child]) => keysOf(child, [...above, key]));
}

const inSchema = new Map(keysOf(schema));
const inPage = new Map(
  [...page.matchAll(/^\| `([\w.-]+)` +\| (.*?) +\| /gm)].map(([, key, value]) => [key, value] as const),
);
const inTable = SETTINGS.map(({ key }) => key);

test('the table of settings, the page and the schema have the same keys in the same order', () => {
  const keys = [...inTable, 'handler', 'rule'];
  const rows = [...inPage.keys()];
  expect(rows.slice(rows.indexOf('profile'), rows.indexOf('rule') + 1)).toEqual(keys);
  expect([...inSchema.keys()]).toEqual(keys);
});

test.each(SETTINGS.filter(({ fallback }) => fallback !== undefined))(
  'the page and the schema have the default of $key',
  ({ key, fallback }) => {
    expect(`${key}: ${inPage.get(key)}`).toContain(`${key}: \`${JSON.stringify(fallback)}\``);
    expect([fallback, undefined]).toContainEqual(inSchema.get(key));
  },
);

test('the page names the variables that win over the files in every profile, each once', () => {
  const [sentence = ''] = /^`[^|]*?\benvironment win over the files\./m.exec(page) ?? [];
  const named = [...sentence.matchAll(/`([A-Z_]+)`/g)].map(([, name]) => name);
  const read = SETTINGS.filter(({ key }) => key !== 'profile').flatMap(({ variables = [] }) =>
    variables.filter(({ profile }) => profile === undefined).map(({ name }) => name),
  );
  expect(named.sort()).toEqual([...new Set(read)].sort());
});
