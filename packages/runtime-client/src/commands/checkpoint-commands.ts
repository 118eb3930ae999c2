import type { RuntimeVersion } from '../dialects/runtime-version.js';
import type { CallOptions, CommandLine } from './command-line.js';
import { containerCommand } from './container-command.js';
import type { OptionRow } from './option-rows.js';

/** What `checkpoint` and `restore` have in common; all of it is CRIU's, and runsc takes the folders only. */
interface ImageOptions extends CallOptions {
  /** The folder of the image. */
  readonly imagePath: string;
  /** The folder of CRIU's logs. */
  readonly workPath?: string;
  /** Open TCP connections are kept. */
  readonly tcpEstablished?: boolean;
  /** Unix sockets to the outside are allowed. */
  readonly externalUnixSockets?: boolean;
  /** A process of a terminal's session is allowed. */
  readonly shellJob?: boolean;
  readonly fileLocks?: boolean;
}

const IMAGE_ROWS: readonly OptionRow<ImageOptions>[] = [
  { option: 'imagePath', flag: 'image-path', kind: 'text' },
  { option: 'workPath', flag: 'work-path', kind: 'text' },
  { option: 'tcpEstablished', flag: 'tcp-established', kind: 'switch' },
  { option: 'externalUnixSockets', flag: 'ext-unix-sk', kind: 'switch' },
  { option: 'shellJob', flag: 'shell-job', kind: 'switch' },
  { option: 'fileLocks', flag: 'file-locks', kind: 'switch' },
];

/** How a container is saved. */
export interface CheckpointOptions extends ImageOptions {
  /** The image that came before, relative to `imagePath`. */
  readonly parentPath?: string;
  /** The container goes on. */
  readonly leaveRunning?: boolean;
  /** Memory only, and the container goes on. */
  readonly preDump?: boolean;
}

/** `checkpoint [OPTIONS] ID` */
export function checkpointCommand(
  runtime: RuntimeVersion,
  id: string,
  options: CheckpointOptions,
): CommandLine {
  return containerCommand<CheckpointOptions>(runtime, 'checkpoint', id, {
    rows: [
      ...IMAGE_ROWS,
      { option: 'parentPath', flag: 'parent-path', kind: 'text' },
      { option: 'leaveRunning', flag: 'leave-running', kind: 'switch' },
      { option: 'preDump', flag: 'pre-dump', kind: 'switch' },
    ],
    options,
  });
}

/** How a container is made of a checkpoint. */
export interface RestoreOptions extends ImageOptions {
  /** The folder of config.json. */
  readonly bundle: string;
  readonly pidFile?: string;
  readonly consoleSocket?: string;
  /** The runtime leaves as soon as the container runs. */
  readonly detach?: boolean;
}

/** `restore [OPTIONS] ID` */
export function restoreCommand(runtime: RuntimeVersion, id: string, options: RestoreOptions): CommandLine {
  return containerCommand<RestoreOptions>(runtime, 'restore', id, {
    rows: [
      ...IMAGE_ROWS,
      { option: 'bundle', flag: 'bundle', kind: 'text' },
      { option: 'pidFile', flag: 'pid-file', kind: 'text' },
      { option: 'consoleSocket', flag: 'console-socket', kind: 'text' },
      { option: 'detach', flag: 'detach', kind: 'switch' },
    ],
    options,
  });
}
