/**
 * The runtimes that differ in what they read: arguments, annotations, hooks. What is none of the others counts as runc.
 */
export type RuntimeKind = 'runc' | 'crun' | 'runsc' | 'youki';

/**
 * Which runtime a path leads to, by a word in the name of the file at its end (`runc` may be a symlink to crun, as
 * `/etc/alternatives` makes them), and where that says nothing by a word in its own: `crun`, `crun-1.15`, `my-crun`;
 * `krun` is crun by another name.
 *
 * @example
 * ```ts
 * import { runtimeKind } from '@opencontainers-ts/rootfs-rewriter';
 *
 * console.log(runtimeKind({ path: '/usr/bin/runc', realPath: '/usr/bin/crun-1.15' })); // crun
 * ```
 */
export function runtimeKind(
  runtime: { readonly path: string; readonly realPath?: string } | undefined,
): RuntimeKind {
  return namedRuntimeKind(runtime) ?? 'runc';
}

/**
 * The same, where a name says it: `undefined` for `nvidia-container-runtime`, say, which calls runc or crun, whichever
 * its own configuration names.
 *
 * @example
 * ```ts
 * import { namedRuntimeKind } from '@opencontainers-ts/rootfs-rewriter';
 *
 * console.log(namedRuntimeKind({ path: '/usr/bin/youki' })); // youki
 * console.log(namedRuntimeKind({ path: '/usr/bin/nvidia-container-runtime.real' })); // undefined
 * ```
 */
export function namedRuntimeKind(
  runtime: { readonly path: string; readonly realPath?: string } | undefined,
): RuntimeKind | undefined {
  return kindOfName(runtime?.realPath) ?? kindOfName(runtime?.path);
}

function kindOfName(path: string | undefined): RuntimeKind | undefined {
  const words = path?.slice(path.lastIndexOf('/') + 1).split(/[^a-z]+/) ?? [];
  if (words.includes('crun') || words.includes('krun')) return 'crun';
  if (words.includes('runsc')) return 'runsc';
  if (words.includes('youki')) return 'youki';
  return words.includes('runc') ? 'runc' : undefined;
}
