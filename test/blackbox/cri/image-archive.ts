import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { busyboxRoot } from '../kubelet-volume.js';
import { scratchFolder } from '../scratch.js';

/** An image of one layer, busybox, as an archive of an OCI image layout: what `ctr images import` reads. */
export function busyboxImage(name: string): string {
  const layout = scratchFolder('image');
  mkdirSync(join(layout, 'blobs/sha256'), { recursive: true });
  const blob = (bytes: Buffer | string, mediaType: string) => {
    const digest = createHash('sha256').update(bytes).digest('hex');
    writeFileSync(join(layout, 'blobs/sha256', digest), bytes);
    return { mediaType, digest: `sha256:${digest}`, size: Buffer.byteLength(bytes) };
  };

  const layerFile = join(layout, 'layer.tar');
  tar('-cf', layerFile, '-C', busyboxRoot('image'), '.');
  const layer = blob(readFileSync(layerFile), 'application/vnd.oci.image.layer.v1.tar');
  const config = blob(
    JSON.stringify({
      architecture: process.arch === 'x64' ? 'amd64' : process.arch,
      os: 'linux',
      config: { Env: ['PATH=/bin'], Cmd: ['/bin/sleep', '3600'] },
      rootfs: { type: 'layers', diff_ids: [layer.digest] },
    }),
    'application/vnd.oci.image.config.v1+json',
  );
  const manifest = blob(
    JSON.stringify({ schemaVersion: 2, config, layers: [layer] }),
    'application/vnd.oci.image.manifest.v1+json',
  );
  const annotations = { 'io.containerd.image.name': name };
  writeFileSync(
    join(layout, 'index.json'),
    JSON.stringify({ schemaVersion: 2, manifests: [{ ...manifest, annotations }] }),
  );
  writeFileSync(join(layout, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  const archive = join(scratchFolder('archive'), 'image.tar');
  tar('-cf', archive, '-C', layout, 'oci-layout', 'index.json', 'blobs');
  return archive;
}

function tar(...args: readonly string[]): void {
  const { status, stderr } = spawnSync('tar', args, { encoding: 'utf8' });
  if (status !== 0) {
    throw new Error(`tar ${args.join(' ')}: ${stderr}`);
  }
}
