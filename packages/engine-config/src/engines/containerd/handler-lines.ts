import type { HandlerRequest } from '../../engine-change.js';
import { isTable, type TomlTable, tableAt, textAt, textsAt } from '../../toml/toml-table.js';
import { tomlTable } from '../../toml/toml-text.js';
import type { ContainerdFiles } from './containerd-files.js';

const RUNC_SHIM = 'io.containerd.runc.v2';

/** Settings of a runtime that are ours to say, or that only shims of another kind have. */
const OWN_KEYS = ['runtime_type', 'runtime_path', 'runtime_engine', 'runtime_root', 'options'];
const OWN_OPTIONS = ['BinaryName', 'Root', 'TypeUrl', 'ConfigPath'];

/**
 * The tables of a handler. Whatever the node's own runc has, such as SystemdCgroup, ours gets too: with another driver of
 * cgroups than the kubelet's a pod does not start.
 *
 * @param isAlone - they are the whole of a file, so that the default can stand there too
 */
export function handlerLines(
  { table, names }: ContainerdFiles,
  { handler, program, podAnnotations, containerAnnotations = [], setDefault }: HandlerRequest,
  { isAlone }: { readonly isAlone: boolean },
): readonly string[] {
  const runtimes = tableAt(table, names.runtimes);
  const model = tableAt(runtimes, [
    modelOf(runtimes, textAt(table, [...names.containerd, 'default_runtime_name'])),
  ]);
  const pods = union(textsAt(model, ['pod_annotations']), podAnnotations);
  const containers = union(textsAt(model, ['container_annotations']), containerAnnotations);
  return [
    ...(isAlone && setDefault
      ? [...tomlTable(names.containerd, [['default_runtime_name', handler]]), '']
      : []),
    ...tomlTable(
      [...names.runtimes, handler],
      [
        ['runtime_type', RUNC_SHIM],
        ['pod_annotations', pods.length === 0 ? undefined : pods],
        ['container_annotations', containers.length === 0 ? undefined : containers],
        ...settingsOf(model, [...OWN_KEYS, 'pod_annotations', 'container_annotations']),
      ],
    ),
    ...tomlTable(
      [...names.runtimes, handler, 'options'],
      [['BinaryName', program], ...settingsOf(tableAt(model, ['options']), OWN_OPTIONS)],
    ),
  ];
}

/** `runc`, or what a node has instead of it: the default, if runc's shim starts that. */
function modelOf(runtimes: TomlTable, byDefault: string | undefined): string {
  if (Object.hasOwn(runtimes, 'runc') || byDefault === undefined) return 'runc';
  return textAt(runtimes, [byDefault, 'runtime_type']) === RUNC_SHIM ? byDefault : 'runc';
}

/** Settings that say something: what is empty, zero or false is what containerd takes anyway. */
function settingsOf(table: TomlTable, others: readonly string[]): readonly (readonly [string, unknown])[] {
  return Object.entries(table).filter(
    ([key, value]) =>
      !others.includes(key) &&
      !isTable(value) &&
      value !== '' &&
      value !== false &&
      value !== 0n &&
      value !== 0 &&
      !(Array.isArray(value) && value.length === 0),
  );
}

function union(one: readonly string[], other: readonly string[]): readonly string[] {
  return [...new Set([...one, ...other])];
}

/**
 * The tables that keep `runc` where a file names no runtime: with one named, the plugin of containerd 1 has only that one and
 * does not start, since its default is missing.
 */
export function runcLines({ names }: ContainerdFiles): readonly string[] {
  return tomlTable([...names.runtimes, 'runc'], [['runtime_type', RUNC_SHIM]]);
}
