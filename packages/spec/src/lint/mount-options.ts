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
