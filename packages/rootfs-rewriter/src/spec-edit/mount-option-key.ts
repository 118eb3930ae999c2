// Options of which the last one given counts (mount(8); runc's and crun's tables). Each first word of a row stands for
// the whole row; the recursive ones (mount_setattr(2)) are kept apart from the plain ones.
const OPPOSITES: readonly (readonly string[])[] = [
  ['ro', 'rw'],
  ['rro', 'rrw'],
  ['bind', 'rbind'],
  ...['exec', 'suid', 'dev', 'symfollow', 'atime', 'diratime', 'relatime', 'strictatime'].flatMap(
    (option) => [
      [option, `no${option}`],
      [`r${option}`, `rno${option}`],
    ],
  ),
  ...['iversion', 'lazytime', 'acl', 'mand'].map((option) => [option, `no${option}`]),
  ['sync', 'async'],
  ['silent', 'loud'],
  ['private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave', 'unbindable', 'runbindable'],
];

const FAMILY = new Map(OPPOSITES.flatMap((family) => family.map((option) => [option, family[0] ?? option])));

/** What an option is about: `rw` and `ro` are the same question, as are `size=1m` and `size=2m`. */
export function mountOptionKey(option: string): string {
  const [name = ''] = option.split('=', 1);
  return FAMILY.get(name) ?? name;
}
