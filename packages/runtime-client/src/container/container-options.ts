import type { StreamOptions } from '../client/stream-options.js';
import type { RestoreOptions } from '../commands/checkpoint-commands.js';
import type { CallOptions } from '../commands/command-line.js';
import type { CreateOptions } from '../commands/create-command.js';
import type { ContainerStore } from '../store/container-store.js';

/** Where the record of a container is. */
export interface StoreOptions {
  /** Default: the one in `/run/ociwrap-containers`. */
  readonly store?: ContainerStore;
}

/** What a container is made with, of a bundle alone or of a checkpoint too. */
export interface MadeOptions extends StoreOptions, Pick<CallOptions, 'signal'> {
  readonly id: string;
  /** The folder of config.json. */
  readonly bundle: string;
  /**
   * Makes this process the subreaper of what its children leave (prctl(2), PR_SET_CHILD_SUBREAPER), so that the exit status of the
   * container is known here on every kernel. It then also gets the orphans of other libraries' children, of which it collects none.
   * Default: true. Without, the status is what the kernel keeps (Linux 6.15), or `unknown`.
   */
  readonly subreaper?: boolean;
}

/** What a container is made of. */
export interface ContainerOptions extends MadeOptions, Omit<CreateOptions, 'pidFile'>, StreamOptions {}

/** What a container is made of that was saved. */
export interface RestoredContainerOptions
  extends MadeOptions,
    Omit<RestoreOptions, 'pidFile' | 'detach'>,
    Omit<StreamOptions, 'preserveDescriptors'> {}
