import type { SettingsInput } from './settings/settings.js';

/** What stands before the name of a handler in the name of a call: `oci-runtime-wrapper-gpu`. */
const WRAPPER = 'oci-runtime-wrapper-';

/** A name that a file and a key of TOML can have. The launcher knows the same (handler-name.cc). */
const HANDLER = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

export function isHandlerName(name: string): boolean {
  return HANDLER.test(name);
}

/**
 * The handler that a call is of: by argv[0], or by the file that was executed, whose names the runtime is found by, too.
 *
 * @returns undefined for a call under any other name
 */
export function handlerOf({
  invokedAs,
  execFn = '',
}: Pick<SettingsInput, 'invokedAs' | 'execFn'>): string | undefined {
  return handlerIn(invokedAs) ?? handlerIn(execFn);
}

function handlerIn(path: string): string | undefined {
  if (!path.includes(WRAPPER)) return undefined;
  const name = path.slice(path.lastIndexOf('/') + 1);
  const handler = name.startsWith(WRAPPER) ? name.slice(WRAPPER.length) : '';
  return isHandlerName(handler) ? handler : undefined;
}
