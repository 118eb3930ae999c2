import { resolve } from 'node:path';

import type { CdiProblem } from '@opencontainers-ts/device-injector';
import { printable } from '@opencontainers-ts/runtime-spec';
import { type CdiWorld, type FolderOptions, loadFolders, problemLine } from './cdi-folders.js';
import { failure } from './failure.js';
import { type CommandOutput, jsonOutput } from './output.js';
import { readInputFile } from './read-input.js';
import { usageError } from './usage-error.js';

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
    throw usageError('give files or --spec-dir, not both: a file is checked alone');
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
  const { files, problems } = await loadFolders(options, world);
  const folders = options.specDir.map((folder) => resolve(world.cwd, folder));
  const missing = folders.find((folder) => world.host.lstat(folder) === undefined);
  if (missing !== undefined) throw usageError(`${printable(missing)} is not there`);
  return { files: files.map(({ path }) => path), problems };
}

async function checkFiles(files: readonly string[], world: CdiWorld): Promise<Checked> {
  const { checkSpecText } = await import('@opencontainers-ts/device-injector');
  const problems = files.flatMap((path) => {
    const checked = checkSpecText(path, readInputFile(path, world));
    return 'message' in checked ? [checked] : [];
  });
  return { files, problems };
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
