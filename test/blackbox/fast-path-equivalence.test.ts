import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import { beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { specOf, TRIGGER } from './bundle.js';
import { forgetTables, type OwnPackage, ownPackage } from './own-package.js';
import { describeWith, startInState } from './programs.js';
import { type Recorder, recorderAt } from './recorded-calls.js';
import { runProgram } from './run-program.js';
import { scratchFolder } from './scratch.js';
import { forgetTold } from './told-faults.js';

const COUNT = 120;
const HOSTILE_NAME = 'named/runc\u009b2J\u202e\u2028\u007f\u{e0041}';
const NOBODY = 65534;

/** Configurations, each with as many calls: what the launcher may pass through depends on what their rules look for. */
const CONFIGURED: readonly {
  readonly title: string;
  readonly text: string;
  readonly count: number;
  /** The file of a rule module, in the folder of the configuration. */
  readonly module?: string;
}[] = [
  {
    title: 'rules that look for an annotation and for a variable',
    text: `profile = "none"
[[rule]]
name = "by-annotation"
when.annotation = { key = "${TRIGGER}" }
then.env.set = { MARK = "1" }
[[rule]]
name = "by-variable"
when.env = { name = "MARKED" }
then.annotations.set = { "example.org/marked" = "yes" }
`,
    count: 40,
  },
  {
    title: 'a rule module',
    text: 'profile = "none"\n[[rule]]\nmodule = "/etc/ociwrap/mark.mjs"\noptions = { value = "1" }\n',
    count: 30,
    module: `export default ({ value }) => ({
  name: 'mark',
  triggers: ['${TRIGGER}', 'MARKED'],
  reads: ['/hostname'],
  claims: (document) => document.readings(['annotations', '${TRIGGER}']).length > 0,
  evaluate: () => ({ kind: 'rewrite', note: 'marked', patch: [{ op: 'add', path: '/hostname', value }] }),
});
`,
  },
  {
    title: 'a rule for every container',
    text: '[[rule]]\nname = "every"\nwhen.verb = "create"\nthen.env.set = { MARK = "1" }\n',
    count: 30,
  },
];

/** Puts the configuration in its place for one program only. */
const IN_PLACE = 'mount --bind "$1" /etc/ociwrap && shift && exec "$@"';

/** Where a call is made, and with what; `@` in a text stands for the folder of this test. */
interface Call {
  readonly execFn: string;
  readonly argv: readonly (string | Uint8Array)[];
  readonly env: readonly (string | Uint8Array)[];
  readonly config: Config;
}

type Config =
  | { readonly text: string | Uint8Array }
  | { readonly make: 'nothing' | 'folder' | 'FIFO' }
  /** A symlink to this path from the bundle. */
  | { readonly link: string };

describeWith(['busybox'], 'with the fast path and without it', () => {
  let home: string;
  let own: OwnPackage;
  let recorders: readonly Recorder[];

  beforeAll(() => {
    home = scratchFolder('calls');
    chmodSync(home, 0o755);
    own = ownPackage();
    for (const name of ['bin', 'path', 'named', 'shared', 'linked']) mkdirSync(join(home, name));
    chmodSync(join(home, 'shared'), 0o777);
    for (const name of [
      'bin/runc',
      'bin/crun',
      'bin/nvidia-container-runtime',
      'bin/nvidia-container-runtime.cdi',
    ]) {
      symlinkSync(own.wrapper, join(home, name));
    }
    symlinkSync(own.wrapper, join(home, 'shared/runc'));
    symlinkSync(own.wrapper, join(home, 'wrapper'));
    symlinkSync('alternative', join(home, 'linked/runc'));
    symlinkSync('../path/crun-1.9', join(home, 'linked/alternative'));
    symlinkSync('runc', join(home, 'linked/link-to-link'));
    symlinkSync('../path/runc', join(home, 'linked/crun'));
    recorders = [
      ...[
        'bin/crun.real',
        'bin/nvidia-container-runtime.real',
        'shared/runc.real',
        'path/runc',
        'path/crun-1.9',
      ],
      ...['named/my runc', 'named/runsc', 'named/krun', 'named/youki', 'named/oci', HOSTILE_NAME],
    ].map((name) => recorderAt(join(home, name)));
  }, 60_000);

  const flag = fc.constantFrom(
    ...[
      '--debug',
      '--systemd-cgroup',
      '--root=/r',
      '--log=@/b/rt.log',
      '--log-format=json',
      '--log-format=text',
    ],
    ...['--unknown', '--unknown=create', '--cgroup-manager=disabled', '-v', '--log=file:@/b/rt.log'],
    // Behind a flag that is not known, its value or the verb.
    ...['--unknown', '--log-level', 'list', 'debug'],
  );
  const verb = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom('create', 'run', 'restore') },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        ...['state', 'kill', 'exec', 'features', 'nonsense', '\u00e9"\n', '\u009b2J\u202e\u007f\u{e0041}'],
      ),
    },
  );
  const behind = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.constantFrom<readonly string[]>(['--bundle', '@/b'], ['-b', '@/b'], ['--bundle=@/b']),
    },
    {
      weight: 3,
      arbitrary: fc.constantFrom<readonly string[]>(
        ...[
          ['-b=@/b'],
          ['-b@/b'],
          ['--bun', '@/b'],
          ['-d'],
          ['--pid-file', '@/b/pid'],
          ['--no-pivot'],
          ['--what'],
          [],
        ],
        ...[
          ['-b', ''],
          ['--config', '@/b/config.json'],
          ['-f', 'config.json'],
          ['--help'],
          ['-b', '/nowhere'],
          ['-b', '/nowhere\u009b\u2029\u{e0041}'],
          ['--'],
        ],
      ),
    },
  );
  const id = fc.oneof(
    fc.constantFrom<string | Uint8Array>(
      'c1',
      'c1',
      '',
      'a"b\\c',
      '\t\u202e\u2028é\u{1f40b}\u{e0041}',
      '\u009b\u007f\ufeff\u200b\u00a0\u3164',
      new Uint8Array([0x61, 0xff, 0xc3, 0x28]),
    ),
    fc.uint8Array({ min: 1, maxLength: 5 }),
  );
  const argv = fc
    .tuple(
      fc.array(flag, { maxLength: 3 }),
      verb,
      fc.array(behind, { maxLength: 3 }),
      fc.array(id, { maxLength: 2 }),
    )
    .map(([flags, word, more, ids]) => [...flags, word, ...more.flat(), ...ids]);

  const variable = fc.oneof(
    fc.constantFrom<string | Uint8Array>(
      ...['SGS_RUNC_PATH=@/named/my runc', 'SGS_RUNC_PATH=@/named/runsc', 'SGS_RUNC_PATH=@/named/krun'],
      ...['SGS_RUNC_PATH=@/named/youki', 'SGS_RUNC_PATH=@/named/oci'],
      ...['SGS_RUNC_PATH=@/linked/runc', 'SGS_RUNC_PATH=@/linked/crun', 'SGS_RUNC_PATH=linked/link-to-link'],
      `SGS_RUNC_PATH=@/${HOSTILE_NAME}`,
      ...['SGS_RUNC_PATH=crun-1.9', 'SGS_RUNC_PATH=', 'SGS_RUNC_PATH=@/missing', 'SGS_RUNC_PATH=path/runc'],
      ...[
        'SGS_WRAPPER_MODE=nvidia',
        'SGS_WRAPPER_MODE=runc',
        'SGS_WRAPPER_MODE=\u202eAMD"\u{e0041}',
        'SGS_WRAPPER_MODE=',
      ],
      ...['OCIWRAP_DEPTH=1', 'OCIWRAP_DEPTH=3', 'OCIWRAP_DEPTH=4', 'OCIWRAP_DEPTH=x\n', 'OCIWRAP_DEPTH='],
      // Only there a call that passes has a record.
      ...['OCIWRAP_LOG_LEVEL=debug', 'OCIWRAP_LOG_LEVEL=debug', 'OCIWRAP_LOG_LEVEL=debug'],
      ...['OCIWRAP_LOG_LEVEL=warn', 'OCIWRAP_LOG_LEVEL=error', 'OCIWRAP_LOG_LEVEL=loud'],
      ...[
        'NODE_OPTIONS=--bad',
        'A',
        '=',
        '=B',
        'OCIWRAP_DEPTH',
        'OCIWRAP_DEPTHS=1',
        'OCIWRAP_LOG_FILE=/dev/full',
      ],
      new Uint8Array(Buffer.from('X=\xff\xfe', 'latin1')),
    ),
  );
  // On PATH or in the variable there is always a recorder: no runtime of the machine is to be called.
  const path = fc.constantFrom(
    'PATH=@/path',
    'PATH=@/bin:@/path',
    'PATH=:.:@/none/:@/path//',
    'PATH=@/named:@/path:/usr/bin',
    'PATH=@/linked',
  );

  const spec = JSON.stringify(specOf('true'));
  const annotated = (key: string) => spec.replace('{', `{"annotations":{"${key}":"claim"},`);
  const config = fc.oneof(
    {
      weight: 6,
      arbitrary: fc
        .constantFrom(
          ...[
            spec,
            '',
            '{"root":',
            `${spec}${spec}`,
            spec.replace('{', '{"root":{},'),
            spec.replace('true', '\\u0026\\n\\"'),
          ],
          ...[
            annotated(TRIGGER),
            annotated(TRIGGER.replace('s', '\\u0073')),
            annotated(TRIGGER.toUpperCase()),
            spec.replace('"PATH=/bin"', '"PATH=/bin","MARKED=1"'),
          ],
          ...[
            annotated(`${TRIGGER}x`),
            annotated(TRIGGER.slice(1)),
            spec.replace('true', `echo ${TRIGGER}`),
            annotated('a\\/b'),
          ],
          ...[
            `{"annotations":{"${TRIGGER}":`,
            spec.replace('true', 'x'.repeat(150_000)),
            annotated(TRIGGER).replace('claim', ''),
          ],
        )
        .map((text): Config => ({ text })),
    },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 20 }).map((text): Config => ({ text })) },
    {
      weight: 1,
      arbitrary: fc.constantFrom<Config>(
        { make: 'nothing' },
        { make: 'folder' },
        { make: 'FIFO' },
        ...['elsewhere.json', 'triggered.json', 'nowhere.json', 'config.json', '.', '/dev/zero'].map(
          (link) => ({ link }),
        ),
      ),
    },
  );
  const call: fc.Arbitrary<Call> = fc.record({
    execFn: fc.constantFrom(
      ...[
        '@/wrapper',
        '@/bin/runc',
        '@/bin/crun',
        '@/bin/nvidia-container-runtime',
        'bin/nvidia-container-runtime.cdi',
      ],
      ...['@/shared/runc', './wrapper'],
    ),
    argv: fc
      .tuple(
        fc.constantFrom(
          'runc',
          'crun',
          '',
          '@/bin/nvidia-container-runtime',
          'nvidia-container-runtime',
          'x/y',
        ),
        argv,
      )
      .map(([name, rest]) => [name, ...rest]),
    env: fc
      .tuple(fc.array(variable, { maxLength: 4 }), path)
      .map(([variables, search]) => [...variables, search]),
    config,
  });

  const ordinary: Call = {
    execFn: '@/wrapper',
    argv: ['runc', 'create', '-b', '@/b', 'x'],
    env: ['PATH=@/path'],
    config: { text: '{}' },
  };
  /** Each of the resolver's warnings, whose words stand on both sides. */
  const warned: readonly Call[] = [
    { ...ordinary, env: ['PATH=@/path', 'SGS_WRAPPER_MODE=amd'] },
    { ...ordinary, env: ['PATH=@/path', 'SGS_WRAPPER_MODE=amd'], execFn: '@/bin/nvidia-container-runtime' },
    { ...ordinary, env: ['PATH=@/path', 'OCIWRAP_DEPTH=few'] },
    { ...ordinary, env: ['PATH=@/path', 'SGS_WRAPPER_MODE=nvidia'] },
    { ...ordinary, env: ['PATH=@/path'], execFn: '@/shared/runc' },
  ];
  /** With crun -b=X is the folder "=X", where nothing is to be read; with runc it is X, and the trigger is found. */
  const throughLink = (name: string): Call => ({
    ...ordinary,
    argv: ['runc', 'create', '-b=@/b', 'x'],
    env: ['PATH=@/path', `SGS_RUNC_PATH=@/linked/${name}`, 'OCIWRAP_LOG_LEVEL=debug'],
    config: { text: annotated(TRIGGER) },
  });
  const linked = [throughLink('runc'), throughLink('crun')];
  /** A refusal shows what was read of the line, in both logs. */
  const refused: Call = {
    ...ordinary,
    argv: ['runc', '--root', '/r', '--log', '@/b/rt.log', '--log-format', 'json', 'create', '-b', '@/b', 'x'],
    config: { text: annotated(TRIGGER) },
  };

  const placed = (text: string | Uint8Array) =>
    Buffer.from(typeof text === 'string' ? text.replaceAll('@', home) : text).toString('hex');

  function layBundle(wanted: Config): void {
    const bundle = join(home, 'b');
    rmSync(bundle, { recursive: true, force: true });
    mkdirSync(bundle);
    const file = join(bundle, 'config.json');
    if ('text' in wanted) writeFileSync(file, wanted.text);
    else if ('link' in wanted) symlinkSync(wanted.link, file);
    else if (wanted.make === 'folder') mkdirSync(file);
    else if (wanted.make === 'FIFO') runProgram('mkfifo', [file]);
    writeFileSync(join(bundle, 'elsewhere.json'), spec);
    writeFileSync(join(bundle, 'triggered.json'), annotated(TRIGGER));
  }

  const timeless = (log: string) =>
    log
      .replace(/"?time"?[:=]"?\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z"?/g, 'TIME')
      .replace(/"durationMs":\d+(\.\d)?([,}])/g, '"durationMs":0$2');
  const textOf = (file: string) => (existsSync(file) ? timeless(readFileSync(file, 'latin1')) : undefined);

  /** @param configuration - the folder that the call has as /etc/ociwrap; that of the test run, which is empty, without */
  function made({ execFn, argv: words, env, config: wanted }: Call, number: number, configuration?: string) {
    layBundle(wanted);
    const log = join(home, 'wrapper.log');
    rmSync(log, { force: true });
    forgetTold('/dev/full');
    const instructions = [
      ...words.map((text) => `arg=${placed(text)}`),
      ...[...env, `CALL=${number}`, `OCIWRAP_LOG_FILE=${log}`].map((text) => `env=${placed(text)}`),
      `cwd=${home}`,
    ];
    const within =
      configuration === undefined
        ? []
        : [
            '/usr/bin/unshare',
            '--mount',
            '--propagation',
            'private',
            '/bin/sh',
            '-c',
            IN_PLACE,
            'sh',
            configuration,
          ];
    const [program = startInState, ...args] = [
      ...within,
      startInState,
      ...instructions,
      execFn.replaceAll('@', home),
    ];
    const { status, signal, stdout, stderr } = spawnSync(program, args, {
      encoding: 'latin1',
      env: within.length === 0 ? {} : { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
      timeout: 30_000,
    });
    const file = 'text' in wanted ? textOf(join(home, 'b/config.json')) : undefined;
    return {
      status,
      signal,
      stdout,
      stderr,
      log: textOf(log),
      runtimeLog: textOf(join(home, 'b/rt.log')),
      file,
    };
  }

  function recorded(): Map<string, unknown[]> {
    const found = new Map<string, unknown[]>();
    for (const recorder of recorders) {
      for (const { argv: words, env, ...more } of recorder.calls()) {
        const number = env.find((entry) => entry.startsWith('CALL=')) ?? '';
        const { execFn, cwd } = more as { execFn?: string; cwd?: string };
        found.set(number, [
          ...(found.get(number) ?? []),
          { runtime: recorder.path, words, env, execFn, cwd },
        ]);
      }
      rmSync(`${recorder.path}.record.json`, { force: true });
    }
    return found;
  }

  function allMade(calls: readonly Call[], configuration?: string) {
    const results = calls.map((one, number) => made(one, number, configuration));
    const records = recorded();
    return results.map((result, number) => ({ ...result, records: records.get(`CALL=${number}`) ?? [] }));
  }

  test.each(CONFIGURED)(
    '$count generated calls end in the same way under $title',
    ({ text, count, module }) => {
      const configuration = scratchFolder('etc-ociwrap');
      chmodSync(configuration, 0o755);
      writeFileSync(join(configuration, 'config.toml'), text, { mode: 0o644 });
      if (module !== undefined) writeFileSync(join(configuration, 'mark.mjs'), module, { mode: 0o644 });
      // A table is left only for files that have been what they are for a second.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1200);
      const withTrigger: Call = { ...ordinary, config: { text: annotated(TRIGGER) } };
      const calls = [withTrigger, ...fc.sample(call, count)];
      forgetTables();
      made(ordinary, -1, configuration);
      expect(existsSync(own.table)).toBe(true);
      recorded();
      const fast = allMade(calls, configuration);
      own.useEngineOnly();
      const slow = allMade(calls, configuration);
      own.useFastPath();
      for (const [number, one] of calls.entries()) {
        expect({ call: one, ...fast[number] }).toEqual({ call: one, ...slow[number] });
      }
      if (module !== undefined) expect(fast[0]?.file).toContain('"hostname":"1"');
    },
    120_000,
  );

  test('a runtime that only root may execute is nothing to another user', () => {
    const folder = join(home, 'for-others');
    mkdirSync(join(folder, 'first'), { recursive: true });
    mkdirSync(join(folder, 'second'));
    const [closed, open] = ['first', 'second'].map((name) => recorderAt(join(folder, name, 'runc')));
    chmodSync(closed?.path ?? '', 0o700);
    for (const name of ['first', 'second']) chownSync(join(folder, name), NOBODY, NOBODY);
    const program = (user: number) =>
      spawnSync(
        startInState,
        [
          ...['runc', 'state', 'c1'].map((text) => `arg=${placed(text)}`),
          `env=${placed('PATH=@/for-others/first:@/for-others/second')}`,
          `env=${placed(`OCIWRAP_LOG_FILE=/dev/null`)}`,
          ...(user === 0 ? [] : [`user=${user}`]),
          own.wrapper,
        ],
        { encoding: 'utf8', env: {} },
      );
    const counts = () => [closed, open].map((recorder) => recorder?.calls().length);
    own.removeEngine();
    for (const [user, seen] of [
      [0, [1, 0]],
      [NOBODY, [1, 1]],
    ] as const) {
      expect(program(user)).toMatchObject({ status: 0, stderr: '' });
      expect(counts()).toEqual(seen);
    }
    own.restoreEngine();
    own.useEngineOnly();
    expect(program(NOBODY)).toMatchObject({ status: 0, stderr: '' });
    own.useFastPath();
    expect(counts()).toEqual([1, 2]);
  });

  test(`${COUNT} generated calls end in the same way: streams, statuses, logs, files, and what the runtime finds`, () => {
    const calls = [...warned, ...linked, refused, ...fc.sample(call, COUNT)];
    forgetTables();
    made(ordinary, -1);
    expect(existsSync(own.table)).toBe(true);
    recorded();
    const fast = allMade(calls);
    own.useEngineOnly();
    const slow = allMade(calls);
    for (const [number, one] of calls.entries()) {
      expect({ call: one, ...fast[number] }).toEqual({ call: one, ...slow[number] });
    }
    for (const { log } of fast.slice(0, warned.length)) expect(log).toContain('"level":"warn"');
    const [leadsToCrun, leadsToRunc] = fast.slice(warned.length);
    expect(leadsToCrun).toMatchObject({ status: 0, log: expect.stringContaining('no config.json') });
    expect(leadsToRunc).toMatchObject({ status: 1, stderr: expect.stringContaining('[ERR_') });
    expect(fast.filter(({ records }) => records.length === 1).length).toBeGreaterThan(COUNT / 3);
    expect(fast.filter(({ status }) => status === 1).length).toBeGreaterThan(COUNT / 20);
  }, 120_000);
});
