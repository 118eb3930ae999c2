import { quoted } from '@opencontainers-ts/runtime-spec';

import { CliError } from '../cli-error.js';
import type { FoundInstallation } from './read-installation.js';

/**
 * Refuses a prefix in which something is that is not ours, or that others than root may change.
 *
 * @throws CliError `ERR_INSTALLATION_PREFIX`
 */
export function refuseFolder({ layout, folder, strangers, unsafe }: FoundInstallation): void {
  const { prefix } = layout;
  if (folder === 'other') {
    const names = strangers.slice(0, 3).map((name) => quoted(name));
    const message = `${quoted(prefix)} is not a folder of ociwrap: ${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} in it`;
    throw new CliError('ERR_INSTALLATION_PREFIX', message, { details: { path: prefix } });
  }
  if (unsafe !== undefined) {
    const message = `others than root could replace what is installed in ${quoted(prefix)}: they may write to ${quoted(unsafe)}`;
    throw new CliError('ERR_INSTALLATION_PREFIX', message, {
      details: { path: unsafe },
      hint: 'chown root that folder and take away the write permission of group and others (chmod go-w), or choose another --prefix',
    });
  }
}
