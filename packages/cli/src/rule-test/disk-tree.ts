import { quoted } from '@opencontainers-ts/runtime-spec';

import { CliError } from '../cli-error.js';
import { makeFolders } from '../system/make-folders.js';
import { dirname } from '../system/paths.js';
import { readFile } from '../system/read-file.js';
import { answerOf, type Failure, isFailure, type System, SystemError } from '../system/system.js';
import { bytesOf, textOf } from '../system/text.js';
import { writeFile } from '../system/write-file.js';
import type { FolderTree } from './folder-tree.js';

/** The {@link FolderTree} of the machine. */
export function diskTree(system: System): FolderTree {
  return {
    read: (path) => orAbsent(path, readFile(system, path)),
    list: (path) => {
      const names = orAbsent(path, system.readdir(path))?.map(textOf).sort();
      if (names === undefined) return undefined;
      const isFolder = (name: string) =>
        orAbsent(`${path}/${name}`, system.lstat(`${path}/${name}`))?.type === 'directory';
      const folders = new Set(names.filter(isFolder));
      return { files: names.filter((name) => !folders.has(name)), folders: [...folders] };
    },
    write: (path, bytes) => {
      makeFolders(system, dirname(path), 0o777);
      writeFile(system, path, bytesOf(bytes), 0o666);
    },
    remove: (path) => {
      answerOf(system.unlink(path), path);
    },
  };
}

function orAbsent<T>(path: string, answer: T | Failure): T | undefined {
  if (!isFailure(answer)) return answer;
  const { errno } = answer;
  if (errno === 'ENOENT' || errno === 'ENOTDIR') return undefined;
  throw new CliError('ERR_INPUT_UNREADABLE', `cannot read ${quoted(path)}: ${errno}`, {
    cause: new SystemError(answer, path),
    details: { path },
  });
}
