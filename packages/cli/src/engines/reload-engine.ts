import type { EngineReload, FoundEngine } from '@opencontainers-ts/engine-config';

import { CliError } from '../cli-error.js';
import { isFailure, type System } from '../system/system.js';
import { textOf } from '../system/text.js';
import { isContent, programAmong, runNodeProgram } from './node-program.js';

const SYSTEMCTLS = ['/usr/bin/systemctl', '/bin/systemctl'];

/** In a chroot systemctl does nothing and says that all went well, unless it is told that this is meant (systemd.environment). */
const IN_ANY_ROOT = ['SYSTEMD_IGNORE_CHROOT=1'];

/** What came of it: done; not needed, since it reads its files anew by itself, does not run, or was started since. */
export type Reloaded = 'done' | 'not-needed';

/**
 * Has an engine read its configuration again. Containers live on meanwhile: of containerd and CRI-O under their shims and monitors,
 * and Docker is only sent a signal.
 *
 * @param changedAt - when the configuration was changed, in milliseconds since 1970
 * @throws CliError `ERR_ENGINE_RESTART`
 */
export function reloadEngine(
  system: System,
  { engine }: FoundEngine,
  { action, systemctl: [verb = '', unit = ''] }: EngineReload,
  changedAt: number,
): Reloaded {
  if (action === 'none' || unit === '') return 'not-needed';
  const systemctl = programAmong(system, SYSTEMCTLS);
  if (systemctl === undefined) throw failed(engine, unit, 'this node has no systemctl');
  const ask = (...args: readonly string[]) => runNodeProgram(system, systemctl, args, IN_ANY_ROOT);
  if (!isContent(ask('is-active', '--quiet', unit))) return 'not-needed';
  if (
    action === 'restart' &&
    startedAt(ask('show', '--property=ActiveEnterTimestamp', '--value', '--timestamp=unix', unit)) > changedAt
  ) {
    return 'not-needed';
  }
  const end = ask(verb, unit);
  if (isContent(end)) return 'done';
  throw failed(engine, unit, isFailure(end) ? end.errno : `systemctl ends with status ${end.status}`);
}

/** `@1700000000`, in whole seconds: one that began in the second of the change may have begun before it. Nothing of old releases. */
function startedAt(end: ReturnType<typeof runNodeProgram>): number {
  const [, seconds] = isContent(end) ? (/^@(\d+)$/.exec(textOf(end.output).trim()) ?? []) : [];
  return seconds === undefined ? 0 : Number(seconds) * 1000;
}

function failed(engine: string, unit: string, why: string): CliError {
  return new CliError(
    'ERR_ENGINE_RESTART',
    `${engine} cannot be made to read its configuration again: ${why}`,
    {
      details: { unit },
    },
  );
}
