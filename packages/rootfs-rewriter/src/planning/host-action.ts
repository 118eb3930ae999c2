import type { JsonPatch } from '@opencontainers-ts/runtime-spec';

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

/** How a volume becomes a root; docs/adr/0003-roots-in-a-namespace-of-the-call.md. */
export type RootStrategy = 'replace' | 'overlay' | 'seed';

/** What is done when the image below an upper, or that a volume was filled from, is not the one that it was. */
export type ImageChange = 'keep' | 'warn' | 'refuse';

/** A range of ids of a user namespace: members of `linux.uidMappings` of the spec. */
export interface IdMapping {
  readonly containerID: number;
  readonly hostID: number;
  readonly size: number;
}

/** What the container will run: looked for on the new root before the runtime does. */
export interface RootProgram {
  /** `process.args[0]`. */
  readonly name: string;
  /** `process.cwd`, which a name with a slash is relative to. */
  readonly cwd: string;
  /** PATH of `process.env`, for a name without a slash. */
  readonly searchPath?: string | undefined;
  /** The destinations of the mounts: what lies beneath one is not on the root. */
  readonly mountedAt: readonly string[];
}

/**
 * Puts a root together in a mount namespace of the call. It is the one action that can fail a call: a root that was not mounted
 * is not the one that was asked for. It is the first action of its rule.
 *
 * A rewrite carries it, and so does the pass for a bundle that was rewritten before (`restore`, a create that is tried again):
 * the mount ended with the call that made it. Whatever it says was checked in this call, as all that a rule says.
 */
export interface MountRoot {
  readonly kind: 'mount-root';
  readonly strategy: RootStrategy;
  /** The absolute path of the folder of the volume. One of the plan's pins must be for it. */
  readonly root: string;
  /** The name of the volume, wherever it is mounted. */
  readonly volume: string;
  /** Where the root is mounted: {@link ROOT_FOLDER}. */
  readonly target: string;
  /**
   * The absolute path of the root of the image: `root.path` as the engine wrote it, with symlinks resolved as far as it was
   * there. `overlay` and `seed` mount or copy it; it lies neither on the volume nor above it.
   */
  readonly image: string;
  /** The name of the image, where the engine says it. */
  readonly imageName?: string;
  readonly imageChange: ImageChange;
  /** Whether the root may not be written; always false for `overlay` and `seed` at the first run over a bundle. */
  readonly readonly: boolean;
  /** Absent where the spec does not say it unambiguously. */
  readonly program?: RootProgram;
  /** Where the container has a user namespace: how the ids of the volume are mapped. */
  readonly idMappings?: { readonly uid: readonly IdMapping[]; readonly gid: readonly IdMapping[] };
  /**
   * Who will use it, as the engine says it, for the record on the volume and for messages: `namespace/pod/container`, less what
   * it does not say; the bundle, where it says nothing.
   */
  readonly user: string;
  /**
   * Operations that follow on the plan's document once the root is mounted; they also follow where the plan is a pass. Empty
   * where `root.path` is `target` already.
   */
  readonly onceMounted: JsonPatch;
  /**
   * What becomes of the call where it can have no mount namespace of its own: the path of the volume is used, which `root.path`
   * of the plan's document is then, or the call is refused.
   */
  readonly otherwise: 'use-path' | 'refuse';
  /**
   * Whether nothing is mounted, since the runtime opens the root in another call: it gets the path of the volume, as where the call
   * can have no mount namespace of its own.
   */
  readonly byPath?: boolean;
}

/** Where a root is mounted. It is in a namespace of the call's own, so one folder does for all. */
export const ROOT_FOLDER = '/run/ociwrap/root';

/**
 * Something that a rule wants done on the machine before the container starts, as data, since a rule itself does nothing.
 * `kind` tells actions apart. `ociwrap explain` prints them; only a start carries them out.
 */
export type HostAction = CleanResidue | MountRoot;
