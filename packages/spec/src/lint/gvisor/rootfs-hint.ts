import { quoted } from '../../printable.js';
import { annotationsBelow, type HintFault, oneOf } from './gvisor-hint.js';

const PREFIX = 'dev.gvisor.spec.rootfs.';
const TYPES = ['erofs', 'bind'] as const;
const DIRECTFS = ['default', 'off'] as const;
const REQUIRED = ['source', 'type'] as const;

/** What runsc is told about the root of one container: `dev.gvisor.spec.rootfs.FIELD`. */
export interface RootfsHint {
  /** An image of EROFS. With the type `bind` it is not mounted: root.path is, and the hint decides about the overlay. */
  readonly source: string;
  readonly type: (typeof TYPES)[number];
  /** Where writes go. Empty: to the root itself. Unlike in the flag of runsc, `none` is no word for it. */
  readonly overlay: '' | 'memory' | 'self' | `dir=/${string}`;
  /** The size of the overlay as tmpfs(5) takes it; undefined for the default of the sandbox. Releases until mid-2024 refuse it. */
  readonly size?: string;
  /** Whether the sandbox may open the files itself. Releases until mid-2024 refuse it. */
  readonly directfs?: (typeof DIRECTFS)[number];
}

type Draft = { -readonly [Field in keyof RootfsHint]?: RootfsHint[Field] | undefined };

/**
 * The rootfs hint in the annotations of a container (NewRootfsHint in runsc/boot/mount_hints.go). Unlike mount hints it is read
 * from each container, and everything that is wrong with it fails the create. A field that only older releases refuse is among
 * the faults too, and the hint is there all the same.
 *
 * @param annotations - of config.json; what is no text is as good as absent
 * @returns the hint, if the annotations have one that a current release takes
 * @example
 * ```ts
 * import { readRootfsHint } from '@opencontainers-ts/runtime-spec/lint';
 *
 * const prefix = 'dev.gvisor.spec.rootfs';
 * const { hint } = readRootfsHint({ [`${prefix}.source`]: '/srv/root', [`${prefix}.type`]: 'bind' });
 * console.log(hint); // { source: '/srv/root', type: 'bind', overlay: '' }
 * const { faults } = readRootfsHint({ [`${prefix}.overlay`]: 'none' });
 * console.log(faults.map(({ code }) => code)); // [ 'LINT_ROOTFS_HINT', 'LINT_ROOTFS_HINT_INCOMPLETE' ]
 * ```
 */
export function readRootfsHint(annotations: Readonly<Record<string, unknown>> | undefined): {
  readonly hint?: RootfsHint;
  readonly faults: readonly HintFault[];
} {
  const given = annotationsBelow(annotations, PREFIX);
  if (given.length === 0) return { faults: [] };
  const draft: Draft = {};
  const faults: HintFault[] = [];
  const newer: HintFault[] = [];
  for (const [field, value] of given) {
    const message = setField(draft, field, value);
    const key = `${PREFIX}${field}`;
    if (message !== undefined) {
      faults.push({ code: 'LINT_ROOTFS_HINT', key, message });
    } else if (field === 'options' || field === 'directfs') {
      const message = `releases of runsc until mid-2024 know no field ${quoted(field)}`;
      newer.push({ code: 'LINT_ROOTFS_HINT_NEWER', key, message });
    }
  }
  const fields = new Set(given.map(([field]) => field));
  const missing = REQUIRED.filter((field) => !fields.has(field));
  if (missing.length > 0) {
    const message = `the rootfs hint has no ${missing.join(' and no ')}`;
    faults.push({ code: 'LINT_ROOTFS_HINT_INCOMPLETE', key: `${PREFIX}${missing[0] ?? ''}`, message });
  }
  return { ...(faults.length === 0 && completed(draft)), faults: [...faults, ...newer] };
}

function completed({ source, type, overlay = '', size, directfs }: Draft): { hint?: RootfsHint } {
  if (source === undefined || type === undefined) return {};
  return {
    hint: {
      source,
      type,
      overlay,
      ...(size !== undefined && { size }),
      ...(directfs !== undefined && { directfs }),
    },
  };
}

/** @returns what is wrong with it, if anything is */
function setField(draft: Draft, field: string, value: string): string | undefined {
  switch (field) {
    case 'source':
      if (!value.startsWith('/')) return `the source ${quoted(value)} is not an absolute path`;
      draft.source = value;
      return undefined;
    case 'type':
      draft.type = oneOf(TYPES, value);
      return draft.type === undefined ? `${quoted(value)} is none of ${TYPES.join(', ')}` : undefined;
    case 'directfs':
      draft.directfs = oneOf(DIRECTFS, value);
      return draft.directfs === undefined ? `${quoted(value)} is none of ${DIRECTFS.join(', ')}` : undefined;
    case 'overlay':
      draft.overlay = overlayOf(value);
      return draft.overlay === undefined
        ? `the overlay ${quoted(value)} is neither empty nor memory, self or dir=/PATH`
        : undefined;
    case 'options':
      return setOptions(draft, value);
    default:
      return `a rootfs hint has no field ${quoted(field)}`;
  }
}

function overlayOf(value: string): RootfsHint['overlay'] | undefined {
  const folder = /^dir=(\/.*)$/s.exec(value)?.[1];
  return folder === undefined ? oneOf(['', 'memory', 'self'], value) : `dir=/${folder.slice(1)}`;
}

/** Of two sizes the last one counts. */
function setOptions(draft: Draft, value: string): string | undefined {
  for (const option of value.split(',')) {
    if (!option.startsWith('size=')) return `the option ${quoted(option)} is not of the form size=N`;
    draft.size = option.slice('size='.length);
  }
  return undefined;
}
