import { isAbsent, member, type UncheckedObject } from './json-view.js';

/** Without a word about any platform, a container is for Linux too. */
export function isForLinux(spec: UncheckedObject): boolean {
  const others = ['windows', 'solaris', 'freebsd', 'zos', 'vm'];
  return !isAbsent(member(spec, 'linux')) || others.every((platform) => isAbsent(member(spec, platform)));
}

/** Whether a path in the container is absolute, on Windows also with a drive or a share in front. */
export function isAbsolutePath(path: string, spec: UncheckedObject): boolean {
  const isForWindows = !isAbsent(member(spec, 'windows')) && !isForLinux(spec);
  return path.startsWith('/') || (isForWindows && /^(?:[a-z]:[\\/]|\\\\)/i.test(path));
}
