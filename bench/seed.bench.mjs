// Filling a volume from an image of 2 GB, by `cp -a --reflink=auto` with the flush that a filled volume has, and by the program, in
// turn, on the disk of this machine: with all of the image in memory, and with nothing of it.
import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ociwrap } from './programs.mjs';
import { interleave, ratioOf, spreadOf } from './statistics.mjs';

const ROUNDS = 5;

/** As images have them (31,000 files of a Debian with runtimes and engines): many small ones, and most bytes in a few. */
const SIZES = [
  [12_000, 1_500],
  [9_000, 6_000],
  [6_000, 20_000],
  [2_500, 120_000],
  [450, 1_000_000],
  [40, 24_000_000],
];
const FILES_IN_A_FOLDER = 40;

export async function bench({ isRoot, log }) {
  if (!isRoot) {
    return { title: 'Filling a volume', note: ['Not measured: it needs root.'], rows: [], targets: [] };
  }
  const work = mkdtempSync(join(tmpdir(), 'ociwrap-seed-'));
  try {
    const image = join(work, 'image');
    log('an image of 2 GB');
    makeImage(image);
    const volume = join(work, 'volume');
    const copy = fill(volume, 'sh', [
      '-c',
      'cp -a --reflink=auto "$0/." "$1" && sync -f "$1"',
      image,
      volume,
    ]);
    const seed = fill(volume, ociwrap, ['volume', 'seed', image, volume]);
    log(`${ROUNDS} rounds, the image in memory`);
    const warm = await interleave({ copy: () => copy(false), seed: () => seed(false) }, ROUNDS, 1);
    log(`${ROUNDS} rounds, the image on the disk`);
    const cold = await interleave({ copy: () => copy(true), seed: () => seed(true) }, ROUNDS, 0);
    const rows = [
      ['cp -a --reflink=auto, in memory', warm.copy, warm.copy],
      ['ociwrap volume seed, in memory', warm.seed, warm.copy],
      ['cp -a --reflink=auto, on the disk', cold.copy, cold.copy],
      ['ociwrap volume seed, on the disk', cold.seed, cold.copy],
    ].map(([name, times, base]) => ({ name, ...spreadOf(times), ratio: ratioOf(times, base) }));
    return {
      title: 'Filling a volume: 2 GB, 30,000 files, and their flush to the disk',
      note: [],
      rows,
      targets: [
        { what: 'filling from memory, in copies by cp', value: rows[1].ratio, atMost: 1.2 },
        { what: 'filling from the disk, in the same', value: rows[3].ratio, atMost: 1.2 },
      ],
    };
  } finally {
    rmSync(work, { recursive: true });
  }
}

/** Fills an empty volume, and takes it away again: the milliseconds between. */
function fill(volume, program, args) {
  return (isCold) => {
    mkdirSync(volume);
    spawnSync('sync');
    if (isCold) writeFileSync('/proc/sys/vm/drop_caches', '3');
    const start = process.hrtime.bigint();
    const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
    const took = Number(process.hrtime.bigint() - start) / 1e6;
    if (status !== 0) throw new Error(`${program}: ${stderr}`);
    rmSync(volume, { recursive: true });
    return took;
  };
}

function makeImage(image) {
  const bytes = Buffer.alloc(1 << 20, 'An image has text and programs. ');
  let number = 0;
  for (const [count, size] of SIZES) {
    for (let made = 0; made < count; made += 1) {
      const folder = join(image, `usr/${size}/${Math.floor(made / FILES_IN_A_FOLDER)}`);
      mkdirSync(folder, { recursive: true });
      const file = openSync(join(folder, `file-${number++}`), 'w');
      for (let left = size; left > 0; left -= bytes.length) {
        writeSync(file, bytes, 0, Math.min(left, bytes.length));
      }
      closeSync(file);
    }
  }
}
