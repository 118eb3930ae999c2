import type { PinnedPath } from '@opencontainers-ts/rootfs-rewriter';
import { isSameBytes } from '@opencontainers-ts/runtime-spec';

import type { Settings } from '../../config/settings/settings.js';
import { encodeTable, plainTriggers } from '../../fast-path/fast-path-table.js';
import { mayHaveTable, rulesOfTable } from '../../fast-path/may-write-table.js';
import { TABLE_FOLDER, tableName } from '../../fast-path/write-table.js';
import { join } from '../../system/paths.js';
import { readFile } from '../../system/read-file.js';
import { isFailure, type System } from '../../system/system.js';

/** Whether calls that carry no trigger pass without the engine. */
export type TableFacts =
  | { readonly kind: 'believed' }
  /** There may be none: the engine looks at each call. */
  | { readonly kind: 'unwanted'; readonly why: string }
  /** The next call writes it. */
  | { readonly kind: 'none' }
  | { readonly kind: 'other'; readonly why: string };

/**
 * Compares what lies there with what a call would write now, as the launcher does (fast-path-table.cc).
 *
 * @param settings - of the calls whose table it is
 * @param handler - whose calls these are; undefined: calls under any other name
 */
export function tableFacts(
  system: System,
  settings: Settings,
  {
    program,
    handler,
    env,
    folder = TABLE_FOLDER,
  }: {
    readonly program: PinnedPath;
    readonly handler?: string | undefined;
    readonly env: Readonly<Record<string, string | undefined>>;
    readonly folder?: string;
  },
): TableFacts {
  if (!mayHaveTable(settings, env)) return { kind: 'unwanted', why: whyUnwanted(settings, env) };
  const wanted = tableFor(system, settings, program);
  if (wanted === undefined)
    return { kind: 'unwanted', why: 'the triggers of the rules do not fit into a table' };
  const path = join(folder, tableName({ launcher: program, handler }));
  const [above, status] = [system.lstat(folder), system.lstat(path)];
  if (!isFailure(above) && (above.uid !== 0 || (above.mode & 0o066) !== 0)) {
    return { kind: 'other', why: `the folder ${folder} is not root's alone` };
  }
  if (isFailure(status)) {
    return status.errno === 'ENOENT'
      ? { kind: 'none' }
      : { kind: 'other', why: `it cannot be looked at (${status.errno})` };
  }
  const { type, uid, mode, nlink } = status;
  if (type !== 'file' || uid !== 0 || (mode & 0o077) !== 0 || nlink !== 1) {
    return { kind: 'other', why: "it is not root's alone" };
  }
  const bytes = readFile(system, path);
  if (isFailure(bytes)) return { kind: 'other', why: `it cannot be read (${bytes.errno})` };
  return isSameBytes(bytes, wanted)
    ? { kind: 'believed' }
    : {
        kind: 'other',
        why: 'the program, the configuration or a folder above has changed since it was written',
      };
}

function tableFor(
  system: System,
  settings: Pick<Settings, 'required' | 'rules' | 'watched'>,
  { path }: PinnedPath,
): Uint8Array | undefined {
  const status = system.stat(path);
  if (isFailure(status)) return undefined;
  const { dev, ino, size, ctimeNs } = status;
  return encodeTable(
    {
      launcher: { dev, ino, size, ctimeNs },
      watched: settings.watched,
      triggers: plainTriggers(rulesOfTable(settings)),
    },
    system.fnv1a,
  );
}

function whyUnwanted(
  { fastPath, fault, profile, usualRuntimeAndLog }: Settings,
  env: Readonly<Record<string, string | undefined>>,
): string {
  if (env['OCIWRAP_CONFIG']) return 'OCIWRAP_CONFIG names another configuration';
  if (fault !== undefined) return 'the configuration cannot be used';
  if (!fastPath) return 'fast-path = false says so';
  if (profile === 'guardian') return 'the profile guardian has none';
  return usualRuntimeAndLog
    ? 'the settings have none'
    : 'the configuration names a runtime or a log of its own';
}
