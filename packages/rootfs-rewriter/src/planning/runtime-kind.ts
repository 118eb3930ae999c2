/** The runtimes that differ in the arguments, annotations and hooks they support. Any other runtime counts as runc. */
export type RuntimeKind = 'runc' | 'crun' | 'runsc' | 'youki';

/**
 * The runtime that a path leads to, judged by a word in the file name: `crun`, `crun-1.15`, `my-crun`; `krun` is crun under
 * another name. The name after following symlinks comes first (`runc` may be a symlink to crun, as in `/etc/alternatives`),
 * then the name in the path itself.
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
 * {@link runtimeKind}, but `undefined` if no name says it. One example is `nvidia-container-runtime`, which calls the runtime
 * that its own configuration names.
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
