// The packages as npm receives them, and the compiled part of exec-native for every kind of machine that it is for.
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { crossCompiler } from '../cross-programs.mjs';
import { root, toolEnvironment } from '../workspace.mjs';
import { must } from './release-folder.mjs';

const platforms = join(root, 'packages/exec-native/platforms');

/** Each platform's package, with the addon in it. */
export function buildAddons() {
  for (const name of readdirSync(platforms)) {
    const [, cpu, libc] = name.split('-');
    const compiler = crossCompiler(cpu === 'x64' ? 'amd64' : 'arm64', 'g++');
    if (compiler === undefined) throw new Error(`there is no compiler for ${name}`);
    const tool = join(root, 'packages/exec-native/tools/build-native.mjs');
    const out = join(platforms, name, 'exec_native.node');
    must(process.execPath, [tool, '--force', '--libc', libc, '--out', out], { env: { CXX: compiler } });
  }
}

/** @returns the names of the files that are made in the folder */
export function packPackages(folder) {
  mkdirSync(folder, { recursive: true });
  return publishedFolders().map((place) => {
    const { name } = JSON.parse(readFileSync(join(place, 'package.json'), 'utf8'));
    const file = `${name.replace('@', '').replace('/', '-')}.tgz`;
    must('pnpm', ['pack', '--out', join(folder, file)], { cwd: place, env: toolEnvironment() });
    return file;
  });
}

function publishedFolders() {
  const packages = readdirSync(join(root, 'packages')).map((name) => join(root, 'packages', name));
  return [...packages, ...readdirSync(platforms).map((name) => join(platforms, name))].filter((place) => {
    const file = join(place, 'package.json');
    return existsSync(file) && JSON.parse(readFileSync(file, 'utf8')).private !== true;
  });
}
