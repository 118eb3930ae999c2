import type { LogSettings } from '../../log/wrapper-log.js';
import { dirname } from '../../system/paths.js';
import { isFailure, OPEN, type System } from '../../system/system.js';

/** The log of a node, and the file system that it is on. */
export interface LogFacts {
  readonly file: string;
  readonly level: LogSettings['level'];
  /** From which size on it is rotated; 0: never. */
  readonly maxSize: number;
  readonly size: bigint;
  readonly exists: boolean;
  /** Why it cannot be written. */
  readonly unwritable?: string;
  /** Of the file system; undefined where nobody says it. */
  readonly space?: {
    readonly freeBytes: bigint;
    readonly bytes: bigint;
    readonly freeInodes: bigint;
    readonly inodes: bigint;
  };
}

/** ST_RDONLY of statfs(2). */
const READ_ONLY = 1;

/** Looks at the log, and writes nothing to it. */
export function logFacts(system: System, { file, level, maxSize }: LogSettings): LogFacts {
  const status = system.lstat(file);
  const exists = !isFailure(status);
  const unwritable = exists ? whyNotAppended(system, file) : whyNotCreated(system, dirname(file));
  const found = system.statfs(exists ? file : dirname(file));
  return {
    file,
    level,
    maxSize,
    exists,
    size: exists ? status.size : 0n,
    ...(unwritable === undefined ? {} : { unwritable }),
    ...(isFailure(found)
      ? {}
      : {
          space: {
            freeBytes: found.freeBlocks * found.blockSize,
            bytes: found.blocks * found.blockSize,
            freeInodes: found.freeInodes,
            inodes: found.inodes,
          },
        }),
  };
}

/** Opens it as a record is appended (append-line.ts). */
function whyNotAppended(system: System, file: string): string | undefined {
  const flags = OPEN.write + OPEN.append + OPEN.noFollow + OPEN.nonBlocking + OPEN.noControllingTerminal;
  const fd = system.open(file, flags);
  if (isFailure(fd)) return fd.errno === 'ELOOP' ? 'it is a symlink, which is not followed' : fd.errno;
  const status = system.fstat(fd);
  system.close(fd); // nothing was written
  if (isFailure(status)) return status.errno;
  return status.type === 'file' ? undefined : 'it is no regular file';
}

function whyNotCreated(system: System, folder: string): string | undefined {
  const status = system.stat(folder);
  if (isFailure(status)) {
    return status.errno === 'ENOENT'
      ? 'the folder is not there'
      : `its folder cannot be looked at: ${status.errno}`;
  }
  if (status.type !== 'directory') return 'what should be its folder is none';
  const found = system.statfs(folder);
  if (!isFailure(found) && (found.flags & READ_ONLY) !== 0) return 'EROFS';
  return undefined;
}
