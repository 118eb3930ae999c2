import type { CommandName } from './command-name.js';
import type { DialectName } from './dialect-name.js';
import type { RuntimeVersion } from './runtime-version.js';
import { isUpTo } from './version-order.js';

/** Of a command or an option: the newest version of each runtime that is known to be without it. */
type LastWithout = Readonly<Partial<Record<DialectName, string>>>;

/** Seen with `--help` of the versions that are named. A newer version is asked. */
const COMMANDS: Readonly<Partial<Record<CommandName, LastWithout>>> = {
  features: { crun: '1.8.1', runsc: '20240729.0' },
  update: { runsc: '20240729.0' },
};

/** By the command and the option. */
const FLAGS: Readonly<Record<string, LastWithout>> = {
  'run keep': { crun: '1.8.1' },
  'run pass-fd': { runsc: '20221219.0' },
  'exec pass-fd': { runsc: '20221219.0' },
  'create pidfd-socket': { runc: '1.1.15' },
  'run pidfd-socket': { runc: '1.1.15' },
  'exec pidfd-socket': { runc: '1.1.15' },
  'exec additional-gids': { crun: '1.28' },
};

/** What a crun has to be built with to have a command (`./configure --disable-criu`). */
const BUILT_WITH: Readonly<Partial<Record<CommandName, string>>> = { checkpoint: 'CRIU', restore: 'CRIU' };

/** Why this version of a runtime is without a command that others have, for people; undefined: it is not known to be. */
export function whyWithoutCommand(runtime: RuntimeVersion, command: CommandName): string | undefined {
  const part = BUILT_WITH[command];
  if (runtime.dialect === 'crun' && part !== undefined && !runtime.builtWith.includes(part)) {
    return `was built without ${part}`;
  }
  return isWithout(runtime, COMMANDS[command]) ? `${runtime.version} is too old` : undefined;
}

/** Whether this version of a runtime is known to be without an option of a command. */
export function isWithoutFlag(runtime: RuntimeVersion, command: CommandName, flag: string): boolean {
  return isWithout(runtime, FLAGS[`${command} ${flag}`]);
}

function isWithout({ dialect, version }: RuntimeVersion, lastWithout: LastWithout = {}): boolean {
  const last = lastWithout[dialect];
  return last !== undefined && version !== undefined && isUpTo(version, last);
}
