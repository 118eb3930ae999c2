import type { JsonPatch } from '@opencontainers-ts/runtime-spec';
import { add, bind, type LintRow } from './row.js';

/** Releases from which on rootfs hints are known, and mistakes in mount hints are ignored. */
const turns = { runsc: '20231101' };
const lenient = { runsc: '20230101' };

const MOUNTED = '/tmp';

/** Annotations of a hint for the mount of `/tmp`. A field that is undefined has none. */
function mountHint(name: string, change: Readonly<Record<string, string | undefined>> = {}) {
  return below(`dev.gvisor.spec.mount.${name}`, {
    source: MOUNTED,
    type: 'bind',
    share: 'shared',
    ...change,
  });
}

function rootfsHint(change: Readonly<Record<string, string | undefined>> = {}) {
  return below('dev.gvisor.spec.rootfs', { source: MOUNTED, type: 'bind', ...change });
}

function below(prefix: string, fields: Readonly<Record<string, string | undefined>>) {
  const given = Object.entries(fields).flatMap(([field, value]) =>
    value === undefined ? [] : [[`${prefix}.${field}`, value]],
  );
  return Object.fromEntries(given) as Record<string, string>;
}

const annotated = (annotations: Readonly<Record<string, string>>): JsonPatch => [
  add('/mounts/-', bind('/mnt')),
  add('/annotations', annotations),
];

/** The hints for gVisor in annotations. Only runsc looks at them, so that the others are asked once. */
export const GVISOR_ROWS: readonly LintRow[] = [
  { name: 'a mount hint', verdicts: '---', patch: annotated(mountHint('a')) },
  {
    name: 'a mount hint with an option',
    verdicts: '??-',
    patch: annotated(mountHint('a', { options: 'ro' })),
  },
  {
    code: 'LINT_MOUNT_HINT_FIELD',
    name: 'a mount hint with an option that is left out',
    verdicts: '??s',
    turns: lenient,
    patch: annotated(mountHint('a', { options: 'ro,rshared' })),
  },
  {
    code: 'LINT_MOUNT_HINT_NAME',
    name: 'a mount hint whose name has a dot',
    verdicts: '??s',
    patch: annotated(mountHint('a.b')),
  },
  {
    code: 'LINT_MOUNT_HINT_FIELD',
    name: 'a mount hint of an unknown type',
    verdicts: '??s',
    turns: lenient,
    patch: annotated(mountHint('a', { type: 'nfs' })),
  },
  {
    code: 'LINT_MOUNT_HINT_FIELD',
    name: 'a mount hint with an unknown field',
    verdicts: '??s',
    turns: lenient,
    patch: annotated(mountHint('a', { destination: '/mnt' })),
  },
  {
    code: 'LINT_MOUNT_HINT_INCOMPLETE',
    name: 'a mount hint without a share',
    verdicts: '??s',
    turns: lenient,
    patch: annotated(mountHint('a', { share: undefined })),
  },
  {
    code: 'LINT_MOUNT_HINT_UNUSED',
    name: 'a mount hint for no mount',
    verdicts: '??-',
    patch: annotated(mountHint('a', { source: `${MOUNTED}/` })),
  },
  {
    code: 'LINT_MOUNT_HINT_SOURCE',
    name: 'two mount hints for one source',
    verdicts: '??s',
    patch: annotated({ ...mountHint('a'), ...mountHint('b') }),
  },
  { name: 'a rootfs hint', verdicts: '??-', patch: annotated(rootfsHint()) },
  {
    code: 'LINT_ROOTFS_HINT_NEWER',
    name: 'a rootfs hint with a size',
    verdicts: '??-',
    turns,
    patch: annotated(rootfsHint({ overlay: 'memory', options: 'size=1m' })),
  },
  ...(
    [
      ['a rootfs hint of an unknown type', { type: 'tmpfs' }],
      ['a rootfs hint with the overlay "none"', { overlay: 'none' }],
      ['a rootfs hint with an unknown option', { options: 'mode=1' }],
      ['a rootfs hint with an unknown field', { share: 'pod' }],
    ] as const
  ).map(
    ([name, change]): LintRow => ({
      code: 'LINT_ROOTFS_HINT',
      name,
      verdicts: '??-',
      turns,
      patch: annotated(rootfsHint(change)),
    }),
  ),
  {
    code: 'LINT_ROOTFS_HINT_INCOMPLETE',
    name: 'a rootfs hint without a source',
    verdicts: '??-',
    turns,
    patch: annotated(rootfsHint({ source: undefined })),
  },
];
