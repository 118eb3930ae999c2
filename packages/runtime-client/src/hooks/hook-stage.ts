/** What the specification says of one list of hooks (runtime-spec, config.md "POSIX-platform Hooks", runtime.md "Lifecycle"). */
interface StageRow {
  /** The command of the runtime that the hooks belong to. */
  readonly command: 'create' | 'start' | 'delete';
  /** The namespaces that the hooks are to run in. */
  readonly namespaces: 'runtime' | 'container';
  /** Where `path` is looked up. */
  readonly pathIn: 'runtime' | 'container';
  /** What the state says while they run. */
  readonly status: 'creating' | 'created' | 'running' | 'stopped';
}

/**
 * The six lists of hooks, in the order in which a container comes to them. The status is the one of the specification; what
 * runtimes say is told by {@link hookBehaviour}.
 *
 * @example
 * ```ts
 * import { HOOK_STAGES } from '@opencontainers-ts/runtime-client';
 *
 * console.log(HOOK_STAGES.poststop.command); // delete
 * ```
 */
export const HOOK_STAGES = {
  prestart: { command: 'create', namespaces: 'runtime', pathIn: 'runtime', status: 'creating' },
  createRuntime: { command: 'create', namespaces: 'runtime', pathIn: 'runtime', status: 'creating' },
  createContainer: { command: 'create', namespaces: 'container', pathIn: 'runtime', status: 'creating' },
  startContainer: { command: 'start', namespaces: 'container', pathIn: 'container', status: 'created' },
  poststart: { command: 'start', namespaces: 'runtime', pathIn: 'runtime', status: 'running' },
  poststop: { command: 'delete', namespaces: 'runtime', pathIn: 'runtime', status: 'stopped' },
} as const satisfies Readonly<Record<string, StageRow>>;

/** A list of hooks in `config.json`, by its name there. */
export type HookStage = keyof typeof HOOK_STAGES;

/**
 * Whether a text names a list of hooks.
 *
 * @example
 * ```ts
 * import { isHookStage } from '@opencontainers-ts/runtime-client';
 *
 * console.log(isHookStage('poststart'), isHookStage('postStart')); // true false
 * ```
 */
export function isHookStage(text: string): text is HookStage {
  return Object.hasOwn(HOOK_STAGES, text);
}

/**
 * What a hook that fails comes to: `stop`, no further hook runs and the command of the runtime fails; `warn`, it is logged and
 * the others run. Until 1.2 that was so of poststart, since 1.3 of poststop alone (runtime.md, steps 9 and 13). A version that
 * cannot be read is taken for the newest, so that no failure is passed over.
 *
 * @param ociVersion - of `config.json`; release candidates count as their release
 *
 * @example
 * ```ts
 * import { hookFailure } from '@opencontainers-ts/runtime-client';
 *
 * console.log(hookFailure('poststart', '1.2.1'), hookFailure('poststart', '1.3.0')); // warn stop
 * ```
 */
export function hookFailure(stage: HookStage, ociVersion: string): 'stop' | 'warn' {
  if (stage === 'poststop') return 'warn';
  if (stage !== 'poststart') return 'stop';
  const [, major, minor] = /^(\d{1,9})\.(\d{1,9})\./.exec(ociVersion) ?? [];
  if (major === undefined) return 'stop';
  return Number(major) === 0 || (Number(major) === 1 && Number(minor) < 3) ? 'warn' : 'stop';
}
