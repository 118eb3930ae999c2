import { isQualifiedName } from '../cdi/qualified-name.js';
import type { NvidiaHookConfig } from './hook-config.js';
import type { NvidiaMessage } from './nvidia-message.js';

/** Upstream's words for a mode in which the hook must not be called. */
export const NOT_LEGACY =
  'invoking the NVIDIA Container Runtime Hook directly (e.g. specifying the docker --gpus flag) is not supported. ' +
  'Please use the NVIDIA Container Runtime (e.g. specify the --runtime=nvidia flag) instead';

/** The mode of the NVIDIA Container Runtime for a GPU container. */
export interface RuntimeModeChoice {
  /** In mode `legacy`, the hook calls nvidia-container-cli; in any other it refuses. */
  readonly mode: string;
  readonly messages: readonly NvidiaMessage[];
}

/**
 * The mode of the NVIDIA Container Runtime for these devices, by the rules of profile `current`. If all of them are names of
 * CDI devices, they are for that runtime, not for nvidia-container-cli. The mode `csv` of Tegra systems is not detected,
 * which would need NVML.
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
