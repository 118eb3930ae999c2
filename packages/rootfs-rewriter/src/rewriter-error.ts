import type { JsonValue } from '@opencontainers-ts/runtime-spec';

/**
 * The codes of refusals and errors of this package. `summary` is what `docs/errors.md` says, `hint` is what the reader of
 * the error can do. Codes are stable: they are part of the public API.
 */
export const REWRITER_ERROR_CODES = {
  ERR_SPEC_AMBIGUOUS: {
    summary:
      'A part of config.json that a rule reads or writes has duplicate keys, misspelt field names that Go would accept, or invalid UTF-8, so that runtimes would read different specs.',
    hint: 'write each field once, in the spelling of the runtime spec; the message names the places',
  },
  ERR_SPEC_FIELD: {
    summary: 'A field of config.json that a rule needs has the wrong JSON type.',
    hint: 'correct what writes it: the engine, a plugin of it, or a rule that runs before; "ociwrap validate" tells all such fields of a config.json',
  },
  ERR_RULE_INVALID: {
    summary: 'A rule was made with options or fields that cannot work.',
    hint: 'correct what the message names; "ociwrap help rules" tells every key of a rule, and "ociwrap config check" looks at the rules of a configuration again',
  },
  ERR_RULE_CRASHED: {
    summary: 'A rule threw an error instead of returning an outcome.',
    hint: 'this is a bug in the rule: report it with the message and the config.json',
  },
  ERR_RULE_OUTCOME: {
    summary:
      'What a rule returned is not an outcome (a promise, an unknown kind, a member that is missing, unknown or of a wrong type), or not an answer to "claims".',
    hint: 'this is a bug in the rule: "evaluate" returns { kind: "pass", reason }, { kind: "rewrite", note, patch } or { kind: "refuse", code, message }, "claims" true or false, and neither is async',
  },
  ERR_RULE_PATCH: {
    summary: 'A rule returned a patch that cannot be applied to config.json.',
    hint: 'this is a bug in the rule: report it with the message and the config.json',
  },
  ERR_NO_RULE_CLAIMS: {
    summary: 'No rule acts on the container, and the configuration says "required = true".',
    hint: 'give the pod what a rule asks for (docs/configuration.md, "A handler that requires a rule"), or start the container under a handler without "required = true"; `ociwrap explain` says of each rule why it did not act',
  },
  ERR_RULE_CONFLICT: {
    summary:
      'Two rules set the same place of config.json to different values, or both put the root together.',
    hint: 'let one of the two rules go, narrow its conditions, or put the one that is to win last and give it "override = true" ("ociwrap help rules override")',
  },
  ERR_RULE_DEVICE_MISSING: {
    summary: 'The host lacks a device that a rule adds, or has another one in its place.',
    hint: 'load the kernel module of the device on this node, keep the workload off the node, or take "require = true" out of the device in the rule',
  },
  ERR_RULE_HOOK_MISSING: {
    summary: 'The host lacks a program that a rule adds as a hook.',
    hint: 'install the program on this node, keep the workload off the node, or take "require = true" out of the hook in the rule',
  },
  ERR_RULE_SECCOMP_PROFILE: {
    summary: 'The seccomp profile that a rule names is missing, or is not in the form of the runtime spec.',
    hint: 'put the "linux.seccomp" object of a config.json into the file',
  },
  ERR_HOST_UNREADABLE: {
    summary: 'A file, a folder or the mount table that a rule needs could not be read.',
    hint: 'make sure that the wrapper runs as root and that the path in the message can be read (a FUSE file system of another user lets root in with allow_other only)',
  },
  ERR_POD_IDENTITY: {
    summary:
      'The annotations that name the pod and the kind of container are malformed or contradict each other.',
    hint: 'do not set io.kubernetes.cri.*, io.kubernetes.cri-o.*, io.kubernetes.pod.uid or io.container.manager by hand: the container engine does',
  },
  ERR_ROOT_MISSING: {
    summary: 'The spec has no root.path that could be replaced.',
    hint: 'give the spec a root object with a path',
  },
  ERR_VOLUME_SELECTOR: {
    summary: 'The value of the volume annotation is empty, or has nothing but blanks in it.',
    hint: 'write the name of the volume (PersistentVolume), or the mountPath of the volume, as the value of the annotation',
  },
  ERR_CONTAINER_SELECTOR: {
    summary:
      'The annotations that say which container of the pod the volume is for name none, or contradict each other.',
    hint: 'name each container once, as the pod does: in the key behind ".container." (or "/container."), or in the list "-containers", separated by commas',
  },
  ERR_CONTAINER_NAME_UNKNOWN: {
    summary:
      'Annotations name a container, and the engine does not say what this one is called, so that it may be the one.',
    hint: 'outside of a pod, write the volume annotation without the name of a container; in a pod, look why the engine leaves out the name (containerd before 1.5 does)',
  },
  ERR_CONTAINER_NOT_NAMED: {
    summary:
      'A container mounts the volume read-only, as one that only looks at it would, and no annotation says for which container of the pod the volume is the root.',
    hint: 'name the container that starts on the volume: write KEY.container.NAME in place of the volume annotation KEY, or the list KEY-containers beside it',
  },
  ERR_VOLUME_NOT_FOUND: {
    summary: 'No mounted volume has the name or the mount destination that the annotation asks for.',
    hint: 'write the mountPath of the volume (it starts with "/"), or the PersistentVolume name that "kubectl get pvc CLAIM -o jsonpath={.spec.volumeName}" prints',
  },
  ERR_VOLUME_AMBIGUOUS: {
    summary:
      'More than one mounted volume matches the annotation, or one volume is mounted both read-only and read-write, or the annotation asks for another volume than the mount that asks by itself.',
    hint: 'name the volume by the mountPath of the one mount that is meant',
  },
  ERR_VOLUME_STRATEGY: {
    summary:
      'The annotation that says how the volume becomes the root is unknown, without the annotation that asks for a volume, or another one than at the first start of this bundle.',
    hint: 'write "replace", "overlay" or "seed" as the value of the annotation KEY-strategy, beside the volume annotation KEY',
  },
  ERR_VOLUME_READONLY: {
    summary: 'The volume is mounted read-only, and what is to become of it has to be written.',
    hint: 'let the container mount the volume read-write, or let the volume itself be the root (strategy "replace")',
  },
  ERR_ROOT_OVERLAPS: {
    summary:
      'The root of the image lies on the volume, or the volume on the root of the image, so that one would be mounted over itself.',
    hint: 'look at where the engine keeps its images: not on a volume of a pod; or use the strategy "replace"',
  },
  ERR_ROOT_NOT_MOUNTED: {
    summary:
      'The field root.path is the folder in which this program puts roots together, and nothing says what is to be mounted there: the root would be empty.',
    hint: 'let the engine make the bundle anew (delete the container or the pod); a config.json that was rewritten before is started again only with the annotations that it was given',
  },
  ERR_USER_NAMESPACE_UNMAPPED: {
    summary:
      'The container joins a user namespace whose mappings its config.json does not say, so that nobody knows whose the files on the volume would be.',
    hint: 'give linux.uidMappings and linux.gidMappings beside the user namespace, as engines do for hostUsers: false, or run the pod without one (hostUsers: true)',
  },
  ERR_USER_NAMESPACE_MISSING: {
    summary: 'The config.json maps users or groups, and has no user namespace to map them in.',
    hint: 'add a namespace of the type "user" to linux.namespaces, or remove linux.uidMappings and linux.gidMappings',
  },
  ERR_ID_MAP: {
    summary: 'A text is not what the kernel writes to /proc/PID/uid_map and gid_map.',
    hint: 'pass the whole text of the file, read by the process that is to start the runtime',
  },
  ERR_VOLUME_IS_BLOCK: {
    summary: 'The volume is a raw block device (volumeMode: Block), which cannot be a root file system.',
    hint: 'use a PersistentVolumeClaim with volumeMode: Filesystem',
  },
  ERR_VOLUME_IDMAPPED: {
    summary:
      "The volume is mounted with id mappings that are not those of the container's user namespace, which a root file system cannot carry.",
    hint: 'let the mount have the mappings of the container, or none, as the engine writes them for hostUsers: false',
  },
  ERR_VOLUME_OPTIONS: {
    summary:
      'The volume is mounted with noexec, nosuid, nodev or nosymfollow, which a root file system cannot carry.',
    hint: 'remove the option from the mount in the config.json: what has put it there is the engine, a plugin of it or a rule',
  },
  ERR_VOLUME_NOT_PERSISTENT: {
    summary:
      'The volume is deleted with its pod, or is written by the kubelet: it cannot hold a root file system.',
    hint: 'use a volume that is backed by a PersistentVolumeClaim',
  },
  ERR_VOLUME_OUTSIDE_KUBELET: {
    summary: 'The source of the mount lies outside the folder of the kubelet, as hostPath volumes do.',
    hint: 'use a volume that the kubelet mounts; where the kubelet has another --root-dir, set "volumes.kubelet-root" in the configuration (option kubeletRoot of pvcRootfs); where hostPath volumes are meant, list their folder in "volumes.host-path-folders" (option hostPathFolders)',
  },
  ERR_VOLUME_LAYOUT: {
    summary:
      'The source of the mount lies in the folder of the kubelet or of a hostPath provisioner, but is not the folder of a volume, or is one of a kind that cannot be the root.',
    hint: 'choose the mount of a PersistentVolumeClaim that a CSI driver or a plugin of the kubelet itself provides, whole or by a subPath',
  },
  ERR_VOLUME_OTHER_POD: {
    summary: 'The source of the mount lies in the folder of another pod.',
    hint: 'look at who made this container: the kubelet never mounts the volume folder of another pod',
  },
  ERR_VOLUME_PATH_UNSAFE: {
    summary: 'The path of the volume has a symlink or ".." in it.',
    hint: 'look at who changed the folder: the kubelet and the engine hand over paths without either',
  },
  ERR_VOLUME_MISSING: {
    summary: 'The folder of the volume is not there.',
    hint: 'see in "kubectl describe pod" and the log of the kubelet why the volume was not set up',
  },
  ERR_VOLUME_UNREACHABLE: {
    summary:
      'The file system of the volume does not answer: its FUSE daemon, its server or its disk is gone.',
    hint: 'delete the pod, so that the kubelet mounts the volume anew; the log of the CSI driver on this node, or of the storage server, says why it went away',
  },
  ERR_VOLUME_NOT_DIRECTORY: {
    summary: 'The source of the mount is not a directory.',
    hint: 'choose a mount of a whole volume, or a subPath that is a directory',
  },
  ERR_VOLUME_NOT_MOUNTED: {
    summary:
      'Nothing is mounted at the folder of the volume, so that writes would land on the disk of the node.',
    hint: 'see in "kubectl describe pod" and the log of the kubelet why the volume was not mounted',
  },
  ERR_GVISOR_ROOTFS_HINT: {
    summary:
      'The spec carries an annotation for gVisor by which writes to the root would not reach the volume, or the root would be another one.',
    hint: 'remove the annotations dev.gvisor.spec.rootfs.* and dev.gvisor.flag.overlay* from the pod',
  },
  ERR_GVISOR_ROOT: {
    summary:
      'Under gVisor the root of a container of a pod is opened only when it is started; one that is mounted for its creation is gone by then.',
    hint: 'use the strategy "replace" or "seed" in pods of gVisor, and no user namespace; or another runtime class',
  },
} as const;

/** A code of this package. */
export type RewriterErrorCode = keyof typeof REWRITER_ERROR_CODES;

/** Facts about a failure, for programs: JSON values only. */
export type ErrorDetails = Readonly<Record<string, JsonValue>>;

/**
 * The error class of this package.
 *
 * @example
 * ```ts
 * import { pvcRootfs, RewriterError } from '@opencontainers-ts/rootfs-rewriter';
 *
 * try {
 *   pvcRootfs({ kubeletRoot: 'relative/path' });
 * } catch (error) {
 *   console.log(error instanceof RewriterError && error.code); // ERR_RULE_INVALID
 * }
 * ```
 */
export class RewriterError extends Error {
  override readonly name: string = 'RewriterError';
  /** One of {@link REWRITER_ERROR_CODES}, or a code of a third-party rule. */
  readonly code: string;
  readonly hint?: string;
  readonly details: ErrorDetails;

  constructor(
    code: string,
    message: string,
    options: {
      readonly hint?: string | undefined;
      readonly details?: ErrorDetails | undefined;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    if (options.hint !== undefined) this.hint = options.hint;
    this.details = options.details ?? {};
  }
}
