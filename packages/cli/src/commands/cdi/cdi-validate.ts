import type { CdiProblem } from '@opencontainers-ts/device-injector';
import { quoted } from '@opencontainers-ts/runtime-spec';

import { resolve } from '../../system/paths.js';
import { failure } from '../failure.js';
import { type CommandOutput, jsonOutput } from '../output.js';
import { readInputFile } from '../read-input.js';
import { usageError } from '../usage-error.js';
import { type CdiWorld, type FolderOptions, loadFolders, problemLine } from './cdi-folders.js';

interface ValidateCdiOptions extends FolderOptions {
  /** Spec files; the folders if there is none. */
  readonly files?: readonly string[] | undefined;
  readonly json: boolean;
}

interface Checked {
  readonly files: readonly string[];
  readonly problems: readonly CdiProblem[];
}

/** Checks specs. Status 1 when there is a problem with one of them, or with a folder. */
export async function validateCdi(
  { files = [], json, ...options }: ValidateCdiOptions,
  world: CdiWorld,
): Promise<CommandOutput> {
  if (files.length > 0 && options.specDir.length > 0) {
    throw usageError('give files or --spec-dir, not both: a file is checked alone', 'ociwrap cdi validate');
  }
  let checked: Checked;
  try {
    checked = files.length === 0 ? await checkFolders(options, world) : await checkFiles(files, world);
  } catch (error) {
    return failure(error);
  }
  const { problems } = checked;
  const status = problems.length === 0 ? 0 : 1;
  if (json) return { status, stdout: jsonOutput({ valid: status === 0, ...checked }) };
  return {
    status,
    stdout: problems.map(problemLine).join(''),
    stderr: `${count(checked.files.length, 'spec')}, ${count(problems.length, 'problem')}\n`,
  };
}

async function checkFolders(options: FolderOptions, world: CdiWorld): Promise<Checked> {
  const { lintSpecText } = await import('@opencontainers-ts/device-injector');
  const { directories, files, problems } = await loadFolders(options, world);
  const folders = options.specDir.map((folder) => resolve(world.cwd, folder));
  const missing = folders.find((folder) => world.host.lstat(folder) === undefined);
  if (missing !== undefined) throw usageError(`${quoted(missing)} is not there`, 'ociwrap cdi validate');
  const misnamed = await Promise.all(directories.map((folder) => misnamedIn(folder, world)));
  const lints = files.flatMap(({ path }) => {
    const bytes = world.host.readFile(path);
    return bytes === undefined ? [] : lintSpecText(path, bytes);
  });
  return { files: files.map(({ path }) => path), problems: [...problems, ...misnamed.flat(), ...lints] };
}

async function checkFiles(files: readonly string[], world: CdiWorld): Promise<Checked> {
  const { lintSpecText } = await import('@opencontainers-ts/device-injector');
  const problems = await Promise.all(
    files.map(async (path) => [
      ...(await misnamed([path])),
      ...lintSpecText(path, readInputFile(path, world)),
    ]),
  );
  return { files, problems: problems.flat() };
}

async function misnamedIn(folder: string, { host }: CdiWorld): Promise<readonly CdiProblem[]> {
  let names: readonly string[];
  try {
    names = host.readDirectory(folder) ?? [];
  } catch (error) {
    // Of a folder that cannot be read the registry has told.
    if (typeof (error as { readonly code?: unknown }).code === 'string') return [];
    throw error;
  }
  const paths = [...names].sort().map((name) => `${folder}/${name}`);
  return await misnamed(paths.filter((path) => host.lstat(path)?.type !== 'directory'));
}

async function misnamed(paths: readonly string[]): Promise<readonly CdiProblem[]> {
  const { isMisnamedSpec } = await import('@opencontainers-ts/device-injector');
  return paths.filter(isMisnamedSpec).map((path) => ({
    path,
    message: 'no runtime reads a CDI spec of this name: it must end in ".json" or ".yaml", in small letters',
  }));
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
