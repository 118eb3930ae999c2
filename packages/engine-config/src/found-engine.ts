/** The container engines that can be configured. */
export type EngineName = 'containerd' | 'cri-o' | 'docker' | 'podman' | 'buildkit';

/** Who decides where an engine reads its configuration: nobody (`plain`, as kubeadm leaves it), or a distribution of Kubernetes. */
export type Distribution = 'plain' | 'k3s' | 'rke2' | 'microk8s' | 'k0s';

/**
 * The files of a node, read where a function asks for them. An absolute path means what it means on the node.
 */
export interface NodeFiles {
  /** The bytes of a file; undefined for no file. What cannot be read is thrown, and passed on. */
  readonly readFile: (path: string) => Uint8Array | undefined;
  /** The names in a folder, in any order; none for no folder. */
  readonly list: (folder: string) => readonly string[];
  /** Whether there is anything. */
  readonly exists: (path: string) => boolean;
}

/** An engine of a node, as its files tell. */
export interface FoundEngine {
  readonly engine: EngineName;
  readonly distribution: Distribution;
  /** The file that the engine, or its distribution, reads first; it need not be there. */
  readonly configPath: string;
  /** Of containerd: the version of its configuration, as the file says (2 is what containerd 1 has, and 3 what containerd 2 has). */
  readonly configVersion?: number;
  /** The unit of systemd that has to be restarted or reloaded for a change; undefined for an engine without a daemon. */
  readonly unit?: string;
  /** Why this engine cannot be configured for Kubernetes as it stands: its file turns the CRI plugin off. */
  readonly criDisabled?: boolean;
}
