import type { LintRow } from '../lint-row.js';

/** Codes about mounts, hooks and annotations. */
export const MOUNT_LINT_CODES = {
  LINT_MOUNTS_MISSING: {
    summary: 'The configuration has no list of mounts, which crun wants, if only an empty one.',
    hint: 'add "mounts": []',
    rejectedBy: ['crun'],
  },
  LINT_MOUNT_PROC_MISSING: {
    summary: 'Nothing is mounted at /proc, through which runc before 1.2 closes its descriptors.',
    hint: 'mount a proc file system at /proc',
    rejectedBy: [{ runtime: 'runc', before: '1.2' }],
  },
  LINT_MOUNT_PROC_NEEDED: {
    summary:
      'Capabilities are set and nothing is mounted at /proc, where runc reads which of them the kernel has.',
    hint: 'mount a proc file system at /proc',
    rejectedBy: ['runc'],
  },
  LINT_MOUNT_DESTINATION_EMPTY: {
    summary: 'A mount has no destination.',
    hint: 'give the absolute path in the container',
    spec: 'error',
    rejectedBy: ['runc', 'crun', 'runsc'],
  },
  LINT_MOUNT_DESTINATION_RELATIVE: {
    summary: 'The destination of a mount is a relative path, which is deprecated since version 1.2.',
    hint: 'put a "/" in front',
    spec: 'warn',
    rejectedBy: ['runsc'],
  },
  LINT_MOUNT_ON_ROOT: {
    summary: 'A mount hides the root file system.',
    hint: 'use root.path for what shall be the root',
    rejectedBy: ['runc', 'crun'],
  },
  LINT_MOUNT_ON_PROC: {
    summary: 'What is mounted at /proc is not a proc file system.',
    hint: 'mount it elsewhere',
    rejectedBy: ['runc'],
  },
  LINT_MOUNT_COVERS: {
    summary: 'A mount hides one that stands before it in the list.',
    hint: 'put the outer mount first, or remove one of them',
    rejectedBy: [],
  },
  LINT_MOUNT_SOURCE: {
    summary: 'A bind mount has no source.',
    hint: 'give the path that is mounted',
    rejectedBy: ['crun'],
  },
  LINT_MOUNT_BIND_OPTION: {
    summary:
      'A mount has the type `bind` and no option that makes it a bind mount: the type alone says nothing.',
    hint: 'add the option "bind" or "rbind"',
    rejectedBy: ['runc', 'crun'],
  },
  LINT_MOUNT_TYPE: {
    summary: 'A mount that is not a bind mount has no type.',
    hint: 'give the type of the file system, or the option "bind"',
    rejectedBy: ['runc', 'crun'],
  },
  LINT_MOUNT_MAPPINGS: {
    summary: 'A mount has id mappings for users and none for groups, or the other way round.',
    hint: 'give both',
    spec: 'error',
    rejectedBy: [{ runtime: 'runc', since: '1.2' }, 'crun'],
  },
  LINT_MOUNT_IDMAP: {
    summary: 'A mount has id mappings, but neither the option `idmap` nor `ridmap`.',
    hint: 'add one of the options',
    spec: 'warn',
    rejectedBy: [],
  },
  LINT_MOUNT_SHARED: {
    summary: 'A bind mount is shared, which gVisor refuses.',
    hint: 'use "rslave" or "rprivate"',
    rejectedBy: ['runsc'],
  },
  LINT_MOUNT_OPTION: {
    summary:
      'A bind mount has an option that means nothing to it; runtimes ignore it or hand it to the kernel.',
    hint: 'correct or remove the option',
    rejectedBy: [
      { runtime: 'runc', since: '1.2' },
      { runtime: 'runsc', before: '20240729' },
    ],
  },
  LINT_MOUNT_OPTION_RUNC: {
    summary: 'A bind mount has an option that runc does not know, and takes for data of a file system.',
    hint: 'remove the option for runc',
    rejectedBy: [{ runtime: 'runc', since: '1.2' }],
  },
  LINT_MOUNT_OPTION_CRUN: {
    summary: 'A bind mount has an option that crun cannot apply to one.',
    hint: 'remove the option for crun',
    rejectedBy: ['crun'],
  },
  LINT_MOUNT_OPTION_RUNSC: {
    summary: 'A bind mount has an option that runsc of 2022 does not know and refuses.',
    hint: 'remove the option, or use a newer runsc',
    rejectedBy: [{ runtime: 'runsc', before: '20240729' }],
  },
  LINT_MOUNT_REMOUNT: {
    summary: 'A bind mount has the option `remount`, and there is nothing yet to mount anew.',
    hint: 'remove the option',
    rejectedBy: ['runc', 'crun', 'runsc'],
  },
  LINT_HOOK_PATH: {
    summary: 'The program of a hook is not an absolute path.',
    hint: 'give the absolute path',
    spec: 'error',
    rejectedBy: ['runc', 'crun', 'runsc'],
  },
  LINT_HOOK_TIMEOUT_ZERO: {
    summary: 'The timeout of a hook is 0: some runtimes end it at once, others never.',
    hint: 'give a number of seconds above 0, or leave it out',
    spec: 'error',
    rejectedBy: ['runc', 'runsc'],
  },
  LINT_HOOK_TIMEOUT_NEGATIVE: {
    summary: 'The timeout of a hook is below 0.',
    hint: 'give a number of seconds above 0, or leave it out',
    spec: 'error',
    rejectedBy: ['runc', 'crun', 'runsc'],
  },
  LINT_HOOK_ENV_MISSING: {
    summary:
      'A hook that runs inside the container has no environment of its own; with older runtimes the image chooses it (CVE-2025-23266).',
    hint: 'give the hook an env, such as PATH',
    rejectedBy: [],
  },
  LINT_HOOK_ENV_FORM: {
    summary: "An entry of a hook's environment is not of the form `NAME=value`.",
    hint: 'write `NAME=value`, or remove the entry',
    spec: 'warn',
    rejectedBy: [],
  },
  LINT_ANNOTATION_KEY: {
    summary: 'The name of an annotation is empty.',
    hint: 'name it or remove it',
    spec: 'error',
    rejectedBy: [],
  },
  LINT_ANNOTATION_RESERVED: {
    summary: 'An annotation has a name that the specification keeps for itself.',
    hint: 'use a name of your own domain',
    spec: 'error',
    rejectedBy: [],
  },
  LINT_CONTAINER_KIND: {
    summary: 'The annotation that says whether this is the sandbox of a pod has a value that gVisor refuses.',
    hint: 'write "sandbox" or "container"',
    rejectedBy: ['runsc'],
  },
  LINT_SANDBOX_ID: {
    summary: 'The annotations say that this is a container of a pod, and not in which sandbox.',
    hint: 'add io.kubernetes.cri.sandbox-id',
    rejectedBy: ['runsc'],
  },
} as const satisfies Readonly<Record<string, LintRow>>;
