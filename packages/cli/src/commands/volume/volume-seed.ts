import { printable } from '@opencontainers-ts/runtime-spec';
import type { CommandModule } from 'yargs';

import { CliError } from '../../cli-error.js';
import { imageIdentity } from '../../roots/image-identity.js';
import { amount, size } from '../../roots/seed-text.js';
import { seedVolume } from '../../roots/seed-volume.js';
import { resolve } from '../../system/paths.js';
import { readFile } from '../../system/read-file.js';
import { answerOf, OPEN, type System } from '../../system/system.js';
import { bytesOf, wordOf } from '../../system/text.js';
import type { TreeProgress } from '../../system/tree-calls.js';
import { writeAll } from '../../system/write-all.js';
import { failure } from '../failure.js';
import { type CommandOutput, wantsColor } from '../output.js';
import { usageText } from '../usage-text.js';
import type { Emit, World } from '../world.js';

export type VolumeSeedWorld = Pick<World, 'system' | 'cwd' | 'env' | 'userId'>;

export interface VolumeSeedOptions {
  /** The folder of the root of the image. */
  readonly image: string;
  /** The folder of the volume. */
  readonly volume: string;
  /** How the engine calls the image. */
  readonly imageName?: string;
}

const BOOT_ID = '/proc/sys/kernel/random/boot_id';
const ERASE_LINE = '\r\u001b[K';

/**
 * Fills an empty volume from an image, as the first start of a container with the strategy `seed` would. What is told appears as it
 * happens; on a terminal one line says how far it is.
 */
export function seed(
  { image, volume, imageName }: VolumeSeedOptions,
  { system, cwd, env, userId }: VolumeSeedWorld,
): CommandOutput {
  const opened: number[] = [];
  const write = (text: string) => void writeAll(system, 2, bytesOf(text));
  const isTerminal = wantsColor(system.isatty(2), env);
  const erase = isTerminal ? ERASE_LINE : '';
  const tell = (message: string) => write(`${erase}ociwrap: ${printable(message)}\n`);
  try {
    if (userId !== 0) {
      const message = 'only root can fill a volume: files have owners';
      throw new CliError('ERR_OUTPUT_UNWRITABLE', message, { hint: 'call it as root' });
    }
    for (const path of [image, volume]) opened.push(openFolder(system, resolve(cwd, path)));
    const [from = -1, to = -1] = opened;
    const done = seedVolume(system, {
      image: from,
      volume: to,
      imageIdentity: imageIdentity(system, from, imageName),
      bootId: wordOf(answerOf(readFile(system, BOOT_ID), BOOT_ID)).trim(),
      tell,
      ...(isTerminal ? { show: (now, all) => write(`${ERASE_LINE}${progressLine(now, all)}`) } : {}),
    });
    if (done === 'use')
      tell('the volume is not empty, and no start has left it in the middle: nothing was done');
    return { status: 0 };
  } catch (error) {
    write(erase);
    return failure(error);
  } finally {
    for (const fd of opened) system.close(fd);
  }
}

function openFolder(system: System, path: string): number {
  return answerOf(system.open(path, OPEN.directory), path);
}

/** `42 %  13,126 of 31,254 files, 0.9 of 2.1 GiB`. */
export function progressLine(done: TreeProgress, all: TreeProgress): string {
  const share = all.bytes === 0n ? 100n : (done.bytes * 100n) / all.bytes;
  const percent = String(share > 100n ? 100n : share).padStart(3);
  return `${percent} %  ${amount(done.entries)} of ${amount(all.entries)} files, ${size(done.bytes)} of ${size(all.bytes)}`;
}

interface VolumeSeedArguments {
  readonly image: string;
  readonly volume: string;
  readonly 'image-name': string | undefined;
}

/** `ociwrap volume seed`. */
export function volumeSeedCommand(
  world: VolumeSeedWorld,
  emit: Emit,
): CommandModule<object, VolumeSeedArguments> {
  return {
    command: 'seed <image> <volume>',
    describe: 'Fill an empty volume from the root of an image',
    builder: (yargs) =>
      yargs
        .usage(
          usageText(
            'Fills an empty volume from the root of an image, as the first start with the strategy "seed" would.',
            [['volume seed /run/b/rootfs /mnt/volume', 'fill it; when it is killed, call it again']],
          ),
        )
        .positional('image', {
          type: 'string',
          demandOption: true,
          describe: 'Folder of the root of the image',
        })
        .positional('volume', { type: 'string', demandOption: true, describe: 'Folder of the volume' })
        .option('image-name', {
          type: 'string',
          requiresArg: true,
          describe: 'Name of the image, as the engine calls it',
        }),
    handler: ({ image, volume, 'image-name': imageName }) =>
      emit(seed({ image, volume, ...(imageName === undefined ? {} : { imageName }) }, world)),
  };
}
