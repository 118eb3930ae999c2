import { beforeAll, expect, test } from '@jest/globals';
import { parseRuntimeVersion, type RuntimeVersion } from '@opencontainers-ts/runtime-client';

import {
  checkpointCommand,
  restoreCommand,
} from '../../packages/runtime-client/src/commands/checkpoint-commands.js';
import type { CommandLine } from '../../packages/runtime-client/src/commands/command-line.js';
import { createCommand, runCommand } from '../../packages/runtime-client/src/commands/create-command.js';
import { execCommand } from '../../packages/runtime-client/src/commands/exec-command.js';
import { globalArguments } from '../../packages/runtime-client/src/commands/global-arguments.js';
import {
  deleteCommand,
  killCommand,
  plainCommand,
} from '../../packages/runtime-client/src/commands/lifecycle-commands.js';
import {
  eventsCommand,
  featuresCommand,
  listCommand,
  psCommand,
  statsCommand,
} from '../../packages/runtime-client/src/commands/question-commands.js';
import { updateCommand } from '../../packages/runtime-client/src/commands/update-command.js';
import { RUNTIMES, type Runtime } from './client-machine.js';
import { describeWith, program } from './programs.js';
import { runProgram } from './run-program.js';

type Build = (runtime: RuntimeVersion) => CommandLine;

const CREATE = [
  { pidFile: '/p' },
  { consoleSocket: '/s' },
  { noPivot: true },
  { noNewKeyring: true },
] as const;
const IMAGE = [
  { workPath: '/w' },
  { tcpEstablished: true },
  { externalUnixSockets: true },
  { shellJob: true },
  { fileLocks: true },
] as const;
const EXEC = [
  { cwd: '/' },
  { env: ['A=1'] },
  { user: '1:1' },
  { additionalGids: [1] },
  { capabilities: ['CAP_CHOWN'] },
  { noNewPrivileges: true },
  { terminal: true },
  { consoleSocket: '/s' },
  { pidFile: '/p' },
  { detach: true },
  { ignorePaused: true },
] as const;

/** A line for every option that there is, with as little else as goes. */
const BUILDS: readonly Build[] = [
  ...[{}, ...CREATE].map(
    (more): Build =>
      (runtime) =>
        createCommand(runtime, 'c', { bundle: '/b', ...more }),
  ),
  (runtime) => createCommand(runtime, 'c', { bundle: '/b' }, 1),
  ...[{}, ...CREATE, { detach: true }, { keep: true }].map(
    (more): Build =>
      (runtime) =>
        runCommand(runtime, 'c', { bundle: '/b', ...more }),
  ),
  (runtime) => runCommand(runtime, 'c', { bundle: '/b' }, 1),
  ...EXEC.map(
    (more): Build =>
      (runtime) =>
        execCommand(runtime, 'c', { args: ['x'], ...more }),
  ),
  (runtime) => execCommand(runtime, 'c', { processFile: '/p' }),
  (runtime) => execCommand(runtime, 'c', { args: ['x'] }, 1),
  ...(['start', 'state', 'pause', 'resume'] as const).map(
    (command): Build =>
      (runtime) =>
        plainCommand(runtime, command, 'c', {}),
  ),
  (runtime) => killCommand(runtime, 'c', 9, { all: true }),
  (runtime) => deleteCommand(runtime, 'c', { force: true }),
  (runtime) => psCommand(runtime, 'c', {}),
  (runtime) => listCommand(runtime, {}),
  (runtime) => featuresCommand(runtime, {}),
  (runtime) => eventsCommand(runtime, 'c', { interval: 1 }),
  (runtime) => statsCommand(runtime, 'c', {}),
  (runtime) => updateCommand(runtime, 'c', {}, {}),
  ...[{}, ...IMAGE, { parentPath: 'p' }, { leaveRunning: true }, { preDump: true }].map(
    (more): Build =>
      (runtime) =>
        checkpointCommand(runtime, 'c', { imagePath: '/i', ...more }),
  ),
  ...[{}, ...IMAGE, { pidFile: '/p' }, { consoleSocket: '/s' }, { detach: true }].map(
    (more): Build =>
      (runtime) =>
        restoreCommand(runtime, 'c', { imagePath: '/i', bundle: '/b', ...more }),
  ),
];

/** `COMMAND` and `COMMAND --FLAG`, all that the builders make for a runtime. */
function partsFor(runtime: RuntimeVersion): ReadonlySet<string> {
  return new Set(BUILDS.flatMap((build) => partsOf(build, runtime)));
}

function partsOf(build: Build, runtime: RuntimeVersion): readonly string[] {
  try {
    const { command, args } = build(runtime);
    return [command, ...flagsIn(args).map((flag) => `${command} ${flag}`)];
  } catch (error) {
    expect(['ERR_RUNTIME_LACKS', 'ERR_RUNTIME_OPTION']).toContain((error as { code: unknown }).code);
    return [];
  }
}

const flagsIn = (args: readonly string[]) =>
  args.filter((arg) => arg.startsWith('--')).map((arg) => arg.slice(2).replace(/=.*/, ''));

/** The flags in a help text: `--flag` of runc and crun, `-flag` of runsc. */
const flagsOfHelp = (text: string) =>
  [...text.matchAll(/(?<![\w-])--?([a-z][a-z-]*[a-z])/g)].map(([, flag]) => flag);

function helpOf(name: Runtime, command: string): string {
  const { stdout, stderr } = runProgram(
    program(name),
    name === 'runsc' ? ['help', command] : [command, '--help'],
  );
  return `${stdout}\n${stderr}`;
}

/** What a runtime has, by its help, as `partsFor` names it. */
function partsOfHelp(name: Runtime, commands: ReadonlySet<string>): ReadonlySet<string> {
  const { stdout, stderr } = runProgram(program(name), [name === 'runsc' ? 'help' : '--help']);
  const listed = [...`${stdout}\n${stderr}`.matchAll(/^\s+([a-z-]+)\b.*$/gm)].map(
    ([, word]) => word as string,
  );
  const there = [...commands].filter((command) => listed.includes(command));
  return new Set([
    ...there,
    ...there.flatMap((command) => flagsOfHelp(helpOf(name, command)).map((flag) => `${command} ${flag}`)),
  ]);
}

/** What releases still take and no longer tell: of runc 1.2 and later SIGKILL alone is for all, and it always is. */
const HIDDEN = new Set(['runc kill all']);

describeWith(['runc', 'crun', 'runsc'], 'the command lines of the client, and the help of', () => {
  for (const name of RUNTIMES) {
    let runtime: RuntimeVersion;
    let known: ReadonlySet<string>;
    let has: ReadonlySet<string>;
    beforeAll(() => {
      runtime = parseRuntimeVersion(runProgram(program(name), ['--version']).stdout);
      // Of a version that is not told, and so may be the newest.
      known = partsFor({ dialect: name, builtWith: ['CRIU'], text: '' });
      has = partsOfHelp(name, new Set([...known].filter((part) => !part.includes(' '))));
    });

    test(`${name}: what is made for this version is in its help`, () => {
      const made = [...partsFor(runtime)];
      expect(made.length).toBeGreaterThan(30);
      expect(made.filter((part) => !has.has(part) && !HIDDEN.has(`${name} ${part}`))).toEqual([]);
    });

    test(`${name}: what is called newer is not`, () => {
      const made = partsFor(runtime);
      expect([...known].filter((part) => !made.has(part) && has.has(part))).toEqual([]);
    });

    test(`${name}: what stands before the command`, () => {
      const args = globalArguments(name, { root: '/r', log: '/l', systemdCgroup: true });
      const help = runProgram(program(name), [name === 'runsc' ? 'flags' : '--help']);
      expect(flagsOfHelp(`${help.stdout}\n${help.stderr}`)).toEqual(expect.arrayContaining(flagsIn(args)));
    });
  }
});
