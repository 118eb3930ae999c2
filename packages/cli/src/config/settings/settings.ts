import type { CdiDevicesOptions, NvidiaProfile } from '@opencontainers-ts/device-injector';
import type { ImageChange, RootStrategy, Rule } from '@opencontainers-ts/rootfs-rewriter';
import type { ConfiguredRuntimes } from '@opencontainers-ts/runtime-resolver';

import type { WatchedFile } from '../../fast-path/fast-path-table.js';
import type { LogSettings } from '../../log/wrapper-log.js';

/** The rules and defaults to start from. */
export type ProfileName = 'sgs' | 'guardian' | 'none';

/** Where a value comes from: a built-in default, a variable of the environment, the name of the call, or a file. */
export type Origin =
  | { readonly from: 'default' | 'call' }
  | { readonly from: 'environment'; readonly variable: string }
  | { readonly from: 'file'; readonly file: string; readonly path: KeyPath };

/** The way from the top of a file to a value: names of keys, and places in arrays. */
export type KeyPath = readonly (string | number)[];

/** How a rule was asked for. */
export interface RuleOrigin {
  readonly name: string;
  readonly kind: 'built-in' | 'declarative' | 'module';
  readonly origin: Origin;
}

/** How the rule `cdi-devices` is set up. */
export type CdiRuleSettings = Required<Omit<CdiDevicesOptions, 'defaultKind' | 'registry'>> &
  Pick<CdiDevicesOptions, 'defaultKind'>;

/** Devices by CDI. */
export type CdiSettings = CdiRuleSettings & {
  /** Whether the rule `cdi-devices` stands behind all other rules. */
  readonly enabled: boolean;
};

/** Everything that can be set, as one value that is made once and passed down. */
export interface Settings {
  readonly profile: ProfileName;
  /** The handler of the call, whether or not the files say anything of it. */
  readonly handler?: string;
  /** What the resolver is told. */
  readonly runtime: ConfiguredRuntimes;
  readonly log: LogSettings;
  /** The file of the node exporter's textfile collector; without one nothing is counted. */
  readonly metricsFile?: string;
  /** Mode of a config.json that was rewritten: 0600, or the one that it had. */
  readonly configMode: 'preserve' | 'private';
  /** Whether rules act, or all of them are only tried. */
  readonly mode: 'enforce' | 'audit';
  /** Whether a container, sandboxes excepted, that no rule acts on is refused. */
  readonly required: boolean;
  readonly kubeletRoot: string;
  readonly hostPathFolders: readonly string[];
  readonly requireMountPoint: boolean;
  /** What becomes of a container of an annotated pod that does not mount the volume. */
  readonly withoutMount: 'refuse' | 'pass';
  /** How a volume becomes a root, where neither the pod nor the rule says it. */
  readonly rootStrategy: RootStrategy;
  /** What is done when the image below an upper, or that a volume was filled from, is another one by now. */
  readonly imageChange: ImageChange;
  readonly cdi: CdiSettings;
  /** Which NVIDIA hook `ociwrap nvidia-hook` follows. */
  readonly nvidiaProfile: NvidiaProfile;
  /** Whether calls in which nothing can be there to rewrite are passed through without the engine. */
  readonly fastPath: boolean;
  /** Seconds that a rule module may take to be loaded, and for each question that its rule is asked. */
  readonly moduleTimeout: number;
  /** In the order in which they are asked. */
  readonly rules: readonly Rule[];
  /** Beside `rules`, place by place. */
  readonly ruleOrigins: readonly RuleOrigin[];
  /** Of each key of the configuration, such as `log.level`; a key without a value has none. */
  readonly origins: Readonly<Record<string, Origin>>;
  /**
   * Whether the files leave the runtime and the log as they are without a configuration, where the environment does not
   * speak of them: the launcher knows no others.
   */
  readonly usualRuntimeAndLog: boolean;
  /** Files and folders that these settings depend on, as they were, also those that are not there. */
  readonly watched: readonly WatchedFile[];
  /**
   * Why the configuration cannot be used. `rules` then holds one rule, which refuses what the last good configuration
   * might have rewritten.
   */
  readonly fault?: SettingsFault;
}

/** What is wrong with a configuration. */
export interface SettingsFault {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

/** How the program was called, as far as settings depend on it. */
export interface SettingsInput {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** argv[0]. */
  readonly invokedAs: string;
  /** AT_EXECFN of getauxval(3). */
  readonly execFn?: string;
}
