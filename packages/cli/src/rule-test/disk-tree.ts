import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

import { quoted } from '@opencontainers-ts/runtime-spec';
import { CliError } from '../cli-error.js';
import type { FolderTree } from './folder-tree.js';

/** The {@link FolderTree} of the machine. */
export const diskTree: FolderTree = {
  read: (path) => orAbsent(path, () => readFileSync(path)),
  list: (path) =>
    orAbsent(path, () => {
      const entries = readdirSync(path, { withFileTypes: true }).sort((one, other) =>
        one.name < other.name ? -1 : 1,
      );
      const names = (isWanted: (entry: (typeof entries)[number]) => boolean) =>
        entries.filter(isWanted).map(({ name }) => name);
      return {
        files: names((entry) => !entry.isDirectory()),
        folders: names((entry) => entry.isDirectory()),
      };
    }),
  write: (path, bytes) => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
  },
  remove: (path) => rmSync(path),
};

function orAbsent<T>(path: string, look: () => T): T | undefined {
  try {
    return look();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new CliError('ERR_INPUT_UNREADABLE', `cannot read ${quoted(path)}: ${code}`, {
      cause,
      details: { path },
    });
  }
}
