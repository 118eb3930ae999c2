import { quoted, type Spec, type State } from '@opencontainers-ts/runtime-spec';

import { RuntimeClientError } from '../runtime-client-error.js';
import { runHookProcess } from './hook-process.js';
import {
  type HookEnd,
  type HookRun,
  type HooksRun,
  hasSucceeded,
  hookRunText,
  NO_OUTPUT,
} from './hook-result.js';
import { type HookStage, hookFailure, isHookStage } from './hook-stage.js';
import { planHook } from './planned-hook.js';
import { openText } from './state-file.js';

/** What {@link runHooks} is given. */
export interface RunHooksOptions {
  readonly stage: HookStage;
  /** The hooks of `config.json`. */
  readonly hooks: Spec['hooks'];
  /** What they get on stdin. Its `ociVersion` says what a failed poststart comes to. */
  readonly state: State;
  /**
   * Their working directory.
   * @defaultValue the bundle of the state, and `/` for startContainer
   */
  readonly cwd?: string;
  /**
   * How many bytes are kept of the stdout of each, and of the stderr: 0 to 16777216.
   * @defaultValue 65536
   */
  readonly outputLimit?: number;
  /** Kills the one that runs, and skips the others. */
  readonly signal?: AbortSignal;
}

const USUAL_LIMIT = 65_536;
const LARGEST_LIMIT = 16_777_216;

/**
 * Runs the hooks of one stage, one after another, as the specification has it (config.md "POSIX-platform Hooks").
 *
 * - Each gets the state as JSON on stdin, and its `env` as the whole environment: nothing is inherited. `args` is argv as it is, and
 *   without any argv[0] is the path.
 * - After `timeout` seconds it is killed with SIGKILL, and with it all of its session. What a hook that ended by itself has left
 *   running stays; what that writes from then on is not read.
 * - A path that is blank or relative, or a timeout that is not above zero, is a failed hook.
 * - stdin is a file; stdout and stderr are pipes.
 * - They run in the namespaces of the caller. To run those of createContainer or startContainer where they belong, be there.
 * - The working directory is the bundle, as with crun: the specification leaves it open. For createContainer runc takes the root
 *   of the container, from where a library of the image may be loaded into a program of the host (CVE-2025-23266).
 *
 * A hook is killed when this process exits, and not when it is killed itself.
 *
 * @returns what came of them; a failed hook throws nothing
 * @throws RuntimeClientError `ERR_RUNTIME_OPTION` for a stage, list, working directory or limit that cannot be; `ERR_HOOK_FAILED`
 * where the state cannot be handed over, or a hook not be killed
 *
 * @example
 * ```ts
 * import { runHooks } from '@opencontainers-ts/runtime-client';
 *
 * const state = { ociVersion: '1.2.0', id: 'c1', status: 'stopped', bundle: '/' };
 * const hooks = { poststop: [{ path: '/bin/sh', args: ['sh', '-c', 'echo bye; exit 3'] }] };
 * const run = await runHooks({ stage: 'poststop', hooks, state });
 * console.log(run.outcome, run.hooks[0]?.stdout.text); // warned bye
 * ```
 */
export async function runHooks(options: RunHooksOptions): Promise<HooksRun> {
  const { stage, state, signal } = options;
  const list = listOf(options);
  const limit = limitOf(options.outputLimit);
  const cwd = folderOf(options);
  const text = JSON.stringify(state);
  const stops = hookFailure(stage, state.ociVersion) === 'stop';
  const hooks: HookRun[] = [];
  for (const [index, hook] of list.entries()) {
    const isOver = signal?.aborted || (stops && hooks.some((run) => !hasSucceeded(run)));
    const run = isOver ? SKIPPED : await runOne(hook, { text, cwd, outputLimit: limit, signal });
    hooks.push({ index, path: pathOf(hook), ...run });
  }
  return summed(stage, hooks, { stops, isAborted: signal?.aborted === true });
}

type Ran = Omit<HookRun, 'index' | 'path'>;

const notRun = (end: HookEnd): Ran => ({ end, milliseconds: 0, stdout: NO_OUTPUT, stderr: NO_OUTPUT });
const SKIPPED = notRun({ kind: 'skipped' });

interface Surroundings {
  readonly text: string;
  readonly cwd: string;
  readonly outputLimit: number;
  readonly signal: AbortSignal | undefined;
}

async function runOne(hook: unknown, { text, ...surroundings }: Surroundings): Promise<Ran> {
  const plan = planHook(hook);
  if ('fault' in plan) return notRun({ kind: 'not-started', why: plan.fault });
  try {
    const file = await openText(text);
    try {
      return await runHookProcess(plan, { ...surroundings, stdin: file.fd });
    } finally {
      await file.close();
    }
  } catch (cause) {
    const message = `the hook ${quoted(plan.path)} cannot be run: ${cause instanceof Error ? cause.message : cause}`;
    throw new RuntimeClientError('ERR_HOOK_FAILED', message, { cause, details: { path: plan.path } });
  }
}

function summed(
  stage: HookStage,
  hooks: readonly HookRun[],
  { stops, isAborted }: { readonly stops: boolean; readonly isAborted: boolean },
): HooksRun {
  const failed = hooks.filter((run) => !hasSucceeded(run) && run.end.kind !== 'skipped');
  const failures = failed.map((run) => failureOf(stage, run));
  // What ran to its end before the caller gave up is whole all the same.
  const wasCut = isAborted && hooks.some(({ end }) => end.kind === 'aborted' || end.kind === 'skipped');
  const outcome = wasCut ? 'aborted' : failed.length === 0 ? 'succeeded' : stops ? 'failed' : 'warned';
  return { stage, outcome, hooks, failures };
}

function failureOf(stage: HookStage, run: HookRun): RuntimeClientError {
  const { index, path, end, stdout, stderr } = run;
  const details = { stage, index, path, end: { ...end }, stdout: stdout.text, stderr: stderr.text };
  return new RuntimeClientError('ERR_HOOK_FAILED', hookRunText(stage, run), { details });
}

function listOf({ stage, hooks }: RunHooksOptions): readonly unknown[] {
  if (!isHookStage(stage)) throw wrong('stage', `${quoted(String(stage))} is not a list of hooks`);
  const list: unknown = hooks?.[stage] ?? [];
  if (!Array.isArray(list)) throw wrong('hooks', `hooks.${stage} is not an array`);
  return list;
}

function limitOf(limit = USUAL_LIMIT): number {
  if (Number.isInteger(limit) && limit >= 0 && limit <= LARGEST_LIMIT) return limit;
  throw wrong('outputLimit', `the output limit ${limit} is not a whole number from 0 to ${LARGEST_LIMIT}`);
}

function folderOf({ stage, state, cwd }: RunHooksOptions): string {
  const folder = cwd ?? (stage === 'startContainer' ? '/' : state.bundle);
  if (typeof folder === 'string' && folder.startsWith('/') && !folder.includes('\0')) return folder;
  throw wrong('cwd', `the working directory ${quoted(String(folder))} is not an absolute path`);
}

function wrong(option: string, message: string): RuntimeClientError {
  return new RuntimeClientError('ERR_RUNTIME_OPTION', message, { details: { option } });
}

function pathOf(hook: unknown): string {
  const path: unknown = typeof hook === 'object' && hook !== null && 'path' in hook ? hook.path : undefined;
  return typeof path === 'string' ? path : '';
}
