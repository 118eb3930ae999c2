import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { bundleOf, configState, specOf } from './bundle.js';
import { type ConfiguredMachine, configuredMachine } from './configured-machine.js';
import { describeWith, ociwrap } from './programs.js';
import { recorderIn } from './recorded-calls.js';
import { scratchFolder } from './scratch.js';

const KEY = 'example.org/mine';
const RULE = `name: 'mine', triggers: ['${KEY}'], reads: [],
  claims: (document) => document.readings(['annotations', '${KEY}']).length > 0,
  evaluate: () => ({ kind: 'pass', reason: 'looked' })`;
const CONFIG = 'module-timeout = 1\n[[rule]]\nmodule = "/etc/ociwrap/m.mjs"\n';

/** A rule of which one member is another. */
const ruleWith = (member: string) => `export default () => ({ ${RULE}, ${member} });`;
const GOOD = ruleWith('override: false');
const machineWith = (module: string, more: Readonly<Record<string, string>> = {}) =>
  configuredMachine({ 'config.toml': CONFIG, 'm.mjs': module, ...more });

/** Code that must not run in a module, and the code of the refusal where its rule is asked. The rest: rule-module.test.ts of cli. */
const MISDEEDS: readonly (readonly [title: string, code: string, error: string])[] = [
  ['a loop', 'for (;;) {}', 'ERR_RULE_TIMEOUT'],
  ['a bad regular expression', '/(a+)+$/.test("a".repeat(60) + "b")', 'ERR_RULE_TIMEOUT'],
  ['process.exit(0)', 'process.exit(0)', 'ERR_RULE_CRASHED'],
  // It takes memory, too: which limit comes first is the machine's.
  ['a chain of promises', 'const on = () => Promise.resolve().then(on); on()', 'ERR_RULE_(?:TIMEOUT|MEMORY)'],
  ['a list without an end', 'const list = []; for (;;) list.push(new Uint8Array(1e7))', 'ERR_RULE_MEMORY'],
  ['a recursion', 'const on = () => [on()]; on()', 'ERR_RULE_CRASHED'],
];

/** Refusals of rules that are no refusals, and so would start the container. */
const NO_OUTCOMES: readonly (readonly [title: string, member: string])[] = [
  ['a promise', `evaluate: async () => ({ kind: 'refuse', code: 'E_NO', message: 'no' })`],
  ['a promise that is rejected', `evaluate: async () => { throw new Error('no'); }`],
  ['an unknown kind', `evaluate: () => ({ kind: 'refused', code: 'E_NO', message: 'no' })`],
  ['an empty object', 'evaluate: () => ({})'],
  ['nothing', 'evaluate: () => undefined'],
  ['text', `evaluate: () => 'refuse'`],
  ['a refusal without a code', `evaluate: () => ({ kind: 'refuse', message: 'no' })`],
  ['a pass with a patch', `evaluate: () => ({ kind: 'pass', reason: 'r', patch: [] })`],
  ['a claim that is none', 'claims: () => undefined'],
  ['a claim that is promised', 'claims: async () => false'],
];

describeWith([], 'a rule module', () => {
  const recorder = recorderIn(scratchFolder('runc'));
  const marked = () => bundleOf(specOf('', { annotations: { [KEY]: 'yes' } }));

  /** One call, and where its words went. */
  function create(machine: ConfiguredMachine, bundle: string) {
    const [log, ownLog] = ['log', 'own-log'].map((name) => join(scratchFolder('log'), name)) as [
      string,
      string,
    ];
    const started = recorder.calls().length;
    const ended = machine.call(['--log', log, '--log-format', 'json', 'create', '--bundle', bundle, 'x'], {
      env: { SGS_RUNC_PATH: recorder.path, OCIWRAP_LOG_FILE: ownLog },
    });
    const read = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8') : '');
    return { ...ended, started: recorder.calls().length - started, log: read(log), ownLog: read(ownLog) };
  }
  const started = { status: 0, signal: null, stdout: '', stderr: '', started: 1, log: '' };
  const refused = (code: string) => ({
    status: 1,
    stdout: '',
    started: 0,
    stderr: expect.stringMatching(`\\[${code}\\]`),
    log: expect.stringMatching(`\\[${code}\\]`),
    ownLog: expect.stringMatching(`"code":"${code}"`),
  });

  test('that is sound is asked, and its container starts', () => {
    expect(create(machineWith(GOOD), marked())).toMatchObject(started);
  });

  test.each(MISDEEDS)(
    'with %s in its rule has the container refused, and no other',
    (_title, code, error) => {
      const machine = machineWith(ruleWith(`evaluate: () => { ${code} }`));
      const bundle = marked();
      const before = configState(bundle);
      expect(create(machine, bundle)).toMatchObject(refused(error));
      expect(configState(bundle)).toEqual(before);
      expect(create(machine, bundleOf(specOf('')))).toMatchObject(started);
    },
  );

  test('with a loop in "claims" too', () => {
    expect(create(machineWith(ruleWith('claims: () => { for (;;) {} }')), marked())).toMatchObject(
      refused('ERR_RULE_TIMEOUT'),
    );
  });

  describe('that comes to nothing is a fault of the configuration, which claims what the last good one did', () => {
    const machine = configuredMachine({ 'config.toml': CONFIG });
    test.each([
      ...MISDEEDS.map(([title, code]) => [title, `${code}; ${GOOD}`]),
      ['a loop in a job', `queueMicrotask(() => { for (;;) {} }); ${GOOD}`],
      ['a loop in its maker', `export default async () => { await 1; for (;;) {} };`],
      ['an import', `import { exit } from 'node:process'; exit(0); ${GOOD}`],
      ['an import()', `await import('node:process'); ${GOOD}`],
      ['a wait for ever', `await new Promise(() => {}); ${GOOD}`],
      ['a timer', `setTimeout(() => {}, 1); ${GOOD}`],
      ['a promise that is rejected', `Promise.reject(new Error('stray')); ${GOOD}`],
    ])('%s', (_title, module) => {
      machine.write('m.mjs', GOOD);
      expect(create(machine, bundleOf(specOf('')))).toMatchObject(started);
      machine.write('m.mjs', module);
      expect(create(machine, marked())).toMatchObject(refused('ERR_RULE_MODULE'));
      expect(create(machine, bundleOf(specOf('')))).toMatchObject(started);
    });
  });

  test('that imports is told to be bundled, with its file and line', () => {
    const machine = machineWith(`import { readFileSync } from 'node:fs'; ${GOOD}`);
    const { status, stderr } = machine.run(ociwrap, ['config', 'check']);
    expect({ status, stderr }).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/config\.toml:3: .*imports "node:fs".*bundle it.*\[ERR_RULE_MODULE\]/s),
    });
  });

  test('that changes built-ins changes none of ours', () => {
    const tampers = `Array.prototype.map = () => []; Object.keys = () => []; JSON.parse = () => null;
      Object.prototype.kind = 'pass'; Promise.prototype.then = () => {};`;
    const refusal = `evaluate: () => { ${tampers} return { kind: 'refuse', code: 'E_NO', message: 'no' }; }`;
    expect(create(machineWith(ruleWith(refusal)), marked())).toMatchObject({ status: 1, started: 0 });
    const bundle = marked();
    const before = configState(bundle);
    const passes = ruleWith(`evaluate: () => { ${tampers} return { kind: 'pass', reason: 'r' }; }`);
    const other = `\n[[rule]]\nname = "r"\nwhen.annotation = { key = "${KEY}", present = true }\nthen.mounts.remove = ["/proc"]\n`;
    const { started: starts } = create(machineWith(passes, { 'config.toml': `${CONFIG}${other}` }), bundle);
    // Whatever it said by then: the rule behind it is asked, or the container is refused.
    const hasProc = readFileSync(join(bundle, 'config.json'), 'utf8').includes('"/proc"');
    expect(hasProc).toBe(starts === 0);
    if (starts === 0) expect(configState(bundle)).toEqual(before);
  });

  test.each(NO_OUTCOMES)('that answers with %s refuses the container', (_title, member) => {
    expect(create(machineWith(ruleWith(member)), marked())).toMatchObject(refused('ERR_RULE_OUTCOME'));
  });

  test('that answers with a promise is told by the checks', () => {
    const [[, member] = ['', '']] = NO_OUTCOMES;
    const machine = machineWith(ruleWith(member));
    const told = { status: 1, stderr: expect.stringContaining('[ERR_RULE_OUTCOME]') };
    expect(machine.run(ociwrap, ['config', 'check'])).toMatchObject(told);
    expect(machine.run(ociwrap, ['rewrite', '--dry-run', '--bundle', marked()])).toMatchObject(told);
    expect(machine.run(ociwrap, ['explain', '--bundle', marked()])).toMatchObject({
      status: 1,
      stdout: expect.stringContaining('ERR_RULE_OUTCOME'),
    });
    const tests = scratchFolder('cases');
    mkdirSync(join(tests, 'case'));
    writeFileSync(
      join(tests, 'case/config.json'),
      JSON.stringify(specOf('', { annotations: { [KEY]: '' } })),
    );
    writeFileSync(join(tests, 'case/expected.patch.json'), '[]');
    writeFileSync(join(tests, 'rules.toml'), CONFIG);
    expect(machine.run(ociwrap, ['test', tests])).toMatchObject({
      status: 1,
      stdout: expect.stringContaining('refused [ERR_RULE_OUTCOME]'),
    });
  });

  test('that changes its spec in place is refused, and the rule behind it never sees it', () => {
    const meddler = (code: string) =>
      ruleWith(`evaluate: ({ spec, bytes }) => { ${code}; return { kind: 'pass', reason: 'r' }; }`);
    const remover = `\n[[rule]]\nname = "r"\nwhen.annotation = { key = "${KEY}", present = true }\nthen.mounts.remove = ["/proc"]\n`;
    const destinations = (bundle: string) =>
      JSON.parse(readFileSync(join(bundle, 'config.json'), 'utf8')).mounts.map(
        (mount: { destination: string }) => mount.destination,
      );
    const more = { 'config.toml': `${CONFIG}${remover}` };
    const bundle = marked();
    expect(create(machineWith(meddler('spec.mounts.reverse()'), more), bundle)).toMatchObject(
      refused('ERR_RULE_CRASHED'),
    );
    expect(destinations(bundle)).toEqual(['/proc', '/dev']);
    expect(create(machineWith(meddler('bytes.fill(32)'), more), bundle)).toMatchObject(started);
    expect(destinations(bundle)).toEqual(['/dev']);
  });

  describe('that writes', () => {
    const WRITES = `console.log('one', { two: 2 }); console.error('three\\u001b[31m'); console.warn('four');
      console.info('%s and %d', 'five', 6); console.debug();`;
    const module = `${WRITES} ${ruleWith(`evaluate: () => { ${WRITES} return { kind: 'pass', reason: 'r' }; }`)}`;

    test('does so in our log, and not in the output of the container', () => {
      const { ownLog, ...ended } = create(machineWith(module), marked());
      expect(ended).toMatchObject(started);
      const wrote = ownLog.split('\n').filter((line) => line.includes('m.mjs wrote: '));
      expect(wrote.map((line) => JSON.parse(line).msg.split('wrote: ')[1])).toEqual(
        expect.arrayContaining(['one { two: 2 }', 'three\\u001b[31m', 'four', 'five and 6']),
      );
      expect(wrote.length).toBeGreaterThanOrEqual(8);
    });

    test('does so beside what the commands print', () => {
      const machine = machineWith(module);
      const { status, stdout, stderr } = machine.run(ociwrap, ['explain', '--json', '--bundle', marked()]);
      expect(status).toBe(0);
      expect(JSON.parse(stdout).decision).toBe('pass');
      expect(stderr).toContain('ociwrap: /etc/ociwrap/m.mjs wrote: one { two: 2 }\n');
      expect(machine.run(ociwrap, ['config', 'check'])).toMatchObject({ status: 0, stdout: '' });
    });

    test('has its word, and no more than that', () => {
      const loop = ruleWith(
        `evaluate: () => { for (let i = 0; i < 1000; i += 1) console.log('x'.repeat(1500)); return { kind: 'pass', reason: 'r' }; }`,
      );
      const { ownLog, ...ended } = create(machineWith(loop), marked());
      expect(ended).toMatchObject(started);
      expect(ownLog.length).toBeGreaterThan(10_000);
      expect(ownLog.length).toBeLessThan(200_000);
    });
  });
});
