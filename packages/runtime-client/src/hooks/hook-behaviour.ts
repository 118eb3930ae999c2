import type { DialectName } from '../dialects/dialect-name.js';
import { isUpTo } from '../dialects/version-order.js';
import type { HookStage } from './hook-stage.js';

/** A runtime whose hooks are known. */
export type HookDialect = Extract<DialectName, 'runc' | 'crun' | 'runsc'>;

/** What a runtime does with the hooks of one stage. */
export interface StageBehaviour {
  /** The command that runs them. */
  readonly during: 'create' | 'start' | 'delete';
  /** `status` of the state on stdin. */
  readonly status: string;
  /** `pid` of that state: `init` is the container's first process, seen from the runtime. */
  readonly pid: 'init' | 'absent' | number;
  /** `caller` is the working directory of who called the runtime; `container` the root as the container sees it. */
  readonly cwd: 'bundle' | 'rootfs' | 'caller' | 'container';
  /** The environment of a hook that has no `env`: the one that the runtime was called with, that of the container, or an empty one. */
  readonly withoutEnv: 'caller' | 'container' | 'empty';
  readonly failure: HookFailureEffect;
}

/** What comes of it when a hook fails. */
export interface HookFailureEffect {
  /** The exit status of the command. */
  readonly exitCode: number;
  /** Whether the other hooks of the list run. */
  readonly others: boolean;
  /** `gone`: there is none. `stopped`: its program was not started. `unchanged`: as if nothing had failed. */
  readonly container: 'gone' | 'stopped' | 'unchanged';
  /** Whether the poststop hooks run within that command. */
  readonly poststop: boolean;
}

/** What releases of a runtime do with hooks. */
export interface HookBehaviour {
  readonly dialect: HookDialect;
  /** The first release of which this is known. */
  readonly since: string;
  /** The last release that was tried. Of later ones it is what is most likely. */
  readonly until: string;
  /** `never`: they are not run, and nothing is said of it but in the log. */
  readonly stages: Readonly<Record<HookStage, StageBehaviour | 'never'>>;
}

const NOT_CREATED = { exitCode: 1, others: false, container: 'gone', poststop: true } as const;
const NOT_STARTED = { exitCode: 0, others: false, container: 'stopped', poststop: false } as const;
const PASSED_OVER = { exitCode: 0, others: true, container: 'unchanged', poststop: false } as const;

const RUNC_CREATE = {
  during: 'create',
  status: 'creating',
  pid: 'init',
  cwd: 'bundle',
  withoutEnv: 'caller',
  failure: NOT_CREATED,
} as const;

/** By runc 1.1, poststart belongs to create, and a poststop that fails keeps the others from running. */
const RUNC = {
  prestart: RUNC_CREATE,
  createRuntime: RUNC_CREATE,
  createContainer: { ...RUNC_CREATE, pid: 1, cwd: 'rootfs', withoutEnv: 'container' },
  startContainer: {
    during: 'start',
    status: 'created',
    pid: 1,
    cwd: 'container',
    withoutEnv: 'container',
    failure: NOT_STARTED,
  },
  poststart: { ...RUNC_CREATE, status: 'created' },
  poststop: {
    during: 'delete',
    status: 'stopped',
    pid: 'absent',
    cwd: 'caller',
    withoutEnv: 'caller',
    failure: { ...PASSED_OVER, others: false },
  },
} as const;

/** From which release between 1.1 and 1.3.6 on was not tried. */
const RUNC_1_3 = {
  ...RUNC,
  createContainer: { ...RUNC.createContainer, withoutEnv: 'empty' },
  poststop: { ...RUNC.poststop, failure: { ...RUNC.poststop.failure, exitCode: 1 } },
} as const;

/** crun says created before it is, does not wait for the hooks in the container, and forgets poststop where create fails. */
const CRUN_CREATE = {
  during: 'create',
  status: 'created',
  pid: 'init',
  cwd: 'bundle',
  withoutEnv: 'caller',
  failure: { ...NOT_CREATED, exitCode: 255, poststop: false },
} as const;

const CRUN = {
  prestart: CRUN_CREATE,
  createRuntime: CRUN_CREATE,
  createContainer: { ...CRUN_CREATE, pid: 0, failure: { ...CRUN_CREATE.failure, exitCode: 1 } },
  startContainer: {
    ...CRUN_CREATE,
    during: 'start',
    status: 'starting',
    pid: 0,
    cwd: 'container',
    withoutEnv: 'container',
    failure: NOT_STARTED,
  },
  poststart: { ...CRUN_CREATE, during: 'start', status: 'running', failure: PASSED_OVER },
  poststop: { ...CRUN_CREATE, during: 'delete', status: 'stopped', pid: 0, failure: PASSED_OVER },
} as const;

const RUNSC_CREATE = {
  during: 'create',
  status: 'created',
  pid: 'init',
  cwd: 'caller',
  withoutEnv: 'caller',
  failure: { ...NOT_CREATED, exitCode: 128 },
} as const;

/** runsc runs no hook in the container's namespaces. */
const RUNSC = {
  prestart: RUNSC_CREATE,
  createRuntime: RUNSC_CREATE,
  createContainer: 'never',
  startContainer: 'never',
  poststart: { ...RUNSC_CREATE, during: 'start', failure: PASSED_OVER },
  poststop: { ...RUNSC_CREATE, during: 'delete', status: 'stopped', pid: -1, failure: PASSED_OVER },
} as const;

/** Of one runtime the later releases stand below. */
const ROWS: readonly HookBehaviour[] = [
  { dialect: 'runc', since: '1.1.5', until: '1.1.15', stages: RUNC },
  { dialect: 'runc', since: '1.3.6', until: '1.3.6', stages: RUNC_1_3 },
  { dialect: 'crun', since: '1.8.1', until: '1.21', stages: CRUN },
  { dialect: 'runsc', since: '20221219', until: '20240729', stages: RUNSC },
];

/**
 * What a runtime does with hooks. None of the three does what the specification says: runc runs poststart during create, crun
 * forgets poststop where create fails, runsc runs no hook in the container's namespaces.
 *
 * Where `create` fails, runc runs poststop in the bundle.
 *
 * @param version - as the runtime prints it, or the numbers of it alone: `1.1.15+ds1`, `1.21`, `release-20240729.0`
 * @returns undefined for another runtime, for a release before those that are known, and for a version that cannot be read
 *
 * @example
 * ```ts
 * import { hookBehaviour } from '@opencontainers-ts/runtime-client';
 *
 * const { stages } = hookBehaviour('runsc', 'release-20240729.0') ?? {};
 * console.log(stages?.createContainer); // never
 * ```
 */
export function hookBehaviour(dialect: DialectName, version: string): HookBehaviour | undefined {
  return ROWS.findLast((row) => row.dialect === dialect && isUpTo(row.since, version));
}
