import type { JsonValue } from '@opencontainers-ts/runtime-spec';

import { ConfigFault, keyText } from '../config-fault.js';
import { valuePaths } from '../merge-config.js';
import type { ConfigFile } from '../parse-config.js';

/**
 * Keys that decide what the node is protected by. A drop-in is written for one purpose, by somebody who looks at nothing
 * else: it adds to what the main file says, and takes nothing away. A list is of the values that a drop-in may have,
 * since they only make things stricter.
 */
const MAIN_FILE_ALONE: Readonly<Record<string, readonly JsonValue[]>> = {
  profile: [],
  'config-mode': [],
  mode: [],
  required: [true],
  'runtime.mode': [],
  'runtime.paths.runc': [],
  'runtime.paths.nvidia': [],
  'runtime.search': [],
  'volumes.host-path-folders': [],
  'volumes.require-mount-point': [true],
  'volumes.without-mount': ['refuse'],
  'volumes.strategy': [],
  'volumes.image-change': ['refuse'],
  'cdi.enabled': [true],
  'cdi.accept-env-when-unprivileged': [false],
  'cdi.hooks-skipped': ['refuse'],
  'nvidia.profile': [],
};

/** What a drop-in says that is for the main file alone to say. */
export function dropInFaults({ path: file, table }: ConfigFile, main: string): readonly ConfigFault[] {
  const { rule: _, ...settings } = table;
  if ('handler' in settings) {
    const why = `belongs to the main file alone, ${main}, or to handler.d/NAME.toml beside it`;
    return [new ConfigFault('ERR_SETTINGS_INVALID', why, { file, path: ['handler'] })];
  }
  return valuePaths(settings).flatMap((path) => {
    const allowed = MAIN_FILE_ALONE[keyText(path)];
    const value = path.reduce<unknown>((above, key) => Reflect.get(above as object, key), settings);
    if (allowed === undefined || allowed.some((each) => each === value)) return [];
    const stricter = allowed.map((each) => JSON.stringify(each)).join(' or ');
    const why =
      stricter === ''
        ? `belongs to the main file alone, ${main}: a drop-in takes nothing away`
        : `may only be ${stricter} in a drop-in, which takes nothing away; anything else belongs to the main file, ${main}`;
    return [new ConfigFault('ERR_SETTINGS_INVALID', why, { file, path })];
  });
}

/** A handler may say all that the main file may, but for handlers. */
export function nestedHandlers({ path: file, table }: ConfigFile): readonly ConfigFault[] {
  const why = "is for the main file alone: this file is a handler's own, and has its keys at the top";
  return 'handler' in table
    ? [new ConfigFault('ERR_SETTINGS_INVALID', why, { file, path: ['handler'] })]
    : [];
}
