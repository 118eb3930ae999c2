import type { Host, PinnedPath } from '@opencontainers-ts/rootfs-rewriter';
import type { FileSystem } from '@opencontainers-ts/runtime-resolver';

import type { TellLine } from '../config/rules/module-output.js';
import type { Settings } from '../config/settings/settings.js';
import type { Log } from '../log/human-log.js';
import type { System } from '../system/system.js';
import type { ContainerCommands } from './containers/container-commands.js';
import type { HookRunner } from './hooks/hook-runner.js';
import type { CommandOutput, Paint } from './output.js';

/** All that the commands see of the process and the machine. */
export interface World {
  readonly system: System;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What relative paths on the command line are relative to. */
  readonly cwd: string;
  /** Who calls: the effective user id. */
  readonly userId: number;
  /** The wrapper that an engine would call: this installation's. */
  readonly self: PinnedPath;
  /** What the wrapper would be told, called as runc. */
  readonly settings: Settings;
  /** What it would be told under another name. */
  readonly settingsFor: (runtimeName: string) => Settings | Promise<Settings>;
  readonly host: Host & FileSystem;
  /** Takes what rule modules write. */
  readonly tell: TellLine;
  readonly paint: Paint;
  readonly version: string;
  /** Reads a whole file, or standard input for `-`. */
  readonly readInput: (path: string) => Uint8Array;
  /** Undefined in the static program, which has no event loop. */
  readonly hookRunner: HookRunner | undefined;
  /** Loads what runs containers; undefined in the static program. */
  readonly containers: (() => Promise<ContainerCommands>) | undefined;
  readonly log: (options: { readonly verbose: boolean }) => Log;
}

/** Takes what a command has to say. */
export type Emit = (output: CommandOutput) => void;
