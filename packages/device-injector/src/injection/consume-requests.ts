import {
  type JsonObject,
  objectAt,
  objectsAt,
  textOf,
  withList,
  withoutValue,
  withValue,
} from '@opencontainers-ts/rootfs-rewriter/spec-edit';
import type { CdiDevice } from '../cdi/registry/registry.js';
import { setVariables } from '../edits/env.js';
import { isLegacyCudaImage, VISIBLE_DEVICES } from '../nvidia-requests.js';
import type { DeviceRequests } from './device-requests.js';
import { environmentOf } from './environment-request.js';
import { isNvidiaGpu } from './nvidia-gpu.js';

/** Where NVIDIA's hook stands. */
export const PRESTART = ['hooks', 'prestart'];
const NVIDIA_HOOKS: readonly string[] = ['nvidia-container-runtime-hook', 'nvidia-container-toolkit'];

/** The spec without the annotations and mounts that asked: NVIDIA's runtime behind us would inject once more. */
export function withoutRequests(spec: JsonObject, { annotations, mounts }: DeviceRequests): JsonObject {
  const plain = withoutAnnotations(spec, annotations);
  if (mounts.length === 0) return plain;
  const asking = new Set(mounts);
  return withList(
    plain,
    ['mounts'],
    objectsAt(plain, ['mounts']).filter((_, index) => !asking.has(index)),
  );
}

function withoutAnnotations(spec: JsonObject, keys: readonly string[]): JsonObject {
  if (keys.length === 0) return spec;
  const asking = new Set(keys);
  const others = Object.entries(objectAt(spec, ['annotations'])).filter(([key]) => !asking.has(key));
  return withValue(spec, ['annotations'], Object.fromEntries(others));
}

/**
 * The spec in which NVIDIA's hook and runtime find nothing left to do: NVIDIA_VISIBLE_DEVICES is `void` where it asked,
 * and where a GPU of NVIDIA's was injected on another request to a container that they would give GPUs; then their prestart
 * hook goes too, as in mode `cdi` of their runtime.
 */
export function withoutLegacyInjection(
  spec: JsonObject,
  devices: readonly CdiDevice[],
  { env, isCdiAlone }: { readonly env: boolean; readonly isCdiAlone: boolean },
): JsonObject {
  const isGpu = devices.some((device) => isNvidiaGpu(device.name, device));
  const variables = environmentOf(spec);
  const mayGetMore = () => variables.get(VISIBLE_DEVICES) !== undefined || isLegacyCudaImage(variables);
  const silent = env || (isGpu && mayGetMore()) ? setVariables(spec, [`${VISIBLE_DEVICES}=void`]) : spec;
  return isGpu || (isCdiAlone && devices.length > 0) ? withoutNvidiaHook(silent) : silent;
}

function withoutNvidiaHook(spec: JsonObject): JsonObject {
  const hooks = objectsAt(spec, PRESTART);
  const kept = hooks.filter((hook) => {
    const path = textOf(hook, 'path', PRESTART);
    return !NVIDIA_HOOKS.includes(path.slice(path.lastIndexOf('/') + 1));
  });
  if (kept.length === hooks.length) return spec;
  return kept.length === 0 ? withoutValue(spec, PRESTART) : withList(spec, PRESTART, kept);
}
