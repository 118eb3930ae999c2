import {
  canonicalText,
  type JsonObject,
  objectsAt,
  withList,
} from '@opencontainers-ts/rootfs-rewriter/spec-edit';

import type { CdiHook, CdiHookName } from '../cdi/cdi-spec.js';

/**
 * What a createContainer or startContainer hook without an environment gets. runc before 1.3.0 runs createContainer
 * hooks of the host, and every runc startContainer hooks, with the environment of the container where the hook has
 * none: LD_PRELOAD of an image then runs as root on the host (CVE-2025-23266). An empty list is no help, since Go's
 * `omitempty` drops it when the next tool writes config.json. NVIDIA's own hooks are given this variable since 1.17.8.
 */
const SAFE_ENVIRONMENT: readonly string[] = ['NVIDIA_CTK_DEBUG=false'];

const IN_CONTAINER: ReadonlySet<CdiHookName> = new Set(['createContainer', 'startContainer']);

/**
 * Adds hooks behind those that are there. One that is there already is not added again; where the engine has put it in
 * as the CDI spec has it, without an environment, it gets one.
 */
export function editHooks(spec: JsonObject, hooks: readonly CdiHook[]): JsonObject {
  const stages = new Set(hooks.map(({ hookName }) => hookName));
  return [...stages].reduce((before, stage) => {
    const place = ['hooks', stage];
    const ofStage = hooks.filter(({ hookName }) => hookName === stage);
    return withList(before, place, withHooks(objectsAt(before, place), ofStage, stage));
  }, spec);
}

function withHooks(
  present: readonly JsonObject[],
  hooks: readonly CdiHook[],
  stage: CdiHookName,
): readonly JsonObject[] {
  const edited = [...present];
  const known = new Set(present.map(canonicalText));
  // The first of those that are the same without their empty members.
  const places = new Map(
    present.map((each, at) => [canonicalText(hookWithoutEmpty(each)), at] as const).reverse(),
  );
  for (const hook of hooks) {
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

/** As Go writes it: lists without an element are left out. */
function hookWithoutEmpty(hook: JsonObject): JsonObject {
  const isEmpty = (value: unknown) => value === null || (Array.isArray(value) && value.length === 0);
  return Object.fromEntries(Object.entries(hook).filter(([, value]) => !isEmpty(value)));
}
