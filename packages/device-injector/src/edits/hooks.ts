import {
  canonicalText,
  type JsonObject,
  objectsAt,
  withList,
} from '@opencontainers-ts/rootfs-rewriter/spec-edit';

import { INT, pointers, struct, TEXT, TEXTS } from '../cdi/shape.js';
import { goQuote } from '../go-quote.js';
import { type EditFault, type EditKind, faultAt, firstFault, LIST_EDIT } from './edit-kind.js';
import { variableFault } from './env.js';

const HOOK_NAMES: readonly string[] = [
  'prestart',
  'createRuntime',
  'createContainer',
  'startContainer',
  'poststart',
  'poststop',
];

/** When a hook runs (OCI runtime spec, "Lifecycle"). */
export type CdiHookName =
  | 'prestart'
  | 'createRuntime'
  | 'createContainer'
  | 'startContainer'
  | 'poststart'
  | 'poststop';

/** A program that the runtime starts. */
export interface CdiHook {
  readonly hookName: CdiHookName;
  /** Absolute path on the host; for `startContainer`, in the container. */
  readonly path: string;
  /** The first one is the name of the program. */
  readonly args?: readonly string[];
  /** `NAME=value`. */
  readonly env?: readonly string[];
  /** In seconds. */
  readonly timeout?: number | bigint;
}

/** Hooks, which run after those that the container already has. */
export const hooks: EditKind<readonly CdiHook[]> = {
  ...LIST_EDIT,
  shape: pointers(
    struct<CdiHook>(
      'Hook',
      { hookName: TEXT, path: TEXT, args: TEXTS, env: TEXTS, timeout: INT },
      { hookName: '', path: '' },
    ),
  ),
  fault: (all) => firstFault(all, hookFault),
  reads: [['hooks']],
  // Hooks are only ever added: nothing that another rule set is replaced.
  holds: () => [],
  apply: addHooks,
};

function hookFault({ hookName, path, env = [] }: CdiHook): EditFault | undefined {
  const hook = `invalid hook ${goQuote(hookName)}`;
  if (!HOOK_NAMES.includes(hookName)) {
    return faultAt(['hookName'], `invalid hook name ${goQuote(hookName)}`);
  }
  if (path === '') return faultAt(['path'], `${hook} with empty path`);
  const inEnv = variableFault(env, hook);
  if (inEnv !== undefined) return { ...inEnv, path: ['env', ...inEnv.path] };
  // Not upstream's: the runtime would look for it where it happens to stand, which is the container's root for
  // some hooks (OCI runtime-spec, config.md, "POSIX-platform Hooks": "path [...] absolute path").
  return path.startsWith('/')
    ? undefined
    : faultAt(['path'], `${hook}: path ${goQuote(path)} is not absolute`);
}

/**
 * The environment of a createContainer or startContainer hook that has none. runc before 1.3.0 runs createContainer hooks on
 * the host, and every runc runs startContainer hooks, with the environment of the container if the hook has none. Then
 * LD_PRELOAD of an image runs as root on the host (CVE-2025-23266). An empty list would not help, since Go's `omitempty`
 * drops it when the next tool writes config.json. NVIDIA's own hooks have this variable since 1.17.8.
 */
const SAFE_ENVIRONMENT: readonly string[] = ['NVIDIA_CTK_DEBUG=false'];

const IN_CONTAINER: ReadonlySet<CdiHookName> = new Set(['createContainer', 'startContainer']);

/**
 * Appends hooks to the existing ones. A hook that exists already is not added again; if the engine added it as the CDI spec
 * says, without an environment, it gets one.
 */
function addHooks(spec: JsonObject, added: readonly CdiHook[]): JsonObject {
  const stages = new Set(added.map(({ hookName }) => hookName));
  return [...stages].reduce((before, stage) => {
    const place = ['hooks', stage];
    const ofStage = added.filter(({ hookName }) => hookName === stage);
    return withList(before, place, withHooks(objectsAt(before, place), ofStage, stage));
  }, spec);
}

function withHooks(
  present: readonly JsonObject[],
  added: readonly CdiHook[],
  stage: CdiHookName,
): readonly JsonObject[] {
  const edited = [...present];
  const known = new Set(present.map(canonicalText));
  // The first of those that are the same without their empty members.
  const places = new Map(
    present.map((each, at) => [canonicalText(hookWithoutEmpty(each)), at] as const).reverse(),
  );
  for (const hook of added) {
    const plain = hookEntry(hook);
    const safe = withEnvironment(plain, stage);
    const text = canonicalText(safe);
    if (known.has(text)) continue;
    const at = places.get(canonicalText(plain));
    if (at === undefined) edited.push(safe);
    else edited[at] = safe;
    known.add(text);
  }
  return edited;
}

function hookEntry({ path, args = [], env = [], timeout }: CdiHook): JsonObject {
  return {
    path,
    ...(args.length === 0 ? {} : { args }),
    ...(env.length === 0 ? {} : { env }),
    ...(timeout === undefined ? {} : { timeout }),
  };
}

function withEnvironment(hook: JsonObject, stage: CdiHookName): JsonObject {
  return IN_CONTAINER.has(stage) && !('env' in hook) ? { ...hook, env: SAFE_ENVIRONMENT } : hook;
}

/** As Go writes it: without empty lists. */
function hookWithoutEmpty(hook: JsonObject): JsonObject {
  const isEmpty = (value: unknown) => value === null || (Array.isArray(value) && value.length === 0);
  return Object.fromEntries(Object.entries(hook).filter(([, value]) => !isEmpty(value)));
}
