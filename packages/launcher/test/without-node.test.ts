import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { beforeAll, describe, expect, test } from '@jest/globals';

import { CLI_ERROR_CODES } from '../../cli/src/cli-error.js';
import { TRIGGER } from '../../cli/test/machine.js';
import { type CallResult, call, type StartState } from '../../cli/test/recorded-call.js';
import { temporaryFolder } from '../../cli/test/temporary-folder.js';
import { type PackagedFolder, packagedFolder } from './packaged-folder.js';

const folder = temporaryFolder();
const log = join(folder, 'runtime.log');
const ownLog = join(folder, 'own.log');
const untriggered = join(folder, 'untriggered');
const triggered = join(folder, 'triggered');
let packaged: PackagedFolder;

beforeAll(async () => {
  packaged = await packagedFolder(folder, 'become-runtime.ts');
  packaged = { ...packaged, variables: [`SGS_RUNC_PATH=${packaged.runtime}`, `OCIWRAP_LOG_FILE=${ownLog}`] };
  // Any user may start it; the record beside the runtime is made by this test.
  for (const path of [folder, join(folder, 'bin'), join(folder, 'lib')]) chmodSync(path, 0o755);
  for (const [bundle, annotations] of [
    [untriggered, {}],
    [triggered, { [TRIGGER]: 'pvc-1' }],
  ] as const) {
    mkdirSync(bundle);
    writeFileSync(join(bundle, 'config.json'), JSON.stringify({ ociVersion: '1.0.2', annotations }));
  }
}, 60_000);

const start = (state: StartState, ...args: readonly (string | Uint8Array)[]): CallResult => {
  rmSync(log, { force: true });
  rmSync(ownLog, { force: true });
  return call(packaged, packaged.launcher, { ...state, argv: ['runc', ...args] });
};
const create = (bundle: string, state: StartState = {}) =>
  start(state, '--log', log, '--log-format', 'json', 'create', '--bundle', bundle, 'c1');

const { hint } = CLI_ERROR_CODES.ERR_NODE_CANNOT_RUN;

/** What Node cannot live with: instructions of start-in-state, and how the refusal names it. */
const states: readonly { title: string; instructions: readonly string[]; says: string }[] = [
  { title: 'a hard RLIMIT_NOFILE of 20', instructions: ['limit=7:20:20'], says: 'RLIMIT_NOFILE' },
  {
    title: 'a hard RLIMIT_NOFILE that is used up',
    instructions: [
      ...Array.from({ length: 60 }, (_, index) => `open=${index + 3}:/dev/null`),
      'limit=7:64:64',
    ],
    says: 'RLIMIT_NOFILE',
  },
  { title: 'an RLIMIT_AS of 512 MB', instructions: ['limit=9:536870912:536870912'], says: 'RLIMIT_AS' },
  { title: 'an RLIMIT_DATA of 64 MB', instructions: ['limit=2:67108864:67108864'], says: 'RLIMIT_DATA' },
  {
    title: 'an RLIMIT_DATA under which Node hangs',
    instructions: ['limit=2:16777216:16777216'],
    says: 'RLIMIT_DATA',
  },
  { title: 'an RLIMIT_STACK of 64 KB', instructions: ['limit=3:65536:65536'], says: 'RLIMIT_STACK' },
  {
    title: 'an RLIMIT_NPROC under which Node hangs',
    instructions: ['limit=6:4:4', 'user=12345'],
    says: 'RLIMIT_NPROC',
  },
];

// CAP_SYS_RESOURCE out of the bounding set: with it the launcher lifts hard limits, and Node runs.
const unprivileged = 'prctl=24:24';

// Under CI=true they fail without root, instead of being left out.
const asRoot = process.getuid?.() === 0 || process.env['CI'] === 'true' ? describe : describe.skip;

asRoot('under limits that kill Node', () => {
  test.each(states)('$title: a call that carries a trigger is refused', ({ instructions, says }) => {
    const { status, signal, stdout, stderr, record } = create(triggered, {
      instructions: [unprivileged, ...instructions],
    });
    expect({ status, signal, stdout, record }).toEqual({
      status: 1,
      signal: null,
      stdout: '',
      record: undefined,
    });
    const message = `Node cannot run under this hard ${says}`;
    const line = `${message} [ERR_NODE_CANNOT_RUN]: ${hint}`;
    expect(stderr).toBe(`oci-runtime-wrapper: ${line}\n`);
    if (instructions.some((instruction) => instruction.startsWith('user='))) return; // may not write to our folder
    expect(JSON.parse(readFileSync(log, 'utf8'))).toEqual({ time: isoTime, level: 'error', msg: line });
    expect(JSON.parse(readFileSync(ownLog, 'utf8'))).toEqual({
      time: isoTime,
      level: 'error',
      msg: message,
      id: 'c1',
      verb: 'create',
      bundle: triggered,
      runtime: packaged.runtime,
      durationMs: expect.any(Number),
      decision: 'refuse',
      code: 'ERR_NODE_CANNOT_RUN',
    });
  });

  test.each(states)(
    '$title: a call without a trigger goes straight on, in the state it came in',
    ({ instructions }) => {
      const state = { instructions: [unprivileged, ...instructions] };
      const calls = [
        create(untriggered, state),
        start(state, 'kill', 'c1', '9'),
        create(join(folder, 'nowhere'), state),
      ];
      for (const { status, stderr, record } of calls) {
        expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
        const limits = instructions
          .filter((instruction) => instruction.startsWith('limit='))
          .map((instruction) => instruction.slice('limit='.length).split(':'));
        for (const [resource, soft, hard] of limits) {
          expect(record?.limits[Number(resource)]).toEqual([soft, hard]);
        }
        expect(record).toMatchObject({ ignoredSignals: '0000000000000000', signalMask: '0000000000000000' });
      }
    },
  );

  test('an RLIMIT_FSIZE of 0 kills nothing, and the runtime is not started on the wrong root', () => {
    // The pipes that the test reads have no size; the logs cannot be written.
    const instructions = [unprivileged, 'limit=1:0:0'];
    const { status, signal, stderr, record } = create(triggered, { instructions });
    expect({ status, signal, record }).toEqual({ status: 1, signal: null, record: undefined });
    expect(stderr).toContain('cannot record the process state: write: EFBIG [ERR_NODE_CANNOT_RUN]');
  });
});

describe('without a file of lib', () => {
  const without = (file: string, act: (path: string) => void) => {
    const path = join(packaged.folder, 'lib', file);
    renameSync(path, `${path}.away`);
    try {
      act(path);
    } finally {
      rmSync(path, { force: true });
      renameSync(`${path}.away`, path);
    }
  };
  const files = ['node', 'wrapper.cjs', 'wrapper-code.cjs', 'exec_native.node'];

  test.each(files)('%s: a call that carries a trigger is refused, any other goes on', (file) => {
    without(file, (path) => {
      const refused = create(triggered);
      expect(refused).toMatchObject({ status: 1, stdout: '', record: undefined });
      const line = `cannot ${file === 'node' ? 'start' : 'read'} "${path}": ENOENT [ERR_NODE_CANNOT_RUN]: ${hint}`;
      expect(refused.stderr).toBe(`oci-runtime-wrapper: ${line}\n`);
      expect(JSON.parse(readFileSync(log, 'utf8'))).toMatchObject({ level: 'error', msg: line });

      const state = { instructions: ['ignore=1', 'block=15', 'limit=7:64', 'open=9:/dev/null'] };
      const direct = call(packaged, packaged.runtime, state).record;
      expect(direct).toMatchObject({ ignoredSignals: '0000000000000001', signalMask: '0000000000004000' });
      for (const passed of [create(untriggered, state), start(state, 'delete', '--force', 'c1')]) {
        expect(passed).toMatchObject({ status: 0, stderr: '' });
        expect(stateOf(passed)).toEqual(stateOf({ record: direct }));
      }
    });
  });

  test.each(['wrapper.cjs', 'wrapper-code.cjs', 'exec_native.node'])(
    'an empty %s is one that is not there',
    (file) => {
      without(file, (path) => {
        writeFileSync(path, '');
        const refused = create(triggered);
        expect(refused).toMatchObject({ status: 1, stdout: '', record: undefined });
        expect(refused.stderr).toContain(`cannot use the empty file "${path}" [ERR_NODE_CANNOT_RUN]`);
        expect(create(untriggered)).toMatchObject({ status: 0, stderr: '' });
      });
    },
  );

  test('a node that is no program is one that cannot start', () => {
    without('node', (path) => {
      writeFileSync(path, 'not a program', { mode: 0o755 });
      expect(create(triggered).stderr).toContain(`cannot start "${path}": ENOEXEC [ERR_NODE_CANNOT_RUN]`);
      expect(create(untriggered)).toMatchObject({ status: 0, stderr: '' });
    });
  });

  test('--log without --log-format is text, and a line feed in a path stays out of it', () => {
    without('wrapper.cjs', () => {
      start({}, '--log', log, 'run', '-b', triggered, 'a\nb');
      expect(readFileSync(log, 'utf8')).toMatch(
        /^time=\d{4}-\S+Z level=error msg="cannot read \\"[^\n]+"\n$/,
      );
      expect(JSON.parse(readFileSync(ownLog, 'utf8'))).toMatchObject({ id: 'a\\u000ab' });
    });
  });

  test('what is wrong with the runtime is said, too', () => {
    const broken = join(folder, 'broken');
    writeFileSync(broken, 'not a program', { mode: 0o755 });
    without('wrapper.cjs', () => {
      const { status, stderr } = spawnSync(packaged.launcher, ['state', 'c1'], {
        encoding: 'utf8',
        env: { SGS_RUNC_PATH: broken, OCIWRAP_LOG_FILE: '/dev/null' },
      });
      const expected = `cannot execute "${broken}": ENOEXEC [ERR_EXEC_FAILED]: ${CLI_ERROR_CODES.ERR_EXEC_FAILED.hint}`;
      expect({ status, stderr }).toEqual({ status: 1, stderr: `oci-runtime-wrapper: ${expected}\n` });
    });
  });
});

/** What the launcher alters for Node. The standard streams are pipes made for the call. */
function stateOf({ record }: Pick<CallResult, 'record'>) {
  return {
    limits: record?.limits,
    ignoredSignals: record?.ignoredSignals,
    signalMask: record?.signalMask,
    descriptors: record?.descriptors.map((entry) => ({ ...entry, ino: '', target: '' })),
  };
}

const isoTime = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
