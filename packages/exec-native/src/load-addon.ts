import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

import { ExecNativeError } from './exec-native-error.js';
import type { NativeAddon } from './native-addon.js';

/** Relative to this module, which is in `src/`, in `dist/`, or part of a bundle that the addon stands beside. */
const PLACES = [
  './exec_native.node',
  '../dist/exec_native.node',
  `../prebuilds/${process.platform}-${process.arch}/exec_native.node`,
];

let loaded: NativeAddon | undefined;

/**
 * The addon, loaded at the first call.
 *
 * @throws ExecNativeError `ERR_ADDON_MISSING`: names every place that was tried, each with its cause.
 */
export function loadAddon(): NativeAddon {
  loaded ??= loadAddonFrom(PLACES.map((place) => fileURLToPath(new URL(place, import.meta.url))));
  return loaded;
}

/** The first of these files that can be loaded. */
export function loadAddonFrom(files: readonly string[]): NativeAddon {
  const require = createRequire(import.meta.url);
  const causes: unknown[] = [];
  for (const file of files) {
    try {
      return require(file) as NativeAddon;
    } catch (cause) {
      causes.push(cause);
    }
  }
  const tried = files.map((path, index) => ({ path, cause: firstLine(causes[index]) }));
  throw new ExecNativeError(
    'ERR_ADDON_MISSING',
    `cannot load exec_native.node; tried ${tried.map(({ path, cause }) => `${path} (${cause})`).join(', ')}`,
    { details: { tried }, cause: new AggregateError(causes) },
  );
}

// A failed require adds a stack of its callers below the first line; a missing file has a code, dlopen's do not.
function firstLine(cause: unknown): string {
  const { code, message } = cause as { code?: unknown; message?: unknown };
  if (code === 'MODULE_NOT_FOUND') {
    return 'no such file';
  }
  return String(message).split('\n', 1)[0] ?? '';
}
