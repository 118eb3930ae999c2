import type { NodeFiles } from '@opencontainers-ts/engine-config';

import { readFile } from '../system/read-file.js';
import { answerOf, isFailure, type System } from '../system/system.js';
import { textOf } from '../system/text.js';

/** What stands for nothing there: a missing entry, or one below a file. */
const MISSING = ['ENOENT', 'ENOTDIR'];

/**
 * The files of the node that this process is on. What is there and cannot be read is no missing file: it is thrown.
 *
 * @throws SystemError from each of its functions
 */
export function nodeFiles(system: System): NodeFiles {
  return {
    readFile: (path) => {
      const bytes = readFile(system, path);
      return isFailure(bytes) && MISSING.includes(bytes.errno) ? undefined : answerOf(bytes, path);
    },
    list: (folder) => {
      const names = system.readdir(folder);
      return isFailure(names) && MISSING.includes(names.errno) ? [] : answerOf(names, folder).map(textOf);
    },
    exists: (path) => !isFailure(system.stat(path)),
  };
}
