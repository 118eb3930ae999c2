import type { FoundEngine, NodeFiles } from '../../found-engine.js';
import { fileText } from '../../text/file-text.js';
import { dropInName } from '../request.js';
import {
  type ContainerdFiles,
  importPatterns,
  K0S_DROP_INS,
  matches,
  splitPath,
} from './containerd-files.js';
import { hasCri } from './containerd-version.js';

/** The first line of a file that k0s keeps: who takes it out keeps the file by hand. */
export function isManagedByK0s(files: NodeFiles): boolean {
  const text = fileText(files, '/etc/k0s/containerd.toml');
  return (
    text === undefined || /^# k0s_managed=true\r?$/m.test(text.slice(0, text.indexOf('\n') + 1 || undefined))
  );
}

/**
 * The file of ours that is read and merged as is needed; undefined where there is none, and the block goes into a file of others.
 *
 * containerd merges sections of a plugin since 2.0 alone, whose configuration has version 3: with version 2 it may be a containerd 1,
 * for which a drop-in would take away all that the main file says of the plugin. k0s merges by itself, whatever the version.
 */
export function dropInOf(
  { distribution, configPath }: FoundEngine,
  read: ContainerdFiles,
  handler: string,
): string | undefined {
  const name = dropInName(handler, 'toml');
  const [main] = read.files;
  if (distribution === 'k0s') {
    const isManaged =
      main === undefined || main.path !== configPath || main.text.startsWith('# k0s_managed=true');
    if (isManaged) return `${K0S_DROP_INS}/${name}`;
  }
  if (main === undefined || main.isTemplate || read.version < 3) return undefined;
  const pattern = importPatterns(main.path, main.table).find((each) => {
    const { folder, name: names } = splitPath(each);
    return !folder.includes('*') && names.includes('*') && matches(name, names);
  });
  return pattern === undefined ? undefined : `${splitPath(pattern).folder}/${name}`;
}

/**
 * The file of others that a block is appended to: the last one that is imported with a section of the plugin, if any, since in
 * containerd 1 nothing else of the plugin counts; else the main file, or the template that it is made of.
 */
export function mainTarget({ distribution, configPath }: FoundEngine, read: ContainerdFiles): string {
  if (distribution === 'k3s' || distribution === 'rke2') {
    const { folder } = splitPath(configPath);
    return `${folder}/${read.version >= 3 ? 'config-v3.toml.tmpl' : 'config.toml.tmpl'}`;
  }
  if (read.version >= 3) return configPath;
  const last = read.files.findLast(({ table, isMerged }) => !isMerged && hasCri(table, read.names));
  return last?.path ?? configPath;
}
