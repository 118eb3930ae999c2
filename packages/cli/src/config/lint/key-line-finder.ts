import type { System } from '../../system/system.js';
import { textOf } from '../../system/text.js';
import { checkedFiles } from '../config-files.js';
import type { KeyPath } from '../settings/settings.js';

/**
 * Where a key stands in the files of the configuration. Of one that cannot be used nothing is shown, and nothing read.
 *
 * @returns a function that gives the line, counted from 1
 */
export async function keyLineFinder(
  { system, env }: { readonly system: System; readonly env: Readonly<Record<string, string | undefined>> },
  isUsable: boolean,
  handler?: string,
): Promise<(file: string, path: KeyPath) => number | undefined> {
  const { linesOfKeys } = await import('./key-lines.js');
  const files = isUsable ? checkedFiles(system, env, undefined, undefined, handler).texts : [];
  const finders = new Map(files.map(({ path, bytes }) => [path, linesOfKeys(textOf(bytes))] as const));
  return (file, path) => finders.get(file)?.(path);
}
