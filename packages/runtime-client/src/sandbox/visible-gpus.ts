import { quoted } from '@opencontainers-ts/runtime-spec';
import { RuntimeClientError } from '../runtime-client-error.js';

/** `all`, or GPUs by index or by the beginning of their UUID; none of them gives the driver without a GPU. */
export type VisibleGpus = 'all' | readonly string[];

/**
 * The GPUs that a value of `NVIDIA_VISIBLE_DEVICES` names, as runsc takes them apart (ParseNvidiaVisibleDevices in
 * runsc/specutils/nvidia.go): `all`, `none`, or a list of indices and of `GPU-UUID`. It knows neither slices of a GPU (`MIG-...`) nor
 * names of CDI, and trims nothing.
 *
 * @throws RuntimeClientError `ERR_GPU_REQUEST` for anything else
 * @example
 * ```ts
 * import { visibleGpus } from '@opencontainers-ts/runtime-client';
 *
 * console.log(['all', 'none', '0,GPU-fef8089b'].map(visibleGpus)); // [ 'all', [], [ '0', 'GPU-fef8089b' ] ]
 * ```
 */
export function visibleGpus(value: string): VisibleGpus {
  if (value === 'all') return 'all';
  if (value === 'none') return [];
  return value.split(',').map((gpu) => {
    if (gpu.startsWith('GPU-') || isIndex(gpu)) return gpu;
    const why = gpu.startsWith('MIG-')
      ? 'runsc gives no part of a GPU'
      : 'it is neither an index nor "GPU-" and a UUID';
    const message = `${quoted(gpu)} in NVIDIA_VISIBLE_DEVICES names no GPU to runsc: ${why}`;
    throw new RuntimeClientError('ERR_GPU_REQUEST', message, { details: { gpu, value } });
  });
}

/** An unsigned number of 32 bits, as Go's strconv.ParseUint reads it. */
function isIndex(text: string): boolean {
  return /^\d+$/.test(text) && BigInt(text) < 2n ** 32n;
}
