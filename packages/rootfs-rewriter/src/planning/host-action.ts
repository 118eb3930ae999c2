/** What a start leaves behind on a volume: paths relative to the volume, without `.`, `..` or a doubled slash. */
export interface VolumeResidue {
  /** Empty files that the runtime creates as mount points where nothing exists yet. */
  readonly mountPoints: readonly string[];
  /** Symbolic links that hooks create. */
  readonly links: readonly { readonly path: string; readonly target: string }[];
}

/**
 * Removes from a volume that is about to become the root of a container what earlier injections left on it, and records
 * what this start will leave. No failure of it stops the container.
 */
export interface CleanResidue {
  readonly kind: 'clean-residue';
  /**
   * The absolute path of the folder of the volume. One of the plan's pins must be for it: a folder that no rule has checked
   * is not touched.
   */
  readonly root: string;
  /** The name of the volume, wherever it is mounted. It is part of the name of its record. */
  readonly volume: string;
  /** What this start will leave there. */
  readonly creates: VolumeResidue;
}

/**
 * Something that a rule wants done on the machine before the container starts, as data, since a rule itself does nothing.
 * `kind` tells actions apart. `ociwrap explain` prints them; only a start carries them out.
 */
export type HostAction = CleanResidue;
