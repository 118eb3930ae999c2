import { globalFlagsOf, hasFlag } from '../dialects/dialect-flags.js';
import type { DialectName } from '../dialects/dialect-name.js';
import { RuntimeClientError } from '../runtime-client-error.js';

/** What stands before the command. */
export interface GlobalArguments {
  /** The folder in which the runtime keeps its containers. */
  readonly root?: string | undefined;
  /** Control groups by systemd. */
  readonly systemdCgroup?: boolean;
  /** The file that gets the log of the call. */
  readonly log?: string;
  /** Of the caller, unchecked. */
  readonly more?: readonly string[];
}

/** Whether a runtime writes a log as JSON to a file. */
export function hasLog(dialect: DialectName): boolean {
  return hasFlag(globalFlagsOf(dialect), 'log') && hasFlag(globalFlagsOf(dialect), 'log-format');
}

/**
 * The arguments before the command.
 *
 * @throws RuntimeClientError `ERR_RUNTIME_OPTION` for an option that the dialect does not have
 */
export function globalArguments(
  dialect: DialectName,
  { root, systemdCgroup = false, log, more = [] }: GlobalArguments,
): readonly string[] {
  return [
    ...(root === undefined ? [] : [`--${checked(dialect, 'root')}=${root}`]),
    ...(systemdCgroup ? [`--${checked(dialect, 'systemd-cgroup')}`] : []),
    ...(log === undefined ? [] : [`--${checked(dialect, 'log')}=${log}`, '--log-format=json']),
    ...more,
  ];
}

function checked(dialect: DialectName, flag: string): string {
  if (hasFlag(globalFlagsOf(dialect), flag)) return flag;
  const named = dialect === 'unknown' ? 'an unknown runtime' : dialect;
  throw new RuntimeClientError('ERR_RUNTIME_OPTION', `${named} has no --${flag}`, {
    details: { option: flag, dialect },
  });
}
