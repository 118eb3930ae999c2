/** What a start leaves behind on a volume: paths relative to the volume, without `.`, `..` or a doubled slash. */
export interface VolumeResidue {
  /** Empty files that the runtime creates to mount something on, where nothing is there yet. */
  readonly mountPoints: readonly string[];
  /** Symbolic links that hooks create. */
  readonly links: readonly { readonly path: string; readonly target: string }[];
}

/**
 * Cleans a volume that is about to be the root of a container of what injections before left on it, and remembers what
 * this start is going to leave. Nothing that it meets stops the container.
 */
export interface CleanResidue {
  readonly kind: 'clean-residue';
  /**
   * The folder of the volume, absolute. One of the plan's pins must be of it: nothing is done to a folder that no rule
   * has checked.
   */
  readonly root: string;
  /** What the volume is called wherever it is mounted: a part of the name of its record. */
  readonly volume: string;
  /** What this start is going to leave there. */
  readonly creates: VolumeResidue;
}

/**
 * Something that a rule wants done on the machine before the container starts, as data: a rule itself does nothing.
 * Told apart by `kind`; `ociwrap explain` shows actions, only a start carries them out.
 */
export type HostAction = CleanResidue;
