import {
  chmodSync,
  chownSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import type { RecordingPlace } from '../../packages/cli/test/recorded-call.js';
import { specOf, withPvcRoot } from './bundle.js';
import { type KubeletVolume, kubeletVolume } from './kubelet-volume.js';
import { recordingRuntime, startInState, wrapper } from './programs.js';
import { mount, scratchFolder } from './scratch.js';

/** The wrapper as `runc` beside the recording runtime as `runc.real`: it is found without any variable. */
export interface SideBySide extends RecordingPlace {
  readonly wrapped: string;
  readonly volume: KubeletVolume;
  /** A folder in which every user may have a bundle. */
  readonly bundles: string;
}

export function sideBySide(): SideBySide {
  const bin = scratchFolder('bin');
  const runtime = join(bin, 'runc.real');
  const wrapped = join(bin, 'runc');
  copyFileSync(recordingRuntime, runtime);
  symlinkSync(wrapper, wrapped);
  const bundles = scratchFolder('bundles');
  for (const folder of [bin, bundles]) chmodSync(folder, 0o755);
  // The default log is the machine's.
  mount('--bind', scratchFolder('log'), '/var/log');
  return {
    startInState,
    runtime,
    wrapped,
    variables: [],
    volume: kubeletVolume(),
    bundles,
  };
}

/** A bundle that any user of these tests may rewrite. */
export class OwnBundle {
  readonly dir: Buffer;
  readonly #config: Buffer;
  readonly #text: string;

  constructor(place: SideBySide, name: Uint8Array, triggered: boolean, user: number) {
    this.dir = Buffer.concat([Buffer.from(`${place.bundles}/`), name]);
    this.#config = Buffer.concat([this.dir, Buffer.from('/config.json')]);
    const spec = specOf('');
    this.#text = JSON.stringify(triggered ? withPvcRoot(spec, place.volume) : spec);
    mkdirSync(this.dir, { recursive: true });
    writeFileSync(this.#config, this.#text);
    for (const path of [this.dir, this.#config]) chownSync(path, user, user);
  }

  get isRewritten(): boolean {
    return readFileSync(this.#config, 'utf8') !== this.#text;
  }
}
