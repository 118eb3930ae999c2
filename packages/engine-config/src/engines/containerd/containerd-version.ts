import { type TomlPath, type TomlTable, tableAt } from '../../toml/toml-table.js';

/** Where a version of containerd's configuration has what is about runtimes. */
export interface ContainerdNames {
  /** The table of the CRI plugin. */
  readonly cri: TomlPath;
  readonly containerd: TomlPath;
  readonly runtimes: TomlPath;
}

/** The names of the plugin: version 1 has a short one, version 3 has a plugin for runtimes alone. */
export function namesOfVersion(version: number): ContainerdNames {
  const plugin =
    version <= 1 ? 'cri' : version === 2 ? 'io.containerd.grpc.v1.cri' : 'io.containerd.cri.v1.runtime';
  const cri = ['plugins', plugin];
  return { cri, containerd: [...cri, 'containerd'], runtimes: [...cri, 'containerd', 'runtimes'] };
}

/** The version of a file; one that says nothing has the first (containerd: config.go, GetVersion). */
export function versionOf(table: TomlTable): number {
  const { version } = table;
  return typeof version === 'bigint' && version > 0n && version < 100n ? Number(version) : 1;
}

/** Whether a file turns the CRI plugin off, by the name that its version knows it by, or any other. */
export function isCriDisabled(table: TomlTable): boolean {
  const { disabled_plugins: disabled } = table;
  const names = ['cri', 'io.containerd.grpc.v1.cri', 'io.containerd.cri.v1.runtime'];
  return Array.isArray(disabled) && disabled.some((name) => names.includes(name));
}

/** Whether a file has a table of the CRI plugin. */
export function hasCri(table: TomlTable, { cri }: ContainerdNames): boolean {
  return Object.keys(tableAt(table, cri)).length > 0;
}
