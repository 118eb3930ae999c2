import type { Features } from '@opencontainers-ts/runtime-spec';

import { COMMAND_NAMES, type CommandName } from '../dialects/command-name.js';
import { flagsOf } from '../dialects/dialect-flags.js';
import type { DialectName } from '../dialects/dialect-name.js';
import { whyWithoutCommand } from '../dialects/newer-parts.js';
import type { RuntimeVersion } from '../dialects/runtime-version.js';
import { ABILITIES } from './capability-table.js';

/** What a runtime can do. */
export interface Capabilities {
  readonly dialect: DialectName;
  readonly version?: string;
  /** False: nothing is known but what the specification asks for. */
  readonly isKnown: boolean;
  /** Whether it is the runtime itself that says so, by its command `features`; else it is a table about its versions. */
  readonly isTold: boolean;
  readonly commands: readonly CommandName[];
  readonly hooks: readonly string[];
  /** As config.json calls them. */
  readonly namespaces: readonly string[];
  /** Whether it has `checkpoint`; whether that works depends on the program criu, too, for all but runsc. */
  readonly checkpoint: boolean;
  /** Annotations that change what the runtime does; one that ends with a dot stands for all that begin so. */
  readonly potentiallyUnsafeConfigAnnotations: readonly string[];
}

/**
 * What a runtime can do, by what it says of itself.
 *
 * @param features - what its command `features` printed; undefined where it has none
 * @example
 * ```ts
 * import { capabilitiesOf, parseRuntimeVersion } from '@opencontainers-ts/runtime-client';
 *
 * const { hooks, isTold } = capabilitiesOf(parseRuntimeVersion('runsc version release-20240729.0\n'), undefined);
 * console.log(isTold, hooks.includes('createContainer')); // false false
 * ```
 */
export function capabilitiesOf(runtime: RuntimeVersion, features: Features | undefined): Capabilities {
  const { dialect, version } = runtime;
  const known = ABILITIES[dialect];
  const commands = COMMAND_NAMES.filter(
    (command) => flagsOf(dialect, command) !== undefined && whyWithoutCommand(runtime, command) === undefined,
  );
  return {
    dialect,
    ...(version !== undefined && { version }),
    isKnown: dialect !== 'unknown',
    isTold: features !== undefined,
    commands,
    hooks: features?.hooks ?? known.hooks,
    namespaces: features?.linux?.namespaces ?? known.namespaces,
    checkpoint: commands.includes('checkpoint'),
    potentiallyUnsafeConfigAnnotations:
      features?.potentiallyUnsafeConfigAnnotations ?? known.unsafeAnnotations,
  };
}

/** Whether a runtime has the command `features`, as far as that is known. */
export function hasFeatures(runtime: RuntimeVersion): boolean {
  return (
    flagsOf(runtime.dialect, 'features') !== undefined && whyWithoutCommand(runtime, 'features') === undefined
  );
}
