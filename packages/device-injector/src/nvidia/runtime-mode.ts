import { isQualifiedName } from '../cdi/qualified-name.js';
import type { NvidiaHookConfig } from './hook-config.js';
import type { NvidiaMessage } from './nvidia-message.js';

/** Upstream's words for a mode in which the hook is not to be called. */
export const NOT_LEGACY =
  'invoking the NVIDIA Container Runtime Hook directly (e.g. specifying the docker --gpus flag) is not supported. ' +
  'Please use the NVIDIA Container Runtime (e.g. specify the --runtime=nvidia flag) instead';

/** The mode of the NVIDIA Container Runtime that holds for a GPU container. */
export interface RuntimeModeChoice {
  /** `legacy` is the one in which the hook calls nvidia-container-cli; it refuses in any other. */
  readonly mode: string;
  readonly messages: readonly NvidiaMessage[];
}

/**
 * The mode of the NVIDIA Container Runtime for these devices, by the rules of profile `current`. Names of CDI devices, and
 * nothing else, are for that runtime, not for nvidia-container-cli. That a Tegra system has the mode `csv` is not found
 * out: it takes NVML to say so.
 *
 * @example
 * ```ts
 * import { nvidiaHookDefaults, nvidiaRuntimeMode } from '@opencontainers-ts/device-injector';
 *
 * console.log(nvidiaRuntimeMode(['nvidia.com/gpu=0'], nvidiaHookDefaults('current')).mode); // cdi
 * console.log(nvidiaRuntimeMode(['0'], nvidiaHookDefaults('current')).mode); // legacy
 * ```
 */
export function nvidiaRuntimeMode(
  devices: readonly string[],
  { mode, skipModeDetection }: Pick<NvidiaHookConfig, 'mode' | 'skipModeDetection'>,
): RuntimeModeChoice {
  if (skipModeDetection) return { mode: 'legacy', messages: [] };
  if (mode !== 'auto') return chosen(mode, 'Using requested mode');
  const isCdi = devices.length > 0 && devices.every(isQualifiedName);
  return chosen(isCdi ? 'cdi' : 'legacy', 'Auto-detected mode as');
}

function chosen(mode: string, text: string): RuntimeModeChoice {
  return { mode, messages: [{ level: 'info', text: `${text} '${mode}'` }] };
}
