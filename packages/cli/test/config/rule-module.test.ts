import { describe, expect, test } from '@jest/globals';
import { planRewrite } from '@opencontainers-ts/rootfs-rewriter';
import { documentOf, makeSpec, memoryHost, withAnnotation } from '@opencontainers-ts/rootfs-rewriter/testing';

import type { ModuleLine } from '../../src/config/rules/module-output.js';
import { type LoadedModule, loadRuleModules, RuleModuleFault } from '../../src/config/rules/rule-module.js';
import { nodeModuleHost } from '../../src/system/node-module-host.js';
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
    [
      'bad syntax further down',
      'const a = 1;\nexport default {\n  name "x",\n};',
      'cannot be loaded: SyntaxError: Unexpected string, line 3, column 8',
    ],
    [
      'throws in a function of its own',
      'const parse = () =>\n  JSON.parse("{");\n\nexport default () => parse();',
      "cannot make its rule: SyntaxError: Expected property name or '}' in JSON at position 1 (line 1 column 2), line 2, column 8",
    ],
    [
      'throws a stack of its own',
      'throw Object.defineProperty(new Error("x"), "stack", { value: { toString() { throw 1; } } });',
      'cannot be read',
    ],
    [
      'a relative import',
      'import "./other.mjs"; export default 1;',
      'cannot be loaded: it imports "./other.mjs"',
    ],
    ['a module of Node', `import { join } from 'node:path'; export default 1;`, 'imports "node:path"'],
    ['a package', 'export * from "lodash";', 'bundle it (esbuild --bundle --format=esm)'],
    ['an import() as it is loaded', 'await import("node:fs"); export default 1;', 'imports "node:fs"'],
    ['an import() that nobody waits for', 'import("node:fs"); export default 1;', 'imports "node:fs"'],
    ['null', 'throw null;', 'cannot be loaded: null'],
    [
      'a Proxy that throws',
      'throw new Proxy({}, { get() { throw 1; }, getPrototypeOf() { throw 2; } });',
      'cannot be read',
    ],
    [
      'a promise that is rejected and left alone',
      'Promise.reject(new Error("stray")); export default 1;',
      'Error: stray',
    ],
    [
      'no default export',
      'export const mine = 1;',
      'export "default" is not a function that makes a rule; the module exports mine',
    ],
    ['nothing', '', 'the module exports nothing'],
    ['a rule itself', `export default ${RULE};`, 'is not a function that makes a rule'],
    [
      'throws while making',
      'export default () => { throw new Error("no"); };',
      'cannot make its rule: Error: no',
    ],
    [
      'makes nothing',
      'export default () => undefined;',
      'cannot make its rule: the rule is undefined, which is not a rule',
    ],
    [
      'makes null',
      'export default () => null;',
      'cannot make its rule: the rule is null, which is not a rule',
    ],
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

/** What a module must not do, wherever it does it; and the code of the refusal where it does it in its rule. */
const MISDEEDS: readonly [title: string, code: string, refusal: string, said: RegExp][] = [
  ['a loop', 'for (;;) {}', 'ERR_RULE_TIMEOUT', /it was not done after 0\.2 s/],
  [
    'a regular expression that backtracks',
    '/(a+)+$/.test("a".repeat(50) + "b")',
    'ERR_RULE_TIMEOUT',
    /it was not done after 0\.2 s/,
  ],
  [
    'a loop that catches everything',
    'for (;;) try { for (;;) {} } catch {} finally {}',
    'ERR_RULE_TIMEOUT',
    /it was not done after/,
  ],
  [
    'a chain of promises',
    'const on = () => Promise.resolve().then(on); on()',
    'ERR_RULE_TIMEOUT',
    /it was not done after/,
  ],
  [
    'a list without an end',
    'const list = []; for (;;) list.push(new Uint8Array(1e7))',
    'ERR_RULE_MEMORY',
    /it asked for more than 64 MiB of memory|out of memory/,
  ],
  [
    'a list without an end, caught',
    'const list = []; for (;;) try { for (;;) list.push(new Uint8Array(1e7)) } catch { list.length = 0 }',
    'ERR_RULE_MEMORY',
    /it asked for more than 64 MiB of memory|out of memory/,
  ],
  ['process.exit(0)', 'process.exit(0)', 'ERR_RULE_CRASHED', /process is not defined/],
  ['a recursion', 'const on = () => [on()]; on()', 'ERR_RULE_CRASHED', /call stack/],
  ['text that nests deeply', 'JSON.parse("[".repeat(1e6))', 'ERR_RULE_CRASHED', /call stack/],
];

const surroundings = (source: string, told: string[] = []) => ({
  read: () => Buffer.from(source),
  // One that allocates has the time to come to its end.
  seconds: source.includes('list') ? 60 : 0.2,
  engine: nodeModuleHost(),
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

describe.each(MISDEEDS)('%s', (_title, code, refusal, said) => {
  test.each<[string, string, string]>([
    ['as the module is loaded', `${code}; export default () => (${RULE});`, 'cannot be loaded'],
    ['after an await', `await null; ${code}; export default () => (${RULE});`, 'cannot be loaded'],
    [
      'in a job',
      `Promise.resolve().then(() => { ${code} }); export default () => (${RULE});`,
      'cannot be loaded',
    ],
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
  ])('%s: the module gives no rule', async (_place, source, what) => {
    const loaded = await loadOne(source);
    expect(loaded).toEqual({ error: expect.any(RuleModuleFault) });
    const { message } = (loaded as { error: Error }).error;
    expect(message).toContain(`"/m.mjs" ${what}: `);
    expect(message).toMatch(said);
  });

  test.each<[string, string]>([
    ['claims', `claims: () => { ${code}; return true; }`],
    ['evaluate', `evaluate: () => { ${code}; return { kind: 'pass', reason: 'r' }; }`],
    [
      'a job that evaluate leaves',
      `evaluate: () => { queueMicrotask(() => { ${code} }); return { kind: 'pass', reason: 'r' }; }`,
    ],
  ])('in %s: the container is refused', async (_place, member) => {
    const plan = await planOf(`export default () => ({ ...(${RULE}), ${member} });`);
    expect(plan.refusal).toMatchObject({ rule: 'mine', code: refusal, message: expect.stringMatching(said) });
  });

  test('in what it says about a container that is none of its own: that starts', async () => {
    const member = `claims: () => false, whyNot: () => { ${code} }`;
    const plan = await planOf(`export default () => ({ ...(${RULE}), ${member} });`);
    expect(plan.decision).toBe('pass');
  });
});

describe.each(MISDEEDS.filter(([, , refusal]) => refusal !== 'ERR_RULE_CRASHED'))(
  '%s, where it is looked at',
  (_title, code, refusal, said) => {
    test('in a getter of its rule: the module gives no rule', async () => {
      const loaded = await loadOne(
        `export default () => ({ ...(${RULE}), get name() { ${code}; return 'n'; } });`,
      );
      expect(loaded).toMatchObject({ error: { message: expect.stringMatching(said) } });
    });

    test.each<[string, string]>([
      ['its outcome', `evaluate: () => ({ kind: 'pass', get reason() { ${code}; return 'r'; } })`],
      ['what it throws', `evaluate: () => { throw { get code() { ${code} } }; }`],
    ])('in a getter of %s: the container is refused', async (_place, member) => {
      const plan = await planOf(`export default () => ({ ...(${RULE}), ${member} });`);
      expect(plan.refusal).toMatchObject({ rule: 'mine', code: refusal });
    });
  },
);

test.each([
  ['as it is loaded', 'await new Promise(() => {}); export default 1;', 'cannot be loaded: '],
  ['as it makes its rule', 'export default () => new Promise(() => {});', 'cannot make its rule: '],
  ['for something of its own making', 'export default () => ({ then() {} });', 'cannot make its rule: '],
])('a module that waits %s gives no rule', async (_title, source, said) => {
  expect(await loadOne(source)).toMatchObject({
    error: { message: expect.stringContaining(`${said}Error: it waits for something`) },
  });
});

describe('what a rule throws is told', () => {
  test.each<[thrown: string, refusal: object]>([
    ['new Error("no\\nway")', { code: 'ERR_RULE_CRASHED', message: expect.stringContaining('no\\u000away') }],
    ['null', { code: 'ERR_RULE_CRASHED', message: expect.stringContaining('null') }],
    ['undefined', { code: 'ERR_RULE_CRASHED' }],
    ['Symbol("s")', { code: 'ERR_RULE_CRASHED' }],
    ['Object.create(null)', { code: 'ERR_RULE_CRASHED', message: expect.stringContaining('cannot be read') }],
    ['new Proxy({}, { get() { throw 1; } })', { code: 'ERR_RULE_CRASHED' }],
    [
      'Object.assign(new Error("mine"), { code: "ERR_MINE", hint: "ask me" })',
      { code: 'ERR_MINE', hint: 'ask me' },
    ],
  ])('%s', async (thrown, refusal) => {
    const plan = await planOf(
      `export default () => ({ ...(${RULE}), evaluate: () => { throw ${thrown}; } });`,
    );
    expect(plan.refusal).toMatchObject({ rule: 'mine', ...refusal });
  });

  test('and what there is instead of Node', async () => {
    const plan = await planOf(`export default () => ({ ...(${RULE}), evaluate: () => Buffer.from('x') });`);
    expect(plan.refusal).toMatchObject({
      code: 'ERR_RULE_CRASHED',
      hint: expect.stringContaining('nothing of Node.js'),
    });
  });
});

describe('a rule in its realm', () => {
  const FILES = { '/etc/name': 'abc\u20ac' };
  const decided = async (body: string, host = memoryHost({ files: FILES })) => {
    const loaded = await loadOne(
      `export default () => ({ ...(${RULE}), evaluate: (document, call, host) => { ${body} } });`,
    );
    if (!('rule' in loaded)) throw loaded.error;
    return planRewrite(DOCUMENT, [loaded.rule], CALL, host);
  };
  const says = (expression: string) => decided(`return { kind: 'pass', reason: String(${expression}) };`);

  test.each([
    ['document.spec.annotations["example.org/mine"] === ""', 'true'],
    ['document.readings(["annotations", "example.org/mine"])', '""'],
    ['document.source("/ociVersion")', '"1.2.0"'],
    ['Object.isFrozen(document.spec.process)', 'true'],
    ['call.verb + call.bundle', 'create/b'],
    ['host.lstat("/nowhere")', 'undefined'],
    ['typeof host.lstat("/etc/name").ino', 'bigint'],
    ['new TextDecoder().decode(host.readFile("/etc/name"))', 'abc\u20ac'],
    ['host.readFile("/etc/name") instanceof Uint8Array', 'true'],
    ['host.readDirectory("/etc")', 'name'],
    ['host.realpath("/etc/name")', '/etc/name'],
    ['Array.isArray(host.mountInfo())', 'true'],
    ['new TextEncoder().encode("\u20ac").length', '3'],
    ['typeof process + typeof require + typeof fetch + typeof setTimeout', 'undefined'.repeat(4)],
  ])('sees %s', async (expression, said) => {
    const { trace, refusal } = await says(expression);
    expect(refusal).toBeUndefined();
    expect(trace[0]?.outcome).toMatchObject({ kind: 'pass', reason: said });
  });

  test.each([
    ['host.lstat(7)', 'takes a path'],
    ['host.lstat("a\\0b")', 'takes a path'],
    ['host.resolveBeneath("/etc")', 'takes a path'],
  ])('that asks %s is refused', async (expression, said) => {
    expect((await says(expression)).refusal).toMatchObject({
      code: 'ERR_RULE_CRASHED',
      message: expect.stringContaining(said),
    });
  });

  test('sees what fails on the host as it is, and fails with it', async () => {
    const dead = {
      ...memoryHost(),
      lstat: () => {
        throw Object.assign(new Error('dead'), { code: 'EIO', errno: -5, syscall: 'lstat', path: '/x' });
      },
    };
    const { refusal } = await decided('host.lstat("/x")', dead);
    expect(refusal).toMatchObject({ code: 'ERR_HOST_UNREADABLE', details: { errno: 'EIO', path: '/x' } });
    const { trace } = await decided(
      'try { host.lstat("/x") } catch (error) { return { kind: "pass", reason: error.code + error.errno } }',
      dead,
    );
    expect(trace[0]?.outcome).toMatchObject({ reason: 'EIO-5' });
  });

  test('gives a patch and integers of 64 bits', async () => {
    const { document } = await decided(
      `return { kind: 'rewrite', note: 'n', patch: [{ op: 'add', path: '/x', value: { $n: 18446744073709551615n, n: 'n1' } }] };`,
    );
    expect(document.source('/x')).toBe('{"$n":18446744073709551615,"n":"n1"}');
  });

  test('has no host but in evaluate', async () => {
    const loaded = await loadOne(
      `let kept; export default () => ({ ...(${RULE}), claims: () => kept?.lstat('/') ?? true,
        evaluate: (document, call, host) => { kept = host; return { kind: 'pass', reason: 'r' }; } });`,
    );
    if (!('rule' in loaded)) throw loaded.error;
    const ask = () => planRewrite(DOCUMENT, [loaded.rule], CALL, memoryHost());
    expect(ask().refusal).toBeUndefined();
    expect(ask().refusal).toMatchObject({
      code: 'ERR_RULE_CRASHED',
      message: expect.stringContaining('alone'),
    });
  });
});

describe('a module that changes built-ins', () => {
  const TAMPERS = `Array.prototype.map = () => []; JSON.parse = () => ({ kind: 'pass' }); JSON.stringify = () => '{}';
    Object.defineProperty = () => {}; Reflect.get = () => 1; String.prototype.slice = () => 'x';`;

  test('changes none of ours, nor of another module', async () => {
    const sources = [
      `${TAMPERS} export default () => (${RULE});`,
      `export default () => ({ ...(${RULE}), name: [1, 2].map((each) => each + 1).join() });`,
    ];
    const loaded = await loadRuleModules(
      sources.map((module) => ({ module })),
      { ...surroundings(''), read: (path) => Buffer.from(path) },
    );
    expect(loaded[1]).toMatchObject({ rule: { name: '2,3' } });
    expect([1].map((each) => each + 1)).toEqual([2]);
  });

  test.each([
    ['JSON.stringify = () => "null"'],
    ['JSON.stringify = () => "{"'],
    ['Object.prototype.value = true; Object.prototype.kind = "pass"'],
    ['Promise.prototype.then = () => { throw 1 }'],
    ['globalThis.Promise = undefined'],
    ['Function.prototype.call = Function.prototype.apply = () => true'],
    ['Array.prototype[Symbol.iterator] = function* () {}'],
    [
      'Object.prototype.toString = () => { throw 1 }; Error.prototype.toString = 1; Error.prepareStackTrace = () => { throw 1 }',
    ],
  ])('%s: its refusal stays one, or becomes another', async (tampers) => {
    const source = `export default () => ({ ...(${RULE}), evaluate: () => { ${tampers}; return { kind: 'refuse', code: 'E_NO', message: 'no' }; } });`;
    const plan = await planOf(source);
    expect(plan.decision).toBe('refuse');
  });
});

test('a module behind a faulty one is loaded all the same', async () => {
  const sources = ['for (;;) {}', 'throw new Error("two")', `export default () => (${RULE});`];
  const modules = sources.map((source) => ({ module: source }));
  const loaded = await loadRuleModules(modules, { ...surroundings(''), read: (path) => Buffer.from(path) });
  expect(loaded).toMatchObject([
    { error: { message: expect.stringContaining('not done') } },
    { error: { message: expect.stringContaining('two') } },
    { rule: { name: 'mine' } },
  ]);
});

describe('what a module writes', () => {
  const write = (text: string) => `console.log(${JSON.stringify(text)});`;

  test.each<[title: string, source: string, told: string[]]>([
    ['as it is loaded', `${write('one\ntwo\n')} export default () => (${RULE});`, ['one', 'two']],
    ['as it makes its rule', `export default () => { ${write('one')} return ${RULE}; };`, ['one']],
    ['in evaluate', `export default () => ({ ...(${RULE}), evaluate: () => { ${write('one')} } });`, ['one']],
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
    [
      'by every name',
      `console.info('a'); console.warn('b'); console.error('c'); console.debug('d'); export default () => (${RULE});`,
      ['a', 'b', 'c', 'd'],
    ],
    ['as nothing', `${write(' \n\n')} export default () => (${RULE});`, []],
    ['at length', `${write('x'.repeat(1005))} export default () => (${RULE});`, [`${'x'.repeat(1000)}…`]],
  ])('%s is told as its own', async (_title, source, told) => {
    const lines: string[] = [];
    await planOf(source, lines);
    expect(lines).toEqual(told.map((line) => `/m.mjs: ${line}`));
  });

  test('has an end', async () => {
    const lines: string[] = [];
    await planOf(
      `export default () => ({ ...(${RULE}), claims: () => { for (let i = 0; i < 1e3; i += 1) console.log(i); return true; } });`,
      lines,
    );
    expect(lines).toHaveLength(101);
    expect(lines.at(-1)).toContain('and more, which is left out');
  });
});
