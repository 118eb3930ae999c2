import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import { nodeOnlyWrapper, packaged } from './programs.js';
import { scratchFolder } from './scratch.js';

/** Where the wrapper leaves its tables (packages/cli/src/fast-path/write-table.ts). */
export const tableFolder = '/run/ociwrap';

/** What a call ends with that reaches the Node of a package whose Node is broken. */
export const NODE_WAS_STARTED = 99;

/** A packaged folder that a test may change. */
export interface OwnPackage {
  readonly folder: string;
  readonly wrapper: string;
  /** The table of this package's launcher, which need not be there. */
  readonly table: string;
  /** From now on Node cannot be asked; whoever tries ends with {@link NODE_WAS_STARTED}. */
  breakNode(): void;
  mendNode(): void;
  /** Puts the launcher without the fast path in the place of the other. */
  useNodeOnly(): void;
  /** Puts the launcher back as it is packaged. */
  useFastPath(): void;
}

export function ownPackage(): OwnPackage {
  const folder = scratchFolder('package');
  chmodSync(folder, 0o755);
  const lib = join(folder, 'lib');
  const node = join(lib, 'node');
  const wrapper = join(folder, 'bin/oci-runtime-wrapper');
  mkdirSync(join(folder, 'bin'));
  mkdirSync(lib);
  const useFastPath = () => {
    rmSync(wrapper, { force: true });
    copyFileSync(join(packaged, 'bin/oci-runtime-wrapper'), wrapper);
  };
  useFastPath();
  for (const name of readdirSync(join(packaged, 'lib')).filter((name) => name !== 'node')) {
    copyFileSync(join(packaged, 'lib', name), join(lib, name));
  }
  const mendNode = () => {
    rmSync(node, { force: true });
    symlinkSync(join(packaged, 'lib/node'), node);
  };
  mendNode();
  return {
    folder,
    wrapper,
    mendNode,
    useFastPath,
    get table() {
      const { dev, ino } = statSync(wrapper, { bigint: true });
      return join(tableFolder, `${dev}-${ino}`);
    },
    breakNode: () => {
      rmSync(node, { force: true });
      writeFileSync(node, `#!/bin/sh\nexit ${NODE_WAS_STARTED}\n`, { mode: 0o755 });
    },
    useNodeOnly: () => {
      rmSync(wrapper);
      copyFileSync(nodeOnlyWrapper, wrapper);
    },
  };
}

/** Takes every table away. */
export function forgetTables(): void {
  if (existsSync(tableFolder)) rmSync(tableFolder, { recursive: true });
}
