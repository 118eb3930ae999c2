import { describe, expect, test } from '@jest/globals';
import { planRewrite } from '@opencontainers-ts/rootfs-rewriter';
import { documentOf, makeSpec, memoryHost, withAnnotation } from '@opencontainers-ts/rootfs-rewriter/testing';

import type { ModuleLine } from '../../src/config/module-output.js';
import { type LoadedModule, loadRuleModules, RuleModuleFault } from '../../src/config/rule-module.js';
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
    [
      'makes nothing',
      'export default () => undefined;',
      'cannot make its rule: the rule is undefined, which is no rule',
    ],
    ['makes null', 'export default () => null;', 'cannot make its rule: the rule is null, which is no rule'],
    [
      'no name',
      `export default () => ({ ...(${RULE}), name: 1 });`,
      'the rule has a name that is 1, not a text',
    ],
    ['an empty name', `export default () => ({ ...(${RULE}), name: '' });`, 'has no name'],
    [
      'no triggers',
      `export default () => ({ ...(${RULE}), triggers: 'x' });`,
      'rule "mine" has "triggers" that are neither',
    ],
    ['an empty trigger', `export default () => ({ ...(${RULE}), triggers: [''] });`, 'has an empty trigger'],
    [
      'no reads',
      `export default () => ({ ...(${RULE}), reads: undefined });`,
      'rule "mine" has "reads" that are not a list',
    ],
    [
      'a bad pointer',
      `export default () => ({ ...(${RULE}), reads: ['a'] });`,
      'which is not a JSON pointer',
    ],
    [
      'no claims',
      `export default () => ({ ...(${RULE}), claims: true });`,
      'rule "mine" has "claims" that is true, not a function',
    ],
    ['a promise of another function', 'export default async () => async () => 1;', 'the rule is a function'],
    [
      'a getter that throws',
      `export default () => ({ ...(${RULE}), get reads() { throw 1; } });`,
      'cannot be read',
    ],
    [
      'what cannot be read',
      'throw { get message() { throw 1; }, toString() { throw 1; } };',
      'what it threw cannot be read',
    ],
    [
      'no evaluate',
      `export default () => ({ ...(${RULE}), evaluate: 1 });`,
      'rule "mine" has "evaluate" that is 1, not a function',
    ],
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

/** What a module must not do, wherever it does it. */
const MISDEEDS: readonly [title: string, code: string, said: RegExp][] = [
  ['a loop', 'for (;;) {}', /it was not done after 0\.2 s/],
  [
    'a regular expression that backtracks',
    '/(a+)+$/.test("a".repeat(50) + "b")',
    /it was not done after 0\.2 s/,
  ],
  [
    'a loop that catches everything',
    'for (;;) try { for (;;) {} } catch {} finally {}',
    /it was not done after/,
  ],
  ['process.exit(0)', 'process.exit(0)', /process\.exit was called/],
  ['process.exit(0), caught', 'try { process.exit(0) } catch {}', /process\.exit was called/],
  ['process.reallyExit(0)', 'process.reallyExit(0)', /process\.reallyExit was called/],
  ['process.abort()', 'process.abort()', /process\.abort was called/],
  ['process.kill of itself', 'process.kill(process.pid)', /process\.kill was called/],
  ['process.chdir, caught', 'try { process.chdir("/") } catch {}', /process\.chdir was called/],
  ['process.setuid', 'process.setuid(process.getuid())', /process\.setuid was called/],
  ['process.setgroups', 'process.setgroups([])', /process\.setgroups was called/],
];

const surroundings = (source: string, told: string[] = []) => ({
  read: () => Buffer.from(source),
  seconds: 0.2,
  tell: ({ module, line }: ModuleLine) => void told.push(`${module}: ${line}`),
});
const CALL = { verb: 'create', bundle: '/b' } as const;
const DOCUMENT = documentOf(makeSpec(withAnnotation('example.org/mine', '')));

async function loadOne(source: string, told?: string[]): Promise<LoadedModule> {
  const [loaded] = await loadRuleModules([{ module: '/m.mjs' }], surroundings(source, told));
  if (loaded === undefined) throw new Error('nothing was loaded');
  return loaded;
}
async function planOf(source: string, told?: string[]) {
  const loaded = await loadOne(source, told);
  if (!('rule' in loaded)) throw loaded.error;
  return planRewrite(DOCUMENT, [loaded.rule], CALL, memoryHost());
}

describe.each(MISDEEDS)('%s', (_title, code, said) => {
  test.each<[string, string, string]>([
    ['as the module is loaded', `${code}; export default () => (${RULE});`, 'cannot be loaded'],
    ['after an await', `await null; ${code}; export default () => (${RULE});`, 'cannot be loaded'],
    [
      'in a job',
      `Promise.resolve().then(() => { ${code} }).catch(() => {}); export default () => (${RULE});`,
      'cannot be loaded',
    ],
    ['in a tick', `process.nextTick(() => { ${code} }); export default () => (${RULE});`, 'cannot be loaded'],
    [
      'in a microtask',
      `queueMicrotask(() => { ${code} }); export default () => (${RULE});`,
      'cannot be loaded',
    ],
    ['as it makes its rule', `export default () => { ${code}; return ${RULE}; };`, 'cannot make its rule'],
    [
      'as it makes its rule, later',
      `export default async () => { await 1; ${code}; return ${RULE}; };`,
      'cannot make its rule',
    ],
    [
      'in a getter of its rule',
      `export default () => ({ ...(${RULE}), get name() { ${code}; return 'n'; } });`,
      'cannot make its rule',
    ],
  ])('%s: the module gives no rule', async (_place, source, what) => {
    const { exitCode } = process;
    const loaded = await loadOne(source);
    expect(loaded).toEqual({ error: expect.any(RuleModuleFault) });
    const { message } = (loaded as { error: Error }).error;
    expect(message).toContain(`"/m.mjs" ${what}: `);
    expect(message).toMatch(said);
    expect(process.exitCode).toBe(exitCode);
  });

  const isLoop = said.source.includes('done after');
  test.each<[string, string]>([
    ['claims', `claims: () => { ${code}; return true; }`],
    ['evaluate', `evaluate: () => { ${code}; return { kind: 'pass', reason: 'r' }; }`],
    ['a getter of its outcome', `evaluate: () => ({ kind: 'pass', get reason() { ${code}; return 'r'; } })`],
    ['a getter of what it throws', `evaluate: () => { throw { get code() { ${code} } }; }`],
  ])('in %s: the container is refused', async (_place, member) => {
    const plan = await planOf(`export default () => ({ ...(${RULE}), ${member} });`);
    expect(plan.refusal).toMatchObject({
      rule: 'mine',
      code: isLoop ? 'ERR_RULE_TIMEOUT' : 'ERR_RULE_EXIT',
      message: expect.stringMatching(said),
    });
  });

  test('in what it says about a container that is none of its own: that starts', async () => {
    const member = `claims: () => false, whyNot: () => { ${code} }`;
    const plan = await planOf(`export default () => ({ ...(${RULE}), ${member} });`);
    expect(plan.decision).toBe('pass');
  });
});

test.each([
  ['as it is loaded', 'await new Promise(() => {}); export default 1;', 'cannot be loaded: '],
  ['for a timer', 'await new Promise((go) => setTimeout(go, 1)); export default 1;', 'cannot be loaded: '],
  ['as it makes its rule', 'export default () => new Promise(() => {});', 'cannot make its rule: '],
  [
    'for a file',
    `import { readFile } from 'node:fs/promises'; export default async () => readFile('/proc/self/stat');`,
    'cannot make its rule: ',
  ],
])('a module that waits %s gives no rule', async (_title, source, said) => {
  expect(await loadOne(source)).toMatchObject({
    error: { message: expect.stringContaining(`${said}Error: it waits for something`) },
  });
});

test('a tick that throws is a fault of the module', async () => {
  const source = `process.nextTick(() => { throw new Error('stray'); }); export default () => (${RULE});`;
  const error = { message: expect.stringContaining('cannot be loaded: Error: stray') };
  expect(await loadOne(source)).toMatchObject({ error });
});

test('a module behind a faulty one is loaded all the same, and none before its time', async () => {
  const sources = ['for (;;) {}', 'throw new Error("two")', `export default () => (${RULE});`];
  const modules = sources.map((source) => ({ module: source }));
  const loaded = await loadRuleModules(modules, { ...surroundings(''), read: (path) => Buffer.from(path) });
  expect(loaded).toMatchObject([
    { error: { message: expect.stringContaining('not done') } },
    { error: { message: expect.stringContaining('two') } },
    { rule: { name: 'mine' } },
  ]);
});

test('a timer that a module leaves behind comes after the modules behind it have been loaded', async () => {
  const leaves = `globalThis.timers = 0; setTimeout(() => { globalThis.timers += 1; }, 0);
    const begin = Date.now(); while (Date.now() < begin + 5); export default () => (${RULE});`;
  const looks = `export default () => ({ ...(${RULE}), name: 'seen ' + globalThis.timers });`;
  const modules = [leaves, looks].map((source) => ({ module: source }));
  const loaded = await loadRuleModules(modules, { ...surroundings(''), read: (path) => Buffer.from(path) });
  expect(loaded[1]).toMatchObject({ rule: { name: 'seen 0' } });
});

test('what ended the process does so again outside of a module', async () => {
  const kept = 'globalThis.kept = process.kill; process.exitCode = 0;';
  await planOf(`${kept} export default () => (${RULE});`);
  const { kept: kill } = globalThis as unknown as { readonly kept: typeof process.kill };
  expect(kill(process.pid, 0)).toBe(true);
});

describe('what a module writes', () => {
  const write = (text: string, stream = 'stdout') => `process.${stream}.write(${JSON.stringify(text)});`;

  test.each<[title: string, source: string, told: string[]]>([
    ['as it is loaded', `${write('one\ntwo\n')} export default () => (${RULE});`, ['one', 'two']],
    ['as it makes its rule', `export default () => { ${write('one')} return ${RULE}; };`, ['one']],
    [
      'in evaluate',
      `export default () => ({ ...(${RULE}), evaluate: () => { ${write('one', 'stderr')} } });`,
      ['one'],
    ],
    [
      'in claims',
      `export default () => ({ ...(${RULE}), claims: () => { ${write('one')} return false; } });`,
      ['one'],
    ],
    [
      'before it throws',
      `export default () => ({ ...(${RULE}), claims: () => { ${write('one')} throw 1; } });`,
      ['one'],
    ],
    [
      'before it loops',
      `export default () => ({ ...(${RULE}), claims: () => { ${write('one')} for (;;); } });`,
      ['one'],
    ],
    ['as bytes', `process.stdout.write(Buffer.from('one')); export default () => (${RULE});`, ['one']],
    ['as nothing', `${write(' \n\n')} export default () => (${RULE});`, []],
    [
      'by a stream that it kept',
      `const { stdout } = process; export default () => ({ ...(${RULE}), claims: () => { stdout.write('one'); return true; } });`,
      ['one'],
    ],
    ['at length', `${write('x'.repeat(1005))} export default () => (${RULE});`, [`${'x'.repeat(1000)}…`]],
  ])('%s is told as its own, and comes to no output', async (_title, source, told) => {
    const lines: string[] = [];
    await planOf(source, lines);
    expect(lines).toEqual(told.map((line) => `/m.mjs: ${line}`));
  });

  test('has an end', async () => {
    const lines: string[] = [];
    await planOf(
      `export default () => ({ ...(${RULE}), claims: () => { for (let i = 0; i < 1e5; i += 1) process.stdout.write(i + '\\n'); return true; } });`,
      lines,
    );
    expect(lines).toHaveLength(101);
    expect(lines.at(-1)).toContain('and more, which is left out');
  });
});
