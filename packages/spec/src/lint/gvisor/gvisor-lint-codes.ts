import type { LintRow } from '../lint-row.js';

/** The first release with rootfs hints that is named by a day: they came with EROFS as a root, late in 2023. */
const ROOTFS_HINTS = { runtime: 'runsc', since: '20231101' } as const;

/** Releases until the end of 2022 refused what later ones ignore with a warning in their log. */
const STRICT = { runtime: 'runsc', before: '20230101' } as const;

/** Codes about the annotations that gVisor acts on. */
export const GVISOR_LINT_CODES = {
  LINT_MOUNT_HINT_NAME: {
    summary:
      'A mount hint for gVisor is not of the form `dev.gvisor.spec.mount.NAME.FIELD`, with no dot in either.',
    hint: 'give the hint a name without dots, the same for each of its fields',
    rejectedBy: ['runsc'],
  },
  LINT_MOUNT_HINT_FIELD: {
    summary: 'A field of a mount hint for gVisor is none, or has a value that is none: gVisor ignores it.',
    hint: 'use source, type (tmpfs or bind), share (container, pod or shared), options or directfs (default or off)',
    rejectedBy: [STRICT],
    isIgnored: true,
  },
  LINT_MOUNT_HINT_INCOMPLETE: {
    summary: 'A mount hint for gVisor lacks its source, its type or its share: gVisor ignores all of it.',
    hint: 'add the annotations that the message names, or remove the hint',
    rejectedBy: [STRICT],
    isIgnored: true,
  },
  LINT_MOUNT_HINT_SOURCE: {
    summary: 'Two mount hints for gVisor have the same source.',
    hint: 'keep one of the two: a hint is for all mounts of its source',
    rejectedBy: ['runsc'],
  },
  LINT_MOUNT_HINT_UNUSED: {
    summary: 'A mount hint for gVisor is for a source that no mount of the container has.',
    hint: 'write the source letter by letter as the mount has it, or remove the hint',
    rejectedBy: [],
  },
  LINT_ROOTFS_HINT: {
    summary: 'A field of the rootfs hint for gVisor is none, or has a value that is none.',
    hint: 'use source (an absolute path), type (erofs or bind), overlay (empty, memory, self or dir=/PATH), options (size=N) or directfs (default or off)',
    rejectedBy: [ROOTFS_HINTS],
  },
  LINT_ROOTFS_HINT_INCOMPLETE: {
    summary: 'The rootfs hint for gVisor lacks its source or its type.',
    hint: 'add the annotations that the message names, or remove the others',
    rejectedBy: [ROOTFS_HINTS],
  },
  LINT_ROOTFS_HINT_NEWER: {
    summary: 'The rootfs hint for gVisor has a field that releases until mid-2024 refuse.',
    hint: 'remove the field, or use a newer release of gVisor',
    rejectedBy: [{ ...ROOTFS_HINTS, before: '20240730' }],
  },
} as const satisfies Readonly<Record<string, LintRow>>;
