import { readFileSync } from 'node:fs';

import { expect, test } from '@jest/globals';

import { settingsDump } from '../../src/config/settings-dump.js';
import { settingsOf } from './config-text.js';

const page = readFileSync(new URL('../../../../docs/configuration.md', import.meta.url), 'utf8');
const schema = JSON.parse(readFileSync(new URL('../../schema/config.schema.json', import.meta.url), 'utf8'));
const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(([, text = '']) => text);

test.each(blocks('toml'))('an example of the page is a configuration: %s', async (text) => {
  const [module] = blocks('js');
  const { settings } = await settingsOf(text, {}, () => Buffer.from(module ?? ''));
  expect(settings.fault).toBeUndefined();
});

test('the rule of the page about the NVIDIA hook is a configuration', async () => {
  const nvidia = readFileSync(new URL('../../../../docs/nvidia.md', import.meta.url), 'utf8');
  const [, text = ''] = /```toml\n(.*?)```/s.exec(nvidia) ?? [];
  const { settings } = await settingsOf(text);
  expect(settings.rules.map(({ name }) => name)).toContain('nvidia-hook');
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
