import { namedRuntimeKind } from '@opencontainers-ts/rootfs-rewriter';
import {
  type FileSystem,
  type Resolution,
  type RuntimeQuery,
  resolveRuntime,
} from '@opencontainers-ts/runtime-resolver';
import { printable } from '@opencontainers-ts/runtime-spec';

import { textOf } from '../system/text.js';
import { type Invocation, isBundleVerb } from './parse-invocation.js';

/** An engine may hand it to one call of a container and not to another: CRI-O gives `create` only `monitor_env`. */
const CHOICE = 'SGS_RUNC_PATH';

/**
 * Where runtimes keep what they know of a container: below `--root`, else below this folder of root's (runc 1.4
 * `libcontainer/factory_linux.go`, crun 1.28 `src/libcrun/status.c`).
 */
const STATES = {
  runc: { root: '/run/runc', file: 'state.json' },
  crun: { root: '/run/crun', file: 'status' },
} as const;

/** What runc takes for an id, and a path of the same characters: whatever else is left to the runtime. */
const PLAIN_ID = /^(?!\.{1,2}$)[\w.+-]+$/;
const PLAIN_ROOT = /^\/[ -~]*$/;

/**
 * The runtime that a call would have without `SGS_RUNC_PATH`, where that names another one now than when the container was
 * created: its state is there, and none of the other runtime.
 *
 * @returns undefined where the runtime that is chosen is the one to call
 */
export function creatorOf(
  { id, root, verb, certain, readings }: Invocation,
  chosen: Resolution,
  query: RuntimeQuery,
  fs: FileSystem,
): Resolution | undefined {
  const { configured: { named, ...configured } = {}, env } = query;
  if (!env[CHOICE] || (named !== undefined && named.by !== CHOICE)) return undefined;
  if (id === undefined || !certain || readings !== undefined || isBundleVerb(verb)) return undefined;
  const usual = resolveRuntime({ ...query, configured, env: { ...env, [CHOICE]: '' } }, fs);
  if (chosen.runtime === undefined || usual.runtime === undefined) return undefined;
  const [one, other] = [namedRuntimeKind(chosen.runtime), namedRuntimeKind(usual.runtime)];
  // A runtime whose kind is not known may be one that calls the other.
  if (one === undefined || one === other || hasState(one, id, root, fs) || !hasState(other, id, root, fs))
    return undefined;
  const path = `"${printable(usual.runtime.path.replace(/["\\]/g, '\\$&'))}"`;
  const warning = `called is ${path}, which created the container, and not the runtime that the environment names now`;
  return { ...usual, warnings: [...usual.warnings, warning] };
}

function hasState(
  kind: ReturnType<typeof namedRuntimeKind>,
  id: Uint8Array,
  root: Uint8Array | undefined,
  fs: FileSystem,
): boolean {
  if (kind !== 'runc' && kind !== 'crun') return false;
  const state = STATES[kind];
  const [name, folder] = [textOf(id), root === undefined ? state.root : textOf(root)];
  if (!PLAIN_ID.test(name) || !PLAIN_ROOT.test(folder)) return false;
  try {
    return fs.stat(`${folder}/${name}/${state.file}`)?.isFile === true;
  } catch {
    return false; // a folder that cannot be looked at tells nothing
  }
}
