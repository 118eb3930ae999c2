import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { program } from './programs.js';
import { type Ended, runProgram } from './run-program.js';
import { mount, scratchFolder } from './scratch.js';

/** The options that the wrapper mounts an overlay with. */
const OPTIONS = 'index=off,metacopy=off,redirect_dir=off';

/** A volume that an overlay can have its upper on, and an image below it. */
export interface OverlayVolume {
  readonly path: string;
  readonly image: string;
  readonly upper: string;
  /** Where {@link mounted} shows what a container sees. */
  readonly merged: string;
}

/** @param path - of the volume; a tmpfs of its own where there is none */
export function overlayVolume(path = tmpfs('volume')): OverlayVolume {
  for (const name of ['upper', 'work']) mkdirSync(join(path, name));
  return { path, upper: join(path, 'upper'), image: tmpfs('image'), merged: scratchFolder('merged') };
}

function tmpfs(name: string): string {
  const folder = scratchFolder(name);
  mount('-t', 'tmpfs', '-o', 'mode=755', `ociwrap-${name}`, folder);
  return folder;
}

/** Runs a shell script in what a container on the volume would see, while it sees it. */
export function mounted(volume: OverlayVolume, script: string): Ended {
  const { path, image, merged } = volume;
  const layers = `lowerdir=${image},upperdir=${path}/upper,workdir=${path}/work,${OPTIONS}`;
  return shell(
    `mount -n -t overlay overlay -o "$1" "$2"
    status=0; (cd "$2"; ${script}) || status=$?
    umount -n "$2"; exit $status`,
    layers,
    merged,
  );
}

/** Runs a shell script, which ends at the first command that fails. */
export function shell(script: string, ...args: readonly string[]): Ended {
  return runProgram(program('sh'), ['-euc', script, 'sh', ...args], { env: { LC_ALL: 'C' } });
}

/** The same, where a failure is one of the test. */
export function done(ended: Ended): string {
  if (ended.status !== 0) throw new Error(`it ended with ${ended.status}: ${ended.stderr}`);
  return ended.stdout;
}

/** Lists a tree as far as a layer keeps it: of folders neither size nor times, and whole seconds of all else. */
export const LIST = `find . -mindepth 1 \\( -type d -printf 'd %m %U:%G %p\\n' \\) -o \\( -type l -printf 'l %U:%G %Ts %l %p\\n' \\) \\
  -o \\( -type s \\) -o -printf '%y %m %U:%G %s %n %Ts %p\\n' | sort`;
