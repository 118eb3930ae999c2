// The newest Node.js that tests run on, and the one in the roots of other systems: the official binary, from the npm package that ships it, by checksum.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { root, run, step, tools } from './workspace.mjs';

const { version, sha512 } = JSON.parse(readFileSync(join(root, 'tools/test-node.json'), 'utf8'));

/**
 * Gives the folder with `bin/node` and `LICENSE`, fetched once into .tools. The archive is checked against the
 * committed checksum before anything of it is unpacked, and the folder appears whole or not at all.
 */
export function testNode() {
  const folder = join(tools, `node-${version}`);
  if (existsSync(join(folder, 'bin/node'))) {
    return folder;
  }
  step(`Node.js ${version} for the tests`);
  const download = join(tools, 'node-download');
  rmSync(download, { recursive: true, force: true });
  mkdirSync(download, { recursive: true });
  const name = `node-linux-${process.arch}`;
  run('npm', ['pack', `${name}@${version}`, '--pack-destination', download, '--loglevel=error']);
  const archive = join(download, `${name}-${version}.tgz`);
  const found = createHash('sha512').update(readFileSync(archive)).digest('base64');
  if (found !== sha512[process.arch]) {
    console.error(`${name}@${version}: sha512 is ${found}, expected ${sha512[process.arch]}: not used`);
    process.exit(1);
  }
  run('tar', ['-xzf', archive, '-C', download, 'package/bin/node', 'package/LICENSE']);
  rmSync(folder, { recursive: true, force: true });
  renameSync(join(download, 'package'), folder);
  rmSync(download, { recursive: true, force: true });
  return folder;
}
