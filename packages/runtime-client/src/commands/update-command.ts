import type { LinuxResources } from '@opencontainers-ts/runtime-spec';

import type { RuntimeVersion } from '../dialects/runtime-version.js';
import type { CallOptions, CommandLine } from './command-line.js';
import { containerCommand } from './container-command.js';

/** `update --resources=- ID`, with the limits as JSON on standard input: no runtime has a flag for each of them. */
export function updateCommand(
  runtime: RuntimeVersion,
  id: string,
  resources: LinuxResources,
  options: CallOptions,
): CommandLine {
  const line = containerCommand(runtime, 'update', id, {
    rows: [{ option: 'resources', flag: 'resources', kind: 'text' }],
    options: { ...options, resources: '-' },
  });
  return { ...line, input: JSON.stringify(resources) };
}
