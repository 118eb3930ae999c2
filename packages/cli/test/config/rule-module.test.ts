import { describe, expect, test } from '@jest/globals';

import { loadRuleModule } from '../../src/config/rule-module.js';
import { settingsOf } from './config-text.js';

const RULE = `{ name: 'mine', triggers: ['example.org/mine'], reads: [], claims: () => true,
  evaluate: () => ({ kind: 'pass', reason: 'said so' }) }`;

const load = (source: string | undefined, more = '') =>
  settingsOf(`profile = "none"\n[[rule]]\nmodule = "/etc/ociwrap/rules/m.mjs"\n${more}`, {}, () =>
    source === undefined ? undefined : Buffer.from(source),
  );

describe('a module gives a rule', () => {
  test.each([
    ['as its default export', `export default () => (${RULE});`, ''],
    ['under a name', `export const mine = () => (${RULE});`, 'export = "mine"'],
    ['after some time', `export default async () => (${RULE});`, ''],
    ['with the help of Node', `import { join } from 'node:path'; export default () => (${RULE});`, ''],
  ])('%s', async (_title, source, more) => {
    const { settings, lastGood } = await load(source, more);
    expect(settings.rules.map(({ name }) => name)).toEqual(['mine']);
    expect(settings.ruleOrigins).toMatchObject([{ kind: 'module' }]);
    expect(lastGood.triggers).toEqual(['example.org/mine']);
  });

  test('that its options made', async () => {
    const { settings } = await load(
      `export default ({ name, limit }) => ({ ...(${RULE}), name: name + limit });`,
      'options = { name = "n", limit = 7 }',
    );
    expect(settings.rules[0]?.name).toBe('n7');
  });
});

test.each([
  ['/etc/ociwrap/conf.d/10-a.toml', 'm.mjs', '/etc/ociwrap/conf.d/m.mjs'],
  ['/etc/ociwrap/conf.d/10-a.toml', '../rules/m.mjs', '/etc/ociwrap/conf.d/../rules/m.mjs'],
  ['rules.toml', 'dist/m.mjs', 'dist/m.mjs'],
  ['/etc/ociwrap/conf.d/10-a.toml', '/opt/m.mjs', '/opt/m.mjs'],
])('%s names %s: %s is read', async (file, module, path) => {
  const asked: string[] = [];
  await settingsOf({ [file]: `[[rule]]\nmodule = "${module}"\n` }, {}, (each) => {
    asked.push(each);
    return Buffer.from(`export default () => (${RULE});`);
  });
  expect(asked).toEqual([path]);
});

describe('a module that gives none is told with file, line and key', () => {
  test.each<[title: string, source: string | undefined, said: string]>([
    ['not there', undefined, '/etc/ociwrap/rules/m.mjs" is not there (a relative path begins at '],
    ['no JavaScript', 'export default {', 'cannot be loaded: SyntaxError'],
    ['throws', 'throw new Error("too early");', 'cannot be loaded: Error: too early'],
    ['a relative import', 'import "./other.mjs"; export default 1;', 'cannot be loaded'],
    [
      'no default export',
      'export const mine = 1;',
      'export "default" is no function that makes a rule; exported is mine',
    ],
    ['nothing', '', 'exported is nothing'],
    ['a rule itself', `export default ${RULE};`, 'is no function that makes a rule'],
    [
      'throws while making',
      'export default () => { throw new Error("no"); };',
      'cannot make its rule: Error: no',
    ],
    ['makes nothing', 'export default () => undefined;', 'makes is no rule: it is undefined'],
    ['makes null', 'export default () => null;', 'makes is no rule: it is null'],
    ['no name', `export default () => ({ ...(${RULE}), name: 1 });`, '"name" is no text'],
    ['an empty name', `export default () => ({ ...(${RULE}), name: '' });`, 'has no name'],
    ['no triggers', `export default () => ({ ...(${RULE}), triggers: 'x' });`, '"triggers" is neither'],
    ['an empty trigger', `export default () => ({ ...(${RULE}), triggers: [''] });`, 'has an empty trigger'],
    ['no reads', `export default () => ({ ...(${RULE}), reads: undefined });`, '"reads" is no array'],
    [
      'a bad pointer',
      `export default () => ({ ...(${RULE}), reads: ['a'] });`,
      'which is not a JSON pointer',
    ],
    ['no claims', `export default () => ({ ...(${RULE}), claims: true });`, '"claims" is no function'],
    ['no evaluate', `export default () => ({ ...(${RULE}), evaluate: 1 });`, '"evaluate" is no function'],
  ])('%s', async (_title, source, said) => {
    const error = await load(source).catch((thrown) => thrown);
    expect({ code: error.code, message: error.message }).toEqual({
      code: 'ERR_RULE_MODULE',
      message: expect.stringContaining('/etc/ociwrap/config.toml:3: rule[1].module: '),
    });
    expect(error.message).toContain(said);
    expect(error.message).not.toContain('data:');
  });
});

test.each([
  ['while it is loaded', 'await new Promise(() => {}); export default 1;', 'cannot be loaded: '],
  ['while it makes its rule', 'export default () => new Promise(() => {});', 'cannot make its rule: '],
])('a module that waits for ever %s is given up', async (_title, source, said) => {
  const loading = loadRuleModule({ module: '/m.mjs' }, () => Buffer.from(source), 20);
  await expect(loading).rejects.toMatchObject({
    message: expect.stringContaining(`${said}Error: not done after 20 ms`),
  });
});
