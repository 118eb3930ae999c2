import type { EngineChange, EngineReload, FileChange } from '../engine-change.js';
import type { FoundEngine, NodeFiles } from '../found-engine.js';
import { fileText } from '../text/file-text.js';

/** The changes that are none left out. */
export function engineChange(
  engine: FoundEngine,
  handler: string,
  files: readonly FileChange[],
  reload: EngineReload,
  notes: readonly string[] = [],
): EngineChange {
  const changed = files.filter(({ before, after }) => before !== after);
  return { engine, handler, files: changed, reload, notes };
}

/** What systemd is asked for. */
export function reloadOf(action: 'restart' | 'reload', unit: string | undefined): EngineReload {
  return unit === undefined ? NO_RELOAD : { action, systemctl: [action, unit] };
}

/** For what is read anew at each start of a container. */
export const NO_RELOAD: EngineReload = { action: 'none', systemctl: [] };

/** A drop-in of ours goes as a whole. */
export function removedFile(files: NodeFiles, path: string): FileChange {
  return { path, before: fileText(files, path), after: undefined };
}

/** The text of a file of ours: nobody else writes into it. */
export function ownFile(files: NodeFiles, path: string, lines: readonly string[]): FileChange {
  return {
    path,
    before: fileText(files, path),
    after: ['# Written by ociwrap, and taken away by `ociwrap engine unconfigure`.', ...lines, ''].join('\n'),
  };
}
