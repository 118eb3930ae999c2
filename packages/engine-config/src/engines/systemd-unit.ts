import type { NodeFiles } from '../found-engine.js';
import { fileText } from '../text/file-text.js';

/** Where units stand; the first that has one decides (systemd.unit(5)). */
const FOLDERS = [
  '/etc/systemd/system',
  '/run/systemd/system',
  '/usr/lib/systemd/system',
  '/lib/systemd/system',
];

/** Whether a node has a unit. */
export function hasUnit(files: NodeFiles, unit: string): boolean {
  return FOLDERS.some((folder) => files.exists(`${folder}/${unit}`));
}

/** The first of some units that the node has. */
export function unitAmong(files: NodeFiles, units: readonly string[]): string | undefined {
  return units.find((unit) => hasUnit(files, unit));
}

/**
 * The value that a unit gives one of the program's flags: `--config /a`, `--config=/a`. Drop-ins of the unit are read too, in
 * the order of their names; the last ExecStart counts.
 */
export function flagOfUnit(files: NodeFiles, unit: string, flags: readonly string[]): string | undefined {
  const folder = FOLDERS.find((each) => files.exists(`${each}/${unit}`));
  if (folder === undefined) return undefined;
  const dropIns = FOLDERS.toReversed().flatMap((each) =>
    files
      .list(`${each}/${unit}.d`)
      .filter((name) => name.endsWith('.conf'))
      .toSorted()
      .map((name) => `${each}/${unit}.d/${name}`),
  );
  const commands = [`${folder}/${unit}`, ...dropIns].flatMap((path) =>
    [
      ...(fileText(files, path) ?? '').replaceAll(/\\\r?\n/g, ' ').matchAll(/^[ \t]*ExecStart[ \t]*=(.*)$/gm),
    ].map(([, command = '']) => command.trim()),
  );
  const words = commands.findLast((command) => command !== '')?.split(/[ \t]+/) ?? [];
  for (const [index, word] of words.entries()) {
    for (const flag of flags) {
      const value =
        word === flag ? words[index + 1] : word.startsWith(`${flag}=`) ? word.slice(flag.length + 1) : '';
      const path = value?.replaceAll(/^["']|["']$/g, '') ?? '';
      if (path.startsWith('/')) return path;
    }
  }
  return undefined;
}
