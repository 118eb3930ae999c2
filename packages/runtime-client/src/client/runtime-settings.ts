import { quoted } from '@opencontainers-ts/runtime-spec';

import { checkWords } from '../commands/container-command.js';
import { DIALECT_NAMES, type DialectName } from '../dialects/dialect-name.js';
import type { BundleRules } from '../rewriting/bundle-rules.js';
import { RuntimeClientError } from '../runtime-client-error.js';

/** Which runtime a client calls, and with what before each command. */
export interface RuntimeClientOptions {
  /** A path, or a name that is looked for on PATH. Default: `runc`. */
  readonly runtime?: string;
  /** Which command line the runtime has. Default: what its `--version` says. */
  readonly dialect?: DialectName;
  /** The folder in which the runtime keeps its containers. Default: the runtime's own. */
  readonly root?: string;
  /** Control groups by systemd. */
  readonly systemdCgroup?: boolean;
  /** Further arguments before the command, handed on unchecked: `['--network=none']` for runsc. */
  readonly globalArgs?: readonly string[];
  /** The environment of the runtime. Default: that of this process. */
  readonly env?: NodeJS.ProcessEnv;
  /** Asked before `create`, `run` and `restore`; the plan is in what they return. Default: config.json stays as it is. */
  readonly rules?: BundleRules;
}

/** The same, complete and checked. */
export interface RuntimeSettings {
  readonly runtime: string;
  readonly dialect: DialectName | undefined;
  readonly root: string | undefined;
  readonly systemdCgroup: boolean;
  readonly globalArgs: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly rules: BundleRules | undefined;
}

export function settingsOf(options: RuntimeClientOptions): RuntimeSettings {
  const {
    runtime = 'runc',
    dialect,
    root,
    systemdCgroup = false,
    globalArgs = [],
    env = process.env,
    rules,
  } = options;
  checkText('runtime', runtime);
  if (root !== undefined) checkText('root', root);
  if (dialect !== undefined && !DIALECT_NAMES.includes(dialect)) {
    throw new RuntimeClientError(
      'ERR_RUNTIME_OPTION',
      `dialect is ${quoted(String(dialect))}, not one of ${DIALECT_NAMES.join(', ')}`,
      { details: { option: 'dialect' } },
    );
  }
  if (rules !== undefined && typeof rules !== 'function') {
    throw new RuntimeClientError('ERR_RUNTIME_OPTION', 'rules is not a function', {
      details: { option: 'rules' },
    });
  }
  return {
    runtime,
    dialect,
    root,
    systemdCgroup,
    globalArgs: checkWords('globalArgs', globalArgs),
    env,
    rules,
  };
}

function checkText(option: string, value: unknown): void {
  if (typeof value === 'string' && value !== '' && !value.includes('\0')) return;
  throw new RuntimeClientError('ERR_RUNTIME_OPTION', `${option} is not a text, or is empty, or has a NUL`, {
    details: { option },
  });
}
