import { describe, expect, test } from '@jest/globals';
import { RuntimeClientError } from '@opencontainers-ts/runtime-client';

import type { ContainerCommands, ProgramEnd } from '../../src/commands/containers/container-commands.js';
import type { CommandOutput } from '../../src/commands/output.js';
import type { World } from '../../src/commands/world.js';
import { ociwrap } from '../../src/main/ociwrap.js';
import { nodeSystem } from '../../src/system/node-system.js';
import { testWorld } from './world.js';

/** What was asked of the commands. */
type Asked = readonly [name: string, ...args: readonly unknown[]];

interface Machine {
  readonly end?: ProgramEnd;
  readonly fault?: Error;
  readonly isTerminal?: boolean;
}

const ROW = { id: 'web', status: 'running', pid: 7, runtime: 'runc', bundle: '/run/\u001b[31mb' };

/** Commands that do nothing but answer; what they really do is seen in the black-box tests. */
function worldWith({ end = { exitCode: 0 }, fault, isTerminal = false }: Machine = {}) {
  const asked: Asked[] = [];
  const answer = async <Value>(value: Value, ...call: Asked): Promise<Value> => {
    asked.push(call);
    if (fault !== undefined) throw fault;
    return value;
  };
  const commands: ContainerCommands = {
    run: ({ tell, ...request }) => answer({ id: request.id ?? 'new', end }, 'run', request),
    start: ({ tell, ...request }) => answer({ ...ROW, bundle: request.bundle }, 'start', request),
    exec: (request) => answer(end, 'exec', request),
    list: (choice) =>
      answer([ROW, { id: 'odd', status: 'unknown', runtime: '-', fault: 'no JSON' }], 'list', choice),
    processes: (choice) => answer([process.pid, 2 ** 22 + 1], 'processes', choice),
    kill: (choice, signal) => answer(undefined, 'kill', choice, signal),
    delete: (choice, options) => answer(undefined, 'delete', choice, options),
    events: (choice, options) => answer(undefined, 'events', choice, options),
    ids: () => answer(['web', 'web-2', 'api'], 'ids'),
  };
  const changes: Partial<World> = {
    cwd: '/work',
    containers: async () => commands,
    system: { ...nodeSystem(), isatty: (fd) => isTerminal && fd === 1 },
  };
  return { world: testWorld(changes).world, asked };
}

async function said(
  args: readonly string[],
  machine?: Machine,
): Promise<CommandOutput & { asked: readonly Asked[] }> {
  const { world, asked } = worldWith(machine);
  return { ...(await ociwrap(args, world)), asked };
}

const onTerminal: Machine = { isTerminal: true };

describe('what is asked of whoever runs containers', () => {
  test.each<[line: string, asked: Asked]>([
    ['run b', ['run', { bundle: '/work/b', terminal: false }]],
    ['run /b --id web -t', ['run', { bundle: '/b', id: 'web', terminal: true }]],
    [
      'run b --runtime crun --root r',
      ['run', { bundle: '/work/b', runtime: 'crun', root: '/work/r', terminal: false }],
    ],
    [
      'run --runtime-flag network=none b --runtime-flag=--debug',
      ['run', { bundle: '/work/b', globalArgs: ['--network=none', '--debug'], terminal: false }],
    ],
    ['run b --runtime ./crun', ['run', { bundle: '/work/b', runtime: '/work/crun', terminal: false }]],
    ['run b -d', ['start', { bundle: '/work/b' }]],
    [
      'exec web -- ls -l --json 7',
      ['exec', { id: 'web', command: ['ls', '-l', '--json', '7'], terminal: false }],
    ],
    [
      'exec web -t --runtime runsc -- sh',
      ['exec', { id: 'web', command: ['sh'], runtime: 'runsc', terminal: true }],
    ],
    ['ps', ['list', {}]],
    ['ps --root /r', ['list', { root: '/r' }]],
    ['ps web', ['processes', { id: 'web' }]],
    ['kill web', ['kill', { id: 'web' }, 'SIGTERM']],
    ['kill web kill', ['kill', { id: 'web' }, 'SIGKILL']],
    ['kill web SIGHUP', ['kill', { id: 'web' }, 'SIGHUP']],
    ['kill web 9', ['kill', { id: 'web' }, '9']],
    ['delete web', ['delete', { id: 'web' }, { force: false }]],
    ['delete web -f', ['delete', { id: 'web' }, { force: true }]],
    ['events web', ['events', { id: 'web' }, { follow: false }]],
    ['events web -f', ['events', { id: 'web' }, { follow: true }]],
  ])('%s', async (line, asked) => {
    expect(await said(line.split(' '))).toMatchObject({ status: 0, asked: [asked] });
  });
});

describe('run and exec end as the program does', () => {
  test.each<[end: ProgramEnd, status: number, stderr: string | undefined]>([
    [{ exitCode: 0 }, 0, undefined],
    [{ exitCode: 3 }, 3, undefined],
    [{ exitCode: 255 }, 255, undefined],
    [{ signal: 'SIGKILL', number: 9 }, 137, undefined],
    [{ signal: 'SIGTERM', number: 15 }, 143, undefined],
    [{ unknown: 'nobody knows' }, 125, 'nobody knows'],
  ])('%j: status %i', async (end, status, stderr) => {
    for (const line of ['run b --id web', 'exec web -- sh']) {
      const output = await said(line.split(' '), { end });
      expect(output).toMatchObject({ status });
      expect(output.stdout).toBeUndefined();
      if (stderr === undefined) expect(output.stderr).toBeUndefined();
      else expect(output.stderr).toContain(stderr);
      const data = await said([...line.split(' ').slice(0, 2), '--json', ...line.split(' ').slice(2)], {
        end,
      });
      expect({ status: data.status, told: JSON.parse(String(data.stderr)) }).toMatchObject({
        status,
        told: end,
      });
    }
  });

  test.each<[message: string, status: number]>([
    ['"runc" create: "cannot allocate memory"', 125],
    ['"runc" create: "open /b/config.json: no such file or directory"', 125],
    ['"runc" exec: "exec: \\"nope\\": executable file not found in $PATH"', 127],
    ['"crun" start: "executable file `nope` not found in $PATH: No such file or directory"', 127],
    ['"crun" create: "the path `/etc/passwd` exists but it is not executable: Operation not permitted"', 126],
    ['"runc" start: "exec: \\"/etc/passwd\\": permission denied"', 126],
  ])('unless there was none: %s: status %i', async (message, status) => {
    const faults = [
      [new RuntimeClientError('ERR_RUNTIME_CALL', message), status],
      [new RuntimeClientError('ERR_RUNTIME_NOT_STARTED', message), 125],
    ] as const;
    for (const call of ['run b', 'run b -d', 'exec web -- sh']) {
      for (const [fault, expected] of faults) {
        const output = await said(call.split(' '), { fault });
        const line = expect.stringMatching(/^ociwrap: .* \[ERR_\w+\]: .*\n$/);
        expect(output).toMatchObject({ status: expected, stderr: line });
      }
    }
  });

  test.each(['run', 'run b --nonsense', 'run b -d -t', 'exec web', 'exec web sh', 'exec -- sh'])(
    'or the line was wrong: %s',
    async (line) => {
      expect(await said(line.split(' '))).toMatchObject({
        status: 125,
        stderr: expect.stringContaining('[ERR_USAGE]'),
        asked: [],
      });
    },
  );
});

describe('what is said', () => {
  test('a container that is left running is told by its id to people, and as data to others', async () => {
    expect(await said(['run', 'b', '-d'], onTerminal)).toMatchObject({ stdout: 'web\n' });
    for (const [args, machine] of [
      [['run', 'b', '-d'], {}],
      [['run', 'b', '-d', '--json'], onTerminal],
    ] as const) {
      expect(JSON.parse(String((await said(args, machine)).stdout))).toMatchObject({ id: 'web', pid: 7 });
    }
  });

  test('containers are a table, which drives no terminal', async () => {
    expect((await said(['ps'], onTerminal)).stdout).toBe(
      'ID   STATUS   PID  RUNTIME  CREATED  BUNDLE\n' +
        'web  running  7    runc     -        /run/\\u001b[31mb\n' +
        'odd  unknown  -    -        -        no JSON\n',
    );
    expect(JSON.parse(String((await said(['ps'])).stdout))).toEqual({
      containers: [ROW, { id: 'odd', status: 'unknown', runtime: '-', fault: 'no JSON' }],
    });
  });

  test('processes have their command lines; one that is gone has none', async () => {
    const { processes } = JSON.parse(String((await said(['ps', 'web'])).stdout));
    expect(processes).toEqual([
      { pid: process.pid, command: expect.stringContaining('jest') },
      { pid: 2 ** 22 + 1, command: '' },
    ]);
    expect((await said(['ps', 'web'], onTerminal)).stdout).toMatch(/^PID +COMMAND\n/);
  });

  test.each(['kill web', 'delete web'])('%s is silent on a terminal', async (line) => {
    const output = await said(line.split(' '), onTerminal);
    expect({ status: output.status, stdout: output.stdout }).toEqual({ status: 0, stdout: undefined });
    expect(JSON.parse(String((await said(line.split(' '))).stdout))).toMatchObject({ id: 'web' });
  });
});

describe('without an event loop', () => {
  test.each([
    ['run b', 125],
    ['exec web -- sh', 125],
    ['ps', 1],
    ['kill web', 1],
    ['delete web', 1],
    ['events web', 1],
  ])('%s is refused in one line, which says what can', async (line, status) => {
    const [name] = line.split(' ');
    const output = await ociwrap(line.split(' '), testWorld().world);
    expect(output).toEqual({
      status,
      stderr: expect.stringMatching(
        new RegExp(
          `^ociwrap: "ociwrap ${name}" .*\\[ERR_NODE_ONLY\\]: .*npx @opencontainers-ts/cli ${name} .*\n$`,
        ),
      ),
    });
    const help = await ociwrap(['--help'], testWorld().world);
    expect(String(help.stdout).replace(/\s+/g, ' ')).toMatch(
      new RegExp(`ociwrap ${name} [^(]*\\(needs Node\\.js\\)`),
    );
  });

  test('and the help of the other program says nothing of it', async () => {
    expect(String((await said(['--help'])).stdout)).not.toContain('needs Node');
  });
});

describe('a shell completes ids', () => {
  test.each<[words: readonly string[], ids: readonly string[]]>([
    [
      ['ps', ''],
      ['web', 'web-2', 'api'],
    ],
    [
      ['exec', 'web'],
      ['web', 'web-2'],
    ],
    [['kill', '--json', 'a'], ['api']],
    [['kill', 'web', ''], []],
    [['run', ''], []],
    [['delete', '-'], []],
  ])('%j', async (words, ids) => {
    const { stdout } = await said(['--get-yargs-completions', 'ociwrap', ...words]);
    expect(
      String(stdout)
        .split('\n')
        .filter((word) => ['web', 'web-2', 'api'].includes(word)),
    ).toEqual(ids);
  });
});
