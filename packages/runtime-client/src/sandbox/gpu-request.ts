import type { Spec } from '@opencontainers-ts/runtime-spec';
import { variableOf } from './environment-variable.js';

/** How a container asks runsc for GPUs. */
export interface GpuRequest {
  /** By a device node of config.json, by a hook that nvidia-ctk or the NVIDIA container runtime left in it, or by a flag of runsc. */
  readonly by: 'device' | 'cdi-hook' | 'legacy-hook';
  /** `NVIDIA_VISIBLE_DEVICES` as runsc reads it for this kind of request, for `visibleGpus`; empty where there is none. */
  readonly visible: string;
}

/**
 * Whether a container asks for GPUs in the eyes of runsc: `linux.devices` has `/dev/nvidiactl`, or there is a hook of NVIDIA's and
 * `NVIDIA_VISIBLE_DEVICES` is neither empty nor `void`. Whether it gets any depends on `--nvproxy` (GPUFunctionalityRequested in
 * runsc/specutils/nvidia.go).
 *
 * @param options - `nvproxyDocker`: runsc is run with `--nvproxy-docker`, which is as good as the legacy hook
 * @example
 * ```ts
 * import { gpuRequest } from '@opencontainers-ts/runtime-client';
 *
 * const spec = {
 *   process: { cwd: '/', env: ['NVIDIA_VISIBLE_DEVICES=0', 'NVIDIA_VISIBLE_DEVICES=void'] },
 *   hooks: { createContainer: [{ path: '/usr/bin/nvidia-cdi-hook' }] },
 * };
 * console.log(gpuRequest(spec)); // { by: 'cdi-hook', visible: '0' }
 * console.log(gpuRequest({ process: spec.process })); // undefined
 * ```
 */
export function gpuRequest(
  { process, hooks, linux }: Pick<Spec, 'process' | 'hooks' | 'linux'>,
  { nvproxyDocker = false }: { readonly nvproxyDocker?: boolean } = {},
): GpuRequest | undefined {
  const env = process?.env ?? [];
  const isCdi = endsWith(hooks?.createContainer, '/nvidia-cdi-hook');
  const visible = isCdi ? visibleUnderCdi(env) : (variableOf(env, 'NVIDIA_VISIBLE_DEVICES') ?? '');
  if ((linux?.devices ?? []).some(({ path }) => path === '/dev/nvidiactl')) return { by: 'device', visible };
  const isLegacy = nvproxyDocker || endsWith(hooks?.prestart, '/nvidia-container-runtime-hook');
  if ((!isCdi && !isLegacy) || visible === '' || visible === 'void') return undefined;
  return { by: isCdi ? 'cdi-hook' : 'legacy-hook', visible };
}

/** The toolkit of NVIDIA appends a `void` to what the container had, so that no other hook acts on it: the one before counts. */
function visibleUnderCdi(env: readonly string[]): string {
  const name = 'NVIDIA_VISIBLE_DEVICES=';
  const values = env.filter((entry) => entry.startsWith(name)).map((entry) => entry.slice(name.length));
  return (values.at(-1) === 'void' ? (values.at(-2) ?? values.at(-1)) : values.at(-1)) ?? '';
}

function endsWith(hooks: readonly { readonly path: string }[] | null | undefined, end: string): boolean {
  return (hooks ?? []).some(({ path }) => path.endsWith(end));
}
