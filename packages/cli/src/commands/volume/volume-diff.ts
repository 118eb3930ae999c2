import { printable, printableJson, quoted } from '@opencontainers-ts/runtime-spec';

import { type Change, type Difference, differences } from '../../roots/upper-differences.js';
import { shownPath } from '../../roots/upper-tree.js';
import { resolve } from '../../system/paths.js';
import { answerOf, OPEN } from '../../system/system.js';
import { bytesOf, bytesOfWord, wordOf } from '../../system/text.js';
import type { CommandOutput } from '../output.js';
import { toStandardOutput } from '../standard-output.js';
import { toldWarnings } from '../told-warnings.js';
import { type VolumeWorld, withUpper, withVolume } from './opened-volume.js';

interface DiffOptions {
  readonly path: string;
  /** The root of the image, as on the command line. */
  readonly image: string | undefined;
  readonly json: boolean;
}

/** The letters of the lines. */
const LETTERS: Readonly<Record<Change, string>> = {
  'added-or-changed': 'AC',
  added: 'A',
  changed: 'C',
  replaced: 'R',
  deleted: 'D',
};

/** Prints what an upper says of its image. Status 0 whether or not there is anything. */
export function volumeDiff({ path, image, json }: DiffOptions, world: VolumeWorld): CommandOutput {
  const { system, cwd } = world;
  const warnings = toldWarnings();
  const tellTooDeep = (folder: string) =>
    warnings.add(`what is in ${quoted(shownPath(folder))} is not listed: its paths are too long`);
  const below = image === undefined ? undefined : resolve(cwd, image);
  const opened = below === undefined ? undefined : answerOf(system.open(below, OPEN.directory), below);
  try {
    return withVolume(path, world, (volume) =>
      withUpper(system, volume, (upper) =>
        toStandardOutput(system, (output) => {
          const found = differences(system, upper, opened, { tellTooDeep });
          if (json) writeJson(found, output.add);
          else for (const difference of found) output.add(lineOf(difference));
          return { status: 0, stderr: warnings.text() };
        }),
      ),
    );
  } finally {
    if (opened !== undefined) system.close(opened);
  }
}

/** An array with a line for each entry, written as it is found. */
function writeJson(found: Iterable<Difference>, add: (text: string) => void): void {
  let before = '[';
  for (const { path, change, type, isRedirected } of found) {
    const text = shownPath(path);
    const bytes = bytesOfWord(`/${path}`);
    const isExact = wordOf(bytesOf(text)) === wordOf(bytes);
    const entry = {
      path: text,
      // A name need not be UTF-8: then the path above is only for people.
      ...(isExact ? {} : { pathHex: hexOf(bytes) }),
      change,
      ...(type === undefined ? {} : { type }),
      ...(isRedirected === undefined ? {} : { isRedirected }),
    };
    add(`${before}\n  ${printableJson(JSON.stringify(entry))}`);
    before = ',';
  }
  add(before === '[' ? '[]\n' : '\n]\n');
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function lineOf({ path, change, type }: Difference): string {
  const text = `${shownPath(path)}${type === 'directory' ? '/' : ''}`;
  const shown = printable(text);
  // A replacement character stands for bytes that are no UTF-8.
  const isPlain = shown === text && !text.includes('\ufffd');
  return `${LETTERS[change].padEnd(2)} ${isPlain ? text : `"${printable(text.replace(/["\\]/g, '\\$&'))}"`}\n`;
}
