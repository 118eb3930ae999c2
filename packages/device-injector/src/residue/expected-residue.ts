import type { VolumeResidue } from '@opencontainers-ts/rootfs-rewriter';
import { type JsonObject, objectsAt, textOf, textsAt } from '@opencontainers-ts/rootfs-rewriter/spec-edit';

import type { CdiMount } from '../edits/mounts.js';
import { cleanPath } from '../go-path.js';

const MOUNTS = ['mounts'];
const HOOKS = ['hooks', 'createContainer'];

/**
 * What a start with this spec leaves on its root: the mount points of what CDI mounts, and the links that the hook
 * `create-symlinks` of nvidia-cdi-hook and nvidia-ctk makes. What lies beneath another mount is not on the root.
 *
 * @param spec - the spec as it will be started
 * @param mounts - those of them that CDI put there
 */
export function expectedResidue(spec: JsonObject, mounts: readonly CdiMount[]): VolumeResidue {
  const mounted = new Set(
    objectsAt(spec, MOUNTS).map((mount) => cleanPath(textOf(mount, 'destination', MOUNTS))),
  );
  const onRoot = (path: string) =>
    path !== '/' && path.startsWith('/') && !foldersAbove(path).some((folder) => mounted.has(folder));
  const mountPoints = mounts.map(({ containerPath }) => cleanPath(containerPath)).filter(onRoot);
  const links = objectsAt(spec, HOOKS)
    .flatMap(linksOf)
    .filter(({ path }) => onRoot(path));
  return {
    mountPoints: [...new Set(mountPoints)].map((path) => path.slice(1)),
    links: links.map(({ path, target }) => ({ path: path.slice(1), target })),
  };
}

/** Those that the path lies in, without `/`. */
function foldersAbove(path: string): readonly string[] {
  const folders: string[] = [];
  for (let end = path.indexOf('/', 1); end > 0; end = path.indexOf('/', end + 1))
    folders.push(path.slice(0, end));
  return folders;
}

/** `--link target::path` or `--link=target::path`, as often as there are links. */
function linksOf(hook: JsonObject): readonly { readonly path: string; readonly target: string }[] {
  const args = textsAt(hook, ['args']);
  if (!args.includes('create-symlinks')) return [];
  return args.flatMap((arg, index) => {
    const value = /^--?link$/.test(arg) ? args[index + 1] : /^--?link=(.*)$/s.exec(arg)?.[1];
    const [target, path, ...rest] = value?.split('::') ?? [];
    return target === undefined || path === undefined || rest.length > 0
      ? []
      : [{ target, path: cleanPath(`/${path}`) }];
  });
}
