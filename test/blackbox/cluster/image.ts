import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { root } from '../programs.js';
import { runProgram } from '../run-program.js';
import { scratchFolder } from '../scratch.js';

/** What `npm run image` leaves, and what it made it of. */
export const imageArchive = join(root, 'dist/ociwrap-image.tar');
export const imageContent = join(root, 'dist/ociwrap-image');

/** An image of the archive, for one architecture. */
export interface LoadedImage {
  /** The image's configuration (image-spec, config.md). */
  readonly config: object;
  /** The files of its layers, compressed. */
  readonly layers: readonly string[];
  /** What has to be fetched, in bytes. */
  readonly size: number;
}

interface Descriptor {
  readonly digest: string;
  readonly platform?: { readonly architecture: string };
}

/** Reads the image for an architecture, as a node does that fetches it. */
export function imageOf(architecture: string): LoadedImage {
  const layout = scratchFolder('layout');
  unpack(['-xf', imageArchive], layout);
  const blob = ({ digest }: Descriptor) => join(layout, 'blobs', digest.replace(':', '/'));
  const read = <Value>(file: string): Value => JSON.parse(readFileSync(file, 'utf8'));
  const [list, ...others] = read<{ manifests: Descriptor[] }>(join(layout, 'index.json')).manifests;
  if (list === undefined || others.length > 0) throw new Error('the archive has not one image');
  const ofArchitecture = read<{ manifests: Descriptor[] }>(blob(list)).manifests.filter(
    ({ platform }) => platform?.architecture === architecture,
  );
  const [manifest] = ofArchitecture;
  if (manifest === undefined || ofArchitecture.length > 1)
    throw new Error(`not one image for ${architecture}`);
  const { config, layers } = read<{ config: Descriptor; layers: Descriptor[] }>(blob(manifest));
  const files = [manifest, config, ...layers].map(blob);
  return {
    config: read(blob(config)),
    layers: layers.map(blob),
    size: files.reduce((sum, file) => sum + statSync(file).size, 0),
  };
}

/** A folder that is the root file system of the image. */
export function rootOfImage(architecture: string): string {
  const folder = scratchFolder('image-root');
  for (const layer of imageOf(architecture).layers) unpack(['-xzf', layer], folder);
  return folder;
}

function unpack(args: readonly string[], folder: string): void {
  const { status, stderr } = runProgram('tar', [...args, '-C', folder]);
  if (status !== 0) throw new Error(`tar ${args.join(' ')}: ${stderr}`);
}
