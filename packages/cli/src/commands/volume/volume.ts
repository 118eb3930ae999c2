import type { CommandModule } from 'yargs';
import { usageText } from '../usage-text.js';
import type { Emit } from '../world.js';
import type { VolumeWorld } from './opened-volume.js';
import { volumeDiff } from './volume-diff.js';
import { volumeExport } from './volume-export.js';
import { volumeReset } from './volume-reset.js';
import { type VolumeSeedWorld, volumeSeedCommand } from './volume-seed.js';
import { volumeStatus } from './volume-status.js';
import { volumeUnlock } from './volume-unlock.js';

interface VolumeArguments {
  readonly path: string;
}

const PATH = { type: 'string', demandOption: true, describe: 'The top of the volume on this node' } as const;
const JSON_OPTION = { type: 'boolean', default: false, describe: 'Print data for machines' } as const;

/** `ociwrap volume`. */
export function volumeCommand(world: VolumeWorld & VolumeSeedWorld, emit: Emit): CommandModule {
  return {
    command: 'volume',
    describe: 'Fill a volume that is the root of containers, look at it, export it, or start it over',
    builder: (yargs) =>
      yargs
        .usage(
          usageText(
            'Fills a volume that is the root of containers, looks at it, exports it, or starts it over.',
            [
              ['volume seed /run/b/rootfs /mnt/pv', 'fill it from the root of an image'],
              ['volume status /mnt/pv', 'which image is it used with, by whom, how full is it?'],
              ['volume diff /mnt/pv', 'what does it have that the image has not?'],
              ['volume export /mnt/pv -o layer.tar', 'and that as a layer of an image'],
              ['volume reset /mnt/pv --keep /home --yes', 'begin again with the image, and the same /home'],
              ['volume unlock /mnt/pv', 'take away the lease of a node that is gone'],
            ],
          ),
        )
        .command(volumeSeedCommand(world, emit))
        .command<VolumeArguments & { readonly json: boolean; readonly size: boolean }>({
          command: 'status <path>',
          describe: 'Print what the volume is used for, by whom, and how full it is',
          builder: (status) =>
            status.positional('path', PATH).option('json', JSON_OPTION).option('size', {
              type: 'boolean',
              default: false,
              describe: 'Count all entries, also where there are more than 100,000',
            }),
          handler: ({ path, json, size }) => emit(volumeStatus({ path, json, size }, world)),
        })
        .command<VolumeArguments & { readonly json: boolean; readonly image: string | undefined }>({
          command: 'diff <path>',
          describe: 'Print how the upper differs from the image: A added, C changed, R replaced, D deleted',
          builder: (diff) =>
            diff.positional('path', PATH).option('json', JSON_OPTION).option('image', {
              type: 'string',
              requiresArg: true,
              describe: 'Root of the image, which tells added (A) from changed (C)',
            }),
          handler: ({ path, json, image }) => emit(volumeDiff({ path, json, image }, world)),
        })
        .command<VolumeArguments & { readonly output: string }>({
          command: 'export <path>',
          describe: 'Write the upper as a layer of an OCI image: a tar archive, uncompressed',
          builder: (builder) =>
            builder.positional('path', PATH).option('output', {
              alias: 'o',
              type: 'string',
              requiresArg: true,
              default: '-',
              describe: 'The file, or - for standard output',
            }),
          handler: ({ path, output }) => emit(volumeExport({ path, output }, world)),
        })
        .command<VolumeArguments & { readonly keep: string[]; readonly yes: boolean }>({
          command: 'reset <path>',
          describe: 'Remove what containers have written, so that the next one starts on its image',
          builder: (reset) =>
            reset
              .parserConfiguration({ 'populate--': true, 'greedy-arrays': false })
              .positional('path', PATH)
              .option('keep', {
                type: 'string',
                array: true,
                requiresArg: true,
                default: [] as string[],
                defaultDescription: 'nothing',
                describe: 'Path in the root that stays, with all that is in it; may be repeated',
              })
              .option('yes', {
                alias: 'y',
                type: 'boolean',
                default: false,
                describe: 'Do it: without this it only says what would go',
              }),
          handler: ({ path, keep, yes }) => emit(volumeReset({ path, keep, yes }, world)),
        })
        .command<VolumeArguments>({
          command: 'unlock <path>',
          describe: 'Take away the lease of another node, which is known to be gone',
          builder: (unlock) => unlock.positional('path', PATH),
          handler: ({ path }) => emit(volumeUnlock({ path }, world)),
        })
        .demandCommand(1, 'say what to do: seed, status, diff, export, reset or unlock'),
    handler: () => undefined,
  };
}
