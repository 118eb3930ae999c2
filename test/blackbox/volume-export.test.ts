import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { beforeAll, expect, test } from '@jest/globals';

import { done, LIST, mounted, type OverlayVolume, overlayVolume, shell } from './overlay-volume.js';
import { describeWith, ociwrap, onNode, program } from './programs.js';
import { runProgram } from './run-program.js';
import { scratchFolder } from './scratch.js';

const IMAGE = `
  mkdir -p etc/ssh home/me usr/lib/deep opt/app/data was-folder/below was-opaque/below
  for file in etc/motd etc/passwd etc/ssh/key home/me/old usr/lib/a usr/lib/deep/b opt/app/x was-folder/below/f was-opaque/below/f was-file; do
    echo "of the image: $file" > $file
  done
  ln -s ../etc was-link; mknod was-device c 1 7; touch -d @1500000000 etc/motd`;

const CHANGES = `
  rm etc/motd; echo more >> etc/passwd; chmod 600 etc/passwd; chown 1000:1001 home/me/old
  rm -rf usr; mkdir usr; echo new > usr/new; ln usr/new usr/hard; ln usr/new hard
  rm -r was-folder; echo file > was-folder; rm was-file; mkdir was-file; echo f > was-file/f
  rm -r was-opaque; mkdir -p was-opaque/below; echo g > was-opaque/below/g
  rm was-link was-device; mknod null c 1 3; mknod disk b 259 70000; mkfifo pipe; ln -s /etc/passwd link
  ln -s "$(printf 'l%.0s' $(seq 200))" long-link; chown -h 5:6 link
  mkdir -p "$(printf 'd%.0s' $(seq 120))/$(printf 'e%.0s' $(seq 255))"; echo deep > d*/e*/file
  echo x > "$(printf 'n%.0s' $(seq 255))"; echo x > "a
b"; echo x > "$(printf 'latin\\\\351')"; echo x > naïve; echo x > "with = and blank"
  head -c 300001 /dev/urandom > big; truncate -s 1M sparse; : > empty
  chown 4294967294:3000000 empty; chmod 6755 big; touch -d @-5 before-1970; touch -d @1234567890.75 half
  setfattr -n user.mine -v 'a
b' big; setfattr -n security.capability -v 0x0100000200200000000000000000000000000000 big
  setfattr -n trusted.mine -v t usr`;

describeWith(['tar', 'setfattr', 'find', 'podman', 'sort'], 'ociwrap volume export', () => {
  if (onNode) {
    test('says that it needs the packaged program', () => {
      const ended = runProgram(ociwrap, ['volume', 'export', overlayVolume().path, '-o', '/dev/null']);
      expect(ended).toMatchObject({ status: 1, stderr: expect.stringContaining('[ERR_SYSTEM_CALL]') });
    });
    return;
  }

  let volume: OverlayVolume;
  let layer: string;
  beforeAll(() => {
    volume = overlayVolume();
    done(shell(`cd "$1"; ${IMAGE}`, volume.image));
    done(mounted(volume, CHANGES));
    layer = join(scratchFolder('layer'), 'layer.tar');
    const { status, stderr } = runProgram(ociwrap, ['volume', 'export', volume.path, '-o', layer]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  test('GNU tar lists it, and unpacks what the upper holds', () => {
    const listed = runProgram(program('tar'), ['-tvf', layer]);
    expect(listed.status).toBe(0);
    for (const name of [
      'etc/.wh.motd',
      '.wh.was-link',
      'usr/.wh..wh..opq',
      'was-opaque/.wh..wh..opq',
      'usr/hard link to hard',
    ]) {
      expect(listed.stdout).toContain(` ${name}\n`);
    }
    const unpacked = scratchFolder('unpacked');
    const options = ['--numeric-owner', '--xattrs', '--xattrs-include=*', '-C', unpacked];
    expect(runProgram(program('tar'), ['-xpf', layer, ...options])).toMatchObject({ status: 0 });
    const list = (folder: string) =>
      done(shell(`cd "$1"; ${LIST}`, folder))
        .split('\n')
        .filter((line) => !/^c 0 | \S*\.wh\.\S*$/.test(line));
    expect(list(unpacked)).toEqual(list(volume.upper));
    const same = `cd "$1"; find . -type f ! -name '.wh.*' -exec cmp {} "$2"/{} \\;`;
    expect(shell(same, unpacked, volume.upper)).toMatchObject({ status: 0, stdout: '', stderr: '' });
    const attributes = `cd "$1"; getfattr -d -m '^(user|trusted.mine|security.cap)' -R . | sort`;
    const inUpper = done(shell(attributes, volume.upper));
    expect(inUpper).toMatch(/^security.capability=.*\ntrusted.mine="t"\nuser.mine=0sYQpi$/m);
    expect(done(shell(attributes, unpacked))).toBe(inUpper);
  });

  test('the same upper gives the same bytes, wherever they are written', () => {
    expect(shell('"$1" volume export "$2" | cmp - "$3"', ociwrap, volume.path, layer)).toMatchObject({
      status: 0,
    });
    expect(shell('"$1" volume export "$2" -o - | cmp - "$3"', ociwrap, volume.path, layer)).toMatchObject({
      status: 0,
    });
  });

  test('above its image, podman has the root that the container had', () => {
    const seen = done(mounted(volume, LIST));
    const folder = scratchFolder('oci');
    const base = join(scratchFolder('base'), 'base.tar');
    done(shell('tar --numeric-owner --xattrs -C "$1" -cf "$2" .', volume.image, base));
    imageLayout(join(folder, 'image'), [base, layer]);
    const place = scratchFolder('podman');
    const storage = [
      ['--root', join(place, 'root')],
      ['--runroot', join(place, 'run')],
      ['--tmpdir', join(place, 'tmp')],
    ];
    const podman = (...args: readonly string[]) =>
      runProgram(program('podman'), [...storage.flat(), '--storage-driver', 'vfs', ...args], {
        env: { HOME: place, TMPDIR: place, PODMAN_IGNORE_CGROUPSV1_WARNING: '1' },
        cwd: folder, // podman calls the image as its path, in which it takes no capital letters
      });
    const policy = join(place, 'policy.json');
    writeFileSync(policy, '{"default": [{"type": "insecureAcceptAnything"}]}');
    const id = done(podman('pull', '--quiet', '--signature-policy', policy, 'oci:image')).trim();
    const root = done(podman('image', 'mount', id)).trim();
    try {
      // Its storage makes copies of what has two names, and no file older than 1970 (boundTime in its archive.go).
      const comparable = (text: string) =>
        text.replace(/^(f \d+ \d+:\d+ \d+) \d+/gm, '$1').replace(' -5 ./before-1970', ' 0 ./before-1970');
      expect(comparable(done(shell(`cd "$1"; ${LIST}`, root)))).toBe(comparable(seen));
    } finally {
      podman('image', 'unmount', id);
    }
  });

  test('a name that a layer cannot have leaves the old file as it was', () => {
    const other = overlayVolume();
    writeFileSync(join(other.upper, '.wh.mine'), '');
    const file = join(scratchFolder('kept'), 'layer.tar');
    writeFileSync(file, 'before');
    const ended = runProgram(ociwrap, ['volume', 'export', other.path, '-o', file]);
    expect(ended).toMatchObject({ status: 1, stderr: expect.stringContaining('[ERR_LAYER_ENTRY]') });
    expect(readFileSync(file, 'utf8')).toBe('before');
  });

  test('a full disk is an error, with and without a file of its own', () => {
    for (const command of ['"$1" volume export "$2" > /dev/full', '"$1" volume export "$2" -o /dev/full']) {
      expect(shell(command, ociwrap, volume.path)).toMatchObject({
        status: 1,
        stderr: expect.stringMatching(
          /cannot write (?:standard output|"\/dev\/full"): ENOSPC \[ERR_OUTPUT_UNWRITABLE\]/,
        ),
      });
    }
  });

  test('500 MiB take no more memory than a kilobyte', () => {
    const other = overlayVolume();
    done(shell('truncate -s 500M "$1"/large', other.upper));
    // 64 MiB of data beyond what the program has from the start.
    const limited = shell('ulimit -d 65536; "$1" volume export "$2" | wc -c', ociwrap, other.path);
    expect(limited).toMatchObject({ status: 0, stdout: `${500 * 1024 * 1024 + 512 + 1024}\n` });
  });
});

/** An image as a folder (image-layout.md of the image specification). */
function imageLayout(folder: string, layers: readonly string[]): void {
  const blobs = join(folder, 'blobs/sha256');
  mkdirSync(blobs, { recursive: true });
  const add = (content: Uint8Array, mediaType: string) => {
    const digest = createHash('sha256').update(content).digest('hex');
    writeFileSync(join(blobs, digest), content);
    return { mediaType, digest: `sha256:${digest}`, size: content.length };
  };
  const json = (value: object, kind: string) =>
    add(Buffer.from(JSON.stringify(value)), `application/vnd.oci.image.${kind}+json`);
  const added = layers.map((path) => add(readFileSync(path), 'application/vnd.oci.image.layer.v1.tar'));
  const config = json(
    {
      architecture: process.arch === 'x64' ? 'amd64' : process.arch,
      os: 'linux',
      rootfs: { type: 'layers', diff_ids: added.map(({ digest }) => digest) },
    },
    'config.v1',
  );
  const manifest = json({ schemaVersion: 2, config, layers: added }, 'manifest.v1');
  writeFileSync(join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [manifest] }));
  writeFileSync(join(folder, 'oci-layout'), '{"imageLayoutVersion": "1.0.0"}');
}
