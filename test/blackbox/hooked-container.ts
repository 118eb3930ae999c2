import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Hook } from '@opencontainers-ts/runtime-spec';
import { HOOK_STAGES, type HookDialect, type HookStage } from '../../packages/runtime-client/src/index.js';

import { bundleOf, specOf } from './bundle.js';
import { busyboxRoot } from './kubelet-volume.js';
import { unlessLost } from './lost-by-crun.js';
import { program } from './programs.js';
import { type Ended, runProgram } from './run-program.js';
import { scratchFolder } from './scratch.js';
import { waitUntil } from './wait-until.js';

export const STAGES = Object.keys(HOOK_STAGES) as readonly HookStage[];

/** What comes before the verb so that a runtime works on any machine. */
const GLOBALS: Readonly<Record<HookDialect, readonly string[]>> = {
  runc: [],
  crun: [],
  runsc: ['--network=none', '--ignore-cgroups'],
};

type Verb = 'create' | 'start' | 'delete';

/** What a hook found when it ran. */
export interface SeenHook {
  readonly stage: string;
  readonly place: string;
  readonly during: Verb;
  readonly status: string;
  /** `init`: that of the pid file. Where there is none, because the container was not created, it is not known. */
  readonly pid: 'init' | 'absent' | number;
  readonly cwd: string;
  /** Whose environment it has. */
  readonly env: string;
}

/** What came of a container whose hooks write down what they find. */
export interface HookedContainer {
  readonly hooks: readonly SeenHook[];
  /** The exit status of each command that was called. */
  readonly ended: Readonly<Partial<Record<Verb, number | null>>>;
  /** Its state after the last command. */
  readonly state: 'gone' | 'stopped' | 'unchanged';
}

// Without any program but the shell: the environment of a hook has no PATH. The first hook has an environment of its own, the second none.
const SCRIPT = `state=
while IFS= read -r line || [ -n "$line" ]; do state=$state$line; done
printf '%s\\036%s\\036%s\\036%s\\036%s\\035' "$0" "$1" "$(pwd -P)" "\${OF:-empty}" "$state" >>"$2"
exit "$3"`;

function hooksOf(stage: HookStage, log: string, fails: boolean): Hook[] {
  const path = stage === 'startContainer' ? '/hooks.log' : log;
  const hook = (place: string, status: number): Hook => ({
    path: '/bin/sh',
    args: ['sh', '-c', SCRIPT, stage, place, path, String(status)],
  });
  return [{ ...hook('first', fails ? 7 : 0), env: ['OF=hook'] }, hook('second', 0)];
}

const WITHOUT_UNIFIED = 'umount /sys/fs/cgroup/unified 2>/dev/null; exec "$@"';

/** A container with two hooks in each stage, created, started, killed and deleted. The first hook of one stage fails. */
export function hookedContainer(dialect: HookDialect, failing?: HookStage): HookedContainer {
  return unlessLost(
    () => tried(dialect, failing),
    ({ said }) => said,
  );
}

function tried(dialect: HookDialect, failing?: HookStage): HookedContainer & { readonly said: string } {
  const [folder, root] = [scratchFolder('hooks'), busyboxRoot('hooked')];
  const [log, pidFile, runtimeLog] = [join(root, 'hooks.log'), join(folder, 'pid'), join(folder, 'log')];
  const spec = specOf('echo >/started; exec sleep 100', { root: { path: root } });
  const bundle = bundleOf({
    ...spec,
    process: { ...spec.process, cwd: '/', env: ['PATH=/bin', 'OF=container'] },
    hooks: Object.fromEntries(STAGES.map((stage) => [stage, hooksOf(stage, log, stage === failing)])),
  });
  const places: Readonly<Record<string, string>> = {
    [bundle]: 'bundle',
    [root]: 'rootfs',
    [folder]: 'caller',
    '/': 'container',
  };
  const call = (...args: readonly string[]): Ended =>
    runProgram(
      'unshare',
      [
        ...['--mount', '--propagation', 'slave', 'sh', '-c', WITHOUT_UNIFIED, 'sh', program(dialect)],
        ...['--root', join(folder, 'state'), '--log', runtimeLog, ...GLOBALS[dialect], ...args],
      ],
      { cwd: folder, env: { OF: 'caller' }, leavesProcess: args[0] === 'create' },
    );
  const state = (): string => {
    const { status, stdout } = call('state', 'c');
    return status === 0 ? (JSON.parse(stdout) as { readonly status: string }).status : 'gone';
  };
  const hooks: SeenHook[] = [];
  const look = (during: Verb): void => {
    const init = existsSync(pidFile) ? Number(readFileSync(pidFile, 'utf8')) : undefined;
    const records = existsSync(log) ? readFileSync(log, 'utf8').split('\x1d').slice(0, -1) : [];
    for (const record of records.slice(hooks.length)) {
      const [stage = '', place = '', cwd = '', env = '', text = ''] = record.split('\x1e');
      const { status, pid = 'absent' } = JSON.parse(text) as {
        readonly status: string;
        readonly pid?: number;
      };
      hooks.push({
        stage,
        place,
        during,
        status,
        pid: pid === init ? 'init' : pid,
        cwd: places[cwd] ?? cwd,
        env,
      });
    }
  };
  const ended: Partial<Record<Verb, number | null>> = {};
  const step = (verb: Verb, ...args: readonly string[]): void => {
    ended[verb] = call(verb, ...args).status;
    look(verb);
  };
  try {
    step('create', '--bundle', bundle, '--pid-file', pidFile, 'c');
    if (ended.create !== 0) return { hooks, ended, state: 'gone', said: saidIn(runtimeLog) };
    ended.start = call('start', 'c').status;
    // crun and runc do not wait for the hooks in the container. What a container of runsc writes may stay with runsc.
    if (dialect !== 'runsc')
      waitUntil('the program is started', () => existsSync(join(root, 'started')) || state() === 'stopped');
    look('start');
    const started = state();
    call('kill', 'c', 'KILL');
    waitUntil('the container is stopped', () => state() === 'stopped');
    step('delete', 'c');
    return { hooks, ended, state: started === 'running' ? 'unchanged' : 'stopped', said: saidIn(runtimeLog) };
  } finally {
    call('delete', '--force', 'c');
  }
}

const saidIn = (path: string): string => (existsSync(path) ? readFileSync(path, 'utf8') : '');

/** As the runtime prints it. */
export function versionOf(dialect: HookDialect): string {
  const [line = ''] = runProgram(program(dialect), ['--version']).stdout.split('\n');
  return line.split(' ').at(-1) ?? '';
}
