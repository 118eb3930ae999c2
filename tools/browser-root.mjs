// A headless browser for the tests, under .tools/roots: Debian's Chromium without a window, and what it needs, in a root directory
// of its own, whatever this machine has or lacks.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

import { downloadPackages, unpackPackages } from './debian-packages.mjs';
import { step, tools } from './workspace.mjs';

const RELEASE = 'trixie';
const PACKAGES = ['chromium-headless-shell', 'fonts-dejavu-core'];
/** What only a graphics card needs, and what only scripts of packages do: half as much again, and never loaded. */
const WITHOUT = /^(?:libllvm|mesa-|libz3-|perl)/;
/** In the root: by what it was made. */
const RECIPE = '.ociwrap-recipe';

/** Where it is: test/blackbox/browser.ts knows the place. */
export const browserFolder = join(tools, 'roots/browser');

/** Gives the folder of the browser's root; it is made where there is none, or where it was made otherwise. It appears whole or not at all. */
export function browserRoot() {
  const recipe = createHash('sha256')
    .update(readFileSync(import.meta.filename))
    .update(`${process.env.DEBIAN_MIRROR} ${process.arch}`)
    .digest('hex');
  const stamp = join(browserFolder, RECIPE);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === recipe) {
    return browserFolder;
  }
  step('a headless Chromium into .tools');
  const next = `${browserFolder}.next`;
  rmSync(next, { recursive: true, force: true });
  const apt = join(tools, 'apt/browser');
  const archives = downloadPackages(apt, RELEASE, PACKAGES);
  unpackPackages(
    archives.filter((path) => !WITHOUT.test(basename(path))),
    next,
  );
  rmSync(apt, { recursive: true });
  for (const name of ['dev', 'proc', 'tmp']) {
    mkdirSync(join(next, name), { recursive: true });
  }
  writeFileSync(join(next, RECIPE), recipe);
  rmSync(browserFolder, { recursive: true, force: true });
  renameSync(next, browserFolder);
  return browserFolder;
}
