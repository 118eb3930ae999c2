const WITH_NEGATION = ['async', 'atime', 'diratime', 'iversion', 'lazytime', 'loud', 'mand', 'relatime'];
const PAIRS = [
  ['dev', 'nodev'],
  ['exec', 'noexec'],
  ['suid', 'nosuid'],
  ['symfollow', 'nosymfollow'],
  ['ro', 'rw'],
  ['strictatime', 'nostrictatime'],
];
const RECURSIVE = [
  ...['rro', 'rrw', 'rdev', 'rnodev', 'rexec', 'rnoexec', 'rsuid', 'rnosuid', 'rsymfollow', 'rnosymfollow'],
  ...['ratime', 'rnoatime', 'rdiratime', 'rnodiratime', 'rrelatime', 'rnorelatime', 'rstrictatime'],
  'rnostrictatime',
];
const PROPAGATION = ['private', 'shared', 'slave', 'unbindable'].flatMap((kind) => [kind, `r${kind}`]);

/** Of these, what runc does not know and takes for data of a file system, which a bind mount cannot have. */
export const UNKNOWN_TO_RUNC: ReadonlySet<string> = new Set([
  ...['defaults', 'noasync', 'noloud', 'copy-symlink', 'dest-nofollow', 'src-nofollow'],
]);

/** Of these, what runsc of 2022 does not know; later releases ignore what they do not know. */
export const UNKNOWN_TO_OLD_RUNSC: ReadonlySet<string> = new Set([...RECURSIVE, 'idmap', 'ridmap']);

/** Of these, what the kernel does not take from crun for a bind mount. */
export const REFUSED_BY_CRUN: ReadonlySet<string> = new Set([
  ...['ratime', 'rnoatime', 'rdiratime', 'rnodiratime', 'rstrictatime', 'rnostrictatime', 'tmpcopyup'],
]);

/**
 * The mount options that are no data of a file system (config.md, "Linux mount options"). A bind mount has no file
 * system of its own to give other options to.
 */
export const MOUNT_OPTIONS: ReadonlySet<string> = new Set([
  ...WITH_NEGATION.flatMap((option) => [option, `no${option}`]),
  ...PAIRS.flat(),
  ...RECURSIVE,
  ...PROPAGATION,
  ...['bind', 'rbind', 'idmap', 'ridmap', 'defaults', 'dirsync', 'sync', 'remount', 'silent', 'tmpcopyup'],
  ...['copy-symlink', 'dest-nofollow', 'src-nofollow'],
]);
