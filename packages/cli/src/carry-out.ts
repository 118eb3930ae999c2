import type { Host, PinnedPath } from '@opencontainers-ts/rootfs-rewriter';
import { printable } from '@opencontainers-ts/runtime-spec';
import { saveConfig } from '@opencontainers-ts/runtime-spec/bundle';
import { CliError } from './cli-error.js';
import type { Settings } from './config/settings.js';
import type { PlannedCall } from './plan-call.js';

/**
 * Writes what was planned, and checks that it still rests on what was looked at.
 *
 * @param configMode - mode of a config.json that is rewritten: 0600, or the one that it had
 * @throws SpecError `ERR_CONFIG_CHANGED`, `ERR_CONFIG_WRITE`: the old config.json is whole
 * @throws CliError `ERR_HOST_CHANGED`
 */
export function carryOut(
  { file, plan }: Pick<PlannedCall, 'file' | 'plan'>,
  host: Pick<Host, 'lstat'>,
  configMode: Settings['configMode'] = 'private',
): void {
  if (plan === undefined || file === undefined) {
    return;
  }
  if (plan.decision === 'rewrite') {
    saveConfig(file, plan.document, { mode: configMode });
  }
  for (const pin of plan.pins) {
    checkPin(pin, host);
  }
}

/** The runtime opens the path again by name; a volume swapped in between is caught as late as we can look. */
function checkPin(pin: PinnedPath, host: Pick<Host, 'lstat'>): void {
  const now = host.lstat(pin.path);
  if (now?.dev !== pin.dev || now.ino !== pin.ino) {
    throw new CliError(
      'ERR_HOST_CHANGED',
      `${printable(pin.path)} was replaced while the call was prepared`,
      {
        details: { path: pin.path },
      },
    );
  }
}
