import type { RuntimeVersion } from '../dialects/runtime-version.js';
import { RuntimeClientError } from '../runtime-client-error.js';
import type { CallOptions, CommandLine } from './command-line.js';
import { containerCommand, runtimeCommand } from './container-command.js';

/** `ps --format=json ID` */
export function psCommand(runtime: RuntimeVersion, id: string, options: CallOptions): CommandLine {
  return containerCommand(runtime, 'ps', id, {
    rows: [{ option: 'format', flag: 'format', kind: 'text' }],
    options: { ...options, format: 'json' },
  });
}

/** `list --format=json` */
export function listCommand(runtime: RuntimeVersion, options: CallOptions): CommandLine {
  return runtimeCommand(runtime, 'list', ['--format=json'], options);
}

/** `features` */
export function featuresCommand(runtime: RuntimeVersion, options: CallOptions): CommandLine {
  return runtimeCommand(runtime, 'features', [], options);
}

/** How often `events` tells. */
export interface EventsOptions extends CallOptions {
  /** Whole seconds between two statistics, from 1 on. Default: that of the runtime, 5. */
  readonly interval?: number;
}

/** `events [--interval=SECONDS] ID` */
export function eventsCommand(runtime: RuntimeVersion, id: string, options: EventsOptions): CommandLine {
  const { interval } = options;
  if (interval !== undefined && !(Number.isSafeInteger(interval) && interval >= 1)) {
    throw new RuntimeClientError(
      'ERR_RUNTIME_OPTION',
      'interval is not a whole number of seconds from 1 on',
      {
        details: { option: 'interval' },
      },
    );
  }
  // runc takes a duration of Go, runsc and youki a number of seconds.
  const unit = runtime.dialect === 'runc' ? 's' : '';
  return containerCommand(runtime, 'events', id, {
    rows: [{ option: 'every', flag: 'interval', kind: 'text' }],
    options: { ...options, ...(interval !== undefined && { every: `${interval}${unit}` }) },
  });
}

/** `events --stats ID` */
export function statsCommand(runtime: RuntimeVersion, id: string, options: CallOptions): CommandLine {
  return containerCommand(runtime, 'events', id, {
    rows: [{ option: 'stats', flag: 'stats', kind: 'switch' }],
    options: { ...options, stats: true },
  });
}
