import type { MountInfo } from '@opencontainers-ts/rootfs-rewriter';

/**
 * Parses `/proc/self/mountinfo` (proc_pid_mountinfo(5)): a line holds fixed fields, optional fields up to a lone
 * `-`, then file system type, source and super block options. The kernel writes space, tab, line feed and backslash
 * in paths as octal escapes.
 */
export function parseMountInfo(text: string): readonly MountInfo[] {
  const mounts: MountInfo[] = [];
  for (const line of text.split('\n')) {
    const fields = line.split(' ');
    const [, , , root, mountPoint, options] = fields;
    const fsType = fields[fields.indexOf('-', 6) + 1];
    if (root !== undefined && mountPoint !== undefined && options !== undefined && fsType !== undefined) {
      mounts.push({
        root: decodeOctal(root),
        mountPoint: decodeOctal(mountPoint),
        options: options.split(','),
        fsType,
      });
    }
  }
  return mounts;
}

/** Undoes the octal escapes of a path in mountinfo. */
export function decodeOctal(path: string): string {
  return path.includes('\\')
    ? path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
    : path;
}
