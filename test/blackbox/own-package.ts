import {
  chmodSync,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import { engineOnlyWrapper, fastPathOnlyWrapper, onNode, packaged } from './programs.js';
import { scratchFolder } from './scratch.js';

/** Where the wrapper leaves its tables (packages/cli/src/fast-path/write-table.ts). */
export const tableFolder = '/run/ociwrap';

/** What a call ends with that would start the engine where there is none. */
export const ENGINE_WAS_STARTED = 99;

/** A packaged folder that a test may change. */
export interface OwnPackage {
  readonly folder: string;
  readonly wrapper: string;
  /** The table of this package's program, which need not be there. */
  readonly table: string;
  /**
   * From now on there is no engine, and a table stays believed; a call that wants an engine ends with {@link ENGINE_WAS_STARTED}.
   *
   * @param tables - where the table is, by default the machine's folder
   */
  removeEngine(tables?: string): void;
  /** Puts the program back as it is packaged; a table stays believed. */
  restoreEngine(): void;
  /** Puts the program without the fast path in the place of the other. */
  useEngineOnly(): void;
  /** Puts the program back as it is packaged. */
  useFastPath(): void;
}

export function ownPackage(): OwnPackage {
  const folder = scratchFolder('package');
  chmodSync(folder, 0o755);
  const wrapper = join(folder, 'bin/oci-runtime-wrapper');
  mkdirSync(join(folder, 'bin'));
  symlinkSync('oci-runtime-wrapper', join(folder, 'bin/ociwrap'));
  const replaceBy = (program: string) => {
    rmSync(wrapper, { force: true });
    copyFileSync(program, wrapper);
  };
  const product = join(packaged, 'bin/oci-runtime-wrapper');
  replaceBy(product);
  if (onNode) copyFileSync(join(packaged, 'bin/exec_native.node'), join(folder, 'bin/exec_native.node'));
  const tablePath = (tables = tableFolder) => {
    const { dev, ino } = statSync(wrapper, { bigint: true });
    return join(tables, `${dev}-${ino}`);
  };
  const replaceKeepingTable = (program: string, tables?: string) => {
    const [before, stamp] = [tablePath(tables), stampOf(wrapper)];
    replaceBy(program);
    if (!existsSync(before)) return;
    const path = tablePath(tables);
    renameSync(before, path);
    if (!lstatSync(path).isFile()) return; // a test has put something else there
    const table = readFileSync(path, 'latin1');
    const fresh = tableFor(table, stamp, stampOf(wrapper));
    // In its place, so that whatever a test has done to the file stays.
    if (fresh !== table) writeFileSync(path, fresh, 'latin1');
  };
  return {
    folder,
    wrapper,
    get table() {
      return tablePath();
    },
    removeEngine: (tables) => replaceKeepingTable(fastPathOnlyWrapper, tables),
    restoreEngine: () => replaceKeepingTable(product),
    useEngineOnly: () => replaceBy(engineOnlyWrapper),
    useFastPath: () => replaceBy(product),
  };
}

/** What a table knows its program by. */
function stampOf(program: string): string {
  const { dev, ino, size, ctimeNs } = statSync(program, { bigint: true });
  return `launcher ${dev} ${ino} ${size} ${ctimeNs}`;
}

/** A table that is believed, as it would have been left for another program; any other as it is. */
function tableFor(table: string, before: string, now: string): string {
  const end = table.lastIndexOf('end ');
  const body = table.slice(0, end);
  const isWhole = table.slice(end) === `end ${fnv1a(Buffer.from(body, 'latin1'))}\n`;
  if (!isWhole || !body.includes(`\n${before}\n`)) return table;
  const fresh = body.replace(before, now);
  return `${fresh}end ${fnv1a(Buffer.from(fresh, 'latin1'))}\n`;
}

function fnv1a(bytes: Uint8Array): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of bytes) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash;
}

/** Takes every table away. */
export function forgetTables(): void {
  if (existsSync(tableFolder)) rmSync(tableFolder, { recursive: true });
}
