import { quoted } from '@opencontainers-ts/runtime-spec';

import { CliError } from '../../cli-error.js';
import { isUpperInUse } from '../../roots/one-container.js';
import { layerOf } from '../../roots/upper-layer.js';
import { type BufferedOutput, bufferedOutput } from '../../system/buffered-output.js';
import { basename, dirname, join, resolve } from '../../system/paths.js';
import { answerOf, type FileStatus, isFailure, OPEN, type System, SystemError } from '../../system/system.js';
import type { CommandOutput } from '../output.js';
import { toStandardOutput } from '../standard-output.js';
import { type ToldWarnings, toldWarnings } from '../told-warnings.js';
import { usageError } from '../usage-error.js';
import { type OpenedVolume, type VolumeWorld, withUpper, withVolume } from './opened-volume.js';

interface ExportOptions {
  readonly path: string;
  /** A file, or `-` for standard output. */
  readonly output: string;
}

/** Writes an upper as a layer of an image. */
export function volumeExport({ path, output }: ExportOptions, world: VolumeWorld): CommandOutput {
  const { system, cwd } = world;
  if (output === '-' && system.isatty(1)) {
    throw usageError(
      'an archive is not for a terminal: give --output FILE, or > FILE',
      'ociwrap volume export',
    );
  }
  return withVolume(path, world, (volume) => {
    const warnings = toldWarnings();
    if (output === '-') {
      return toStandardOutput(system, (into) => {
        writeLayer(system, volume, into, { status: system.fstat(1), warnings });
        return { status: 0, stderr: warnings.text() };
      });
    }
    writeFile(system, volume, resolve(cwd, output), warnings);
    return { status: 0, stderr: warnings.text() };
  });
}

interface Destination {
  readonly status: ReturnType<System['fstat']>;
  readonly warnings: ToldWarnings;
}

function writeLayer(
  system: System,
  volume: OpenedVolume,
  into: BufferedOutput,
  { status: output, warnings }: Destination,
): void {
  const isOutput = ({ dev, ino }: FileStatus) =>
    !isFailure(output) && output.type === 'file' && output.dev === dev && output.ino === ino;
  withUpper(system, volume, (upper) => {
    if (isUpperInUse(system, upper) === true) {
      warnings.add('a container uses the volume: what it writes meanwhile may be in the archive in part');
    }
    for (const piece of layerOf(system, upper, { warn: warnings.add, isOutput })) into.add(piece);
  });
}

/** A file is there whole or not at all; what is no file (a device, a FIFO) is written to as it is. */
function writeFile(system: System, volume: OpenedVolume, path: string, warnings: ToldWarnings): void {
  const there = system.stat(path);
  const isFile = isFailure(there) || there.type === 'file';
  const written = isFile ? join(dirname(path), `.${basename(path)}.${system.getpid()}`) : path;
  // Root's alone: an upper has what a container keeps secret.
  const flags = isFile ? OPEN.write + OPEN.create + OPEN.exclusive : OPEN.write;
  const opened = orUnwritable(path, () => answerOf(system.open(written, flags, 0o600), path));
  try {
    try {
      const into = bufferedOutput(system, opened, path);
      writeLayer(system, volume, outputTo(path, into), { status: system.fstat(opened), warnings });
      orUnwritable(path, () => {
        into.flush();
        if (isFile) answerOf(system.fsync(opened), path);
      });
    } finally {
      system.close(opened);
    }
    if (isFile) orUnwritable(path, () => answerOf(system.rename(written, path), path));
  } catch (error) {
    if (isFile) system.unlink(written);
    throw error;
  }
}

function outputTo(path: string, { add, flush }: BufferedOutput): BufferedOutput {
  return { add: (piece) => orUnwritable(path, () => add(piece)), flush: () => orUnwritable(path, flush) };
}

/** @throws CliError `ERR_OUTPUT_UNWRITABLE` for what the file system says */
function orUnwritable<T>(path: string, write: () => T): T {
  try {
    return write();
  } catch (cause) {
    if (!(cause instanceof SystemError)) throw cause;
    throw new CliError('ERR_OUTPUT_UNWRITABLE', `cannot write ${quoted(path)}: ${cause.code}`, {
      cause,
      details: { path },
    });
  }
}
