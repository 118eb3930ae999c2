import { fileURLToPath } from 'node:url';

import { ExecNativeError } from './exec-native-error.js';
import type { NativeAddon } from './native-addon.js';

/** Relative to this module, which is in `src/`, in `dist/`, or part of a bundle in the folder of the addon. */
const PLACES = ['exec_native.node', '../dist/exec_native.node'];

/** Optional packages with nothing but the addon, of which npm installs the one for this machine. */
const LIBCS = ['gnu', 'musl'];

let loaded: NativeAddon | undefined;

/**
 * The addon, loaded by the first call.
 *
 * @throws ExecNativeError `ERR_ADDON_MISSING`: names every place that was tried, and why it failed.
 */
export function loadAddon(): NativeAddon {
  loaded ??= loadAddonFrom([
    ...PLACES.map((place) => `${import.meta.dirname}/${place}`),
    ...LIBCS.map(prebuiltAddon),
  ]);
  return loaded;
}

/** Where the package is not there, its name stands in the message in place of a path. */
function prebuiltAddon(libc: string): string {
  const name = `@opencontainers-ts/exec-native-${process.platform}-${process.arch}-${libc}/exec_native.node`;
  try {
    return fileURLToPath(import.meta.resolve(name));
  } catch {
    return name;
  }
}

/** The first of these files that can be loaded. */
export function loadAddonFrom(files: readonly string[]): NativeAddon {
  const failures: { readonly path: string; readonly cause: unknown }[] = [];
  for (const path of files) {
    try {
      return dlopen(path);
    } catch (cause) {
      failures.push({ path, cause });
    }
  }
  const tried = failures.map(({ path, cause }) => ({ path, cause: firstLine(cause) }));
  throw new ExecNativeError(
    'ERR_ADDON_MISSING',
    `cannot load exec_native.node; tried ${tried.map(({ path, cause }) => `${path} (${cause})`).join(', ')}`,
    { details: { tried }, cause: new AggregateError(failures.map(({ cause }) => cause)) },
  );
}

// Not require: node:module, which makes one, is three modules more for Node to load.
function dlopen(file: string): NativeAddon {
  const module = { exports: {} };
  process.dlopen(module, file);
  return module.exports as NativeAddon;
}

// What dlopen says names the file, or the library that it lacks; engines look for the phrase after that in a runtime's
// output, and take it for the container's program.
function firstLine(cause: unknown): string {
  const { message } = cause as { message?: unknown };
  return (String(message).split('\n', 1)[0] ?? '').replace(': No such file or directory', '');
}
