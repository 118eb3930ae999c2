import type { EngineChange } from '@opencontainers-ts/engine-config';

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
export function reloadEngine(system: System, change: EngineChange, changedAt: number): Reloaded {
  const { engine, reload } = change;
  const [verb = '', unit = ''] = reload.systemctl;
  if (verb === '' || wasStartedSince(system, change, changedAt)) return 'not-needed';
  const systemctl = programAmong(system, SYSTEMCTLS);
  if (systemctl === undefined) throw failed(engine.engine, unit, 'this node has no systemctl');
  if (!isContent(runNodeProgram(system, systemctl, ['is-active', '--quiet', unit], IN_ANY_ROOT)))
    return 'not-needed';
  const end = runNodeProgram(system, systemctl, [verb, unit], IN_ANY_ROOT);
  if (isContent(end)) return 'done';
  throw failed(engine.engine, unit, isFailure(end) ? end.errno : `systemctl ends with status ${end.status}`);
}

/** Whether an engine that has to be restarted was, since its configuration was changed. */
export function wasStartedSince(system: System, { reload }: EngineChange, changedAt: number): boolean {
  const [, unit = ''] = reload.systemctl;
  const systemctl = programAmong(system, SYSTEMCTLS);
  if (reload.action !== 'restart' || systemctl === undefined) return false;
  const args = ['show', '--property=ActiveEnterTimestamp', '--value', '--timestamp=unix', unit];
  return startedAt(runNodeProgram(system, systemctl, args, IN_ANY_ROOT)) > changedAt;
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
