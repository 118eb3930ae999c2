import { wordOf } from '../system/text.js';
import type { Invocation } from './parse-invocation.js';

/** Where the configuration of a call is, as bytes: Linux paths need not be UTF-8. */
export interface ConfigPlace {
  /** The bundle: what relative paths in the configuration are relative to. */
  readonly bundle: Uint8Array;
  /** The folder of the file. */
  readonly dir: Uint8Array;
  /** The name of the file, where it is not `config.json`. */
  readonly name?: Uint8Array;
}

const SLASH = 0x2f;

// Not the working directory's path: it need not be UTF-8, nor reachable from here.
const HERE = Uint8Array.of(0x2e);

/**
 * The file that the runtime will read: `config.json` of the bundle, or the one that `--config` names instead.
 *
 * `--config config.json`, in just these letters, is the bundle's own for crun (`src/create.c`: it makes any other path
 * absolute before it changes to the bundle).
 */
export function configPlace({
  bundle = HERE,
  configFile,
}: Pick<Invocation, 'bundle' | 'configFile'>): ConfigPlace {
  if (configFile === undefined || wordOf(configFile) === 'config.json') {
    return { bundle, dir: bundle };
  }
  const slash = configFile.lastIndexOf(SLASH);
  return {
    bundle,
    dir: slash === -1 ? HERE : configFile.subarray(0, Math.max(slash, 1)),
    name: configFile.subarray(slash + 1),
  };
}
