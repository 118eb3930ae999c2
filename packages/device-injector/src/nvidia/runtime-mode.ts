import { isQualifiedName } from '../cdi/qualified-name.js';
import type { NvidiaHookConfig } from './hook-config.js';
import type { NvidiaMessage } from './nvidia-message.js';

/** Upstream's words for a mode in which the hook is not to be called. */
export const NOT_LEGACY =
  'invoking the NVIDIA Container Runtime Hook directly (e.g. specifying the docker --gpus flag) is not supported. ' +
  'Please use the NVIDIA Container Runtime (e.g. specify the --runtime=nvidia flag) instead';

/** The mode of the NVIDIA Container Runtime that holds for a GPU container. */
export interface RuntimeModeChoice {
  readonly isLegacy: boolean;
  readonly messages: readonly NvidiaMessage[];
}

/**
 * Whether nvidia-container-cli is to be called for these devices. Names of CDI devices, and nothing else, are for the NVIDIA
 * Container Runtime. That a Tegra system has the mode `csv` is not found out: it takes NVML to say so.
 */
export function chooseRuntimeMode(
  devices: readonly string[],
  { mode, skipModeDetection }: Pick<NvidiaHookConfig, 'mode' | 'skipModeDetection'>,
): RuntimeModeChoice {
  if (skipModeDetection) return { isLegacy: true, messages: [] };
  if (mode !== 'auto') return chosen(mode, 'Using requested mode');
  const isCdi = devices.length > 0 && devices.every(isQualifiedName);
  return chosen(isCdi ? 'cdi' : 'legacy', 'Auto-detected mode as');
}

function chosen(mode: string, text: string): RuntimeModeChoice {
  return { isLegacy: mode === 'legacy', messages: [{ level: 'info', text: `${text} '${mode}'` }] };
}
