import { readFileSync } from 'node:fs';

import { expect, test } from '@jest/globals';

import { settingsDump } from '../../src/config/settings-dump.js';
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

test('the page names every key, with the default that holds', async () => {
  const rows = new Map(
    [...page.matchAll(/^\| `([\w.-]+)` +\| (.*?) +\| /gm)].map(([, key, value]) => [key, value] as const),
  );
  const { settings } = await settingsOf('');
  for (const { key, value } of settingsDump(settings, () => undefined).settings) {
    expect(`${key}: ${rows.get(key)}`).toContain(`${key}: \`${JSON.stringify(value)}\``);
  }
  const keys = (node: { properties?: object; $ref?: string }, above = ''): string[] => {
    const { properties } = node.$ref === undefined ? node : schema.$defs[node.$ref.slice('#/$defs/'.length)];
    return properties === undefined
      ? [above]
      : Object.entries(properties).flatMap(([key, child]) =>
          keys(child as object, above === '' ? key : `${above}.${key}`),
        );
  };
  expect([...rows.keys()].filter((key) => key !== 'runtime')).toEqual(expect.arrayContaining(keys(schema)));
});
