// Pairs of options of which the last one given counts (mount(8); runc's and crun's option tables). The recursive
// ones (mount_setattr(2)) are kept apart from the plain ones: `rro` is not undone by `rw`.
const RESTRICTIONS = [
  ['noexec', 'exec'],
  ['nosuid', 'suid'],
  ['nodev', 'dev'],
  ['nosymfollow', 'symfollow'],
  ['rnoexec', 'rexec'],
  ['rnosuid', 'rsuid'],
  ['rnodev', 'rdev'],
  ['rnosymfollow', 'rsymfollow'],
] as const;

/**
 * Options that say nothing a root would lose: a root is a recursive private bind mount, with the flags off, and mapped as the
 * container's user namespace is.
 */
const CARRIED = new Set([
  ...['bind', 'rbind', 'private', 'rprivate', 'ro', 'rw', 'rro', 'rrw', 'defaults', 'idmap', 'ridmap'],
  ...RESTRICTIONS.flat(),
]);

/** What becomes of a mount's options when its source becomes the root. */
export interface RootOptions {
  readonly readonly: boolean;
  /** Options that take rights away and that a root has no place for. */
  readonly refused: readonly string[];
  /** Options that are lost without harm. */
  readonly dropped: readonly string[];
}

/** Sorts the options of a bind mount by whether `root` can carry them. */
export function rootOptions(options: readonly string[]): RootOptions {
  const refused: string[] = [];
  for (const [on, off] of RESTRICTIONS) {
    if (options.includes(on) && isOn(options, on, off)) refused.push(on);
  }
  return {
    readonly: isReadonly(options),
    refused,
    dropped: [...new Set(options.filter((option) => !CARRIED.has(option)))],
  };
}

/** Whether a mount with these options is read-only. */
export function isReadonly(options: readonly string[]): boolean {
  return isOn(options, 'ro', 'rw') || isOn(options, 'rro', 'rrw');
}

function isOn(options: readonly string[], on: string, off: string): boolean {
  return options.lastIndexOf(on) > options.lastIndexOf(off);
}
