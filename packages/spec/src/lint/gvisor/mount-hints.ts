import { containerKind } from '../../container-kind.js';
import { quoted } from '../../printable.js';
import { annotationsBelow, type HintFault, oneOf } from './gvisor-hint.js';

const PREFIX = 'dev.gvisor.spec.mount.';
const TYPES = ['tmpfs', 'bind'] as const;
const SHARES = ['container', 'pod', 'shared'] as const;
const DIRECTFS = ['default', 'off'] as const;
const REQUIRED = ['source', 'type', 'share'] as const;

/** What runsc is told about a volume of a pod: `dev.gvisor.spec.mount.NAME.FIELD`. */
export interface MountHint {
  readonly name: string;
  /** The mounts that the hint is for: those with exactly this source. */
  readonly source: string;
  /** What is mounted instead. `tmpfs`: the data is in the memory of the sandbox, and never at the source. */
  readonly type: (typeof TYPES)[number];
  /** Who else changes the volume: nobody but one container, nobody outside the pod, or anybody. */
  readonly share: (typeof SHARES)[number];
  /** Without `shared` and `rshared`, which runsc leaves out. */
  readonly options: readonly string[];
  /** Whether the sandbox may open the files itself; releases of 2024 do not know it. */
  readonly directfs?: (typeof DIRECTFS)[number];
}

/** The mount hints of a sandbox, and what is wrong with its annotations. */
export interface MountHints {
  /** The hints that have an effect, in the order of the annotations. */
  readonly hints: readonly MountHint[];
  readonly faults: readonly HintFault[];
}

type Draft = { name: string } & { -readonly [Field in keyof MountHint]?: MountHint[Field] };

/**
 * The mount hints in the annotations of a sandbox, or of a container on its own (NewPodMountHints in runsc/boot/mount_hints.go).
 * A container that joins a sandbox has none: runsc reads them from the sandbox only, whatever it was given along.
 *
 * A name of a wrong form and two hints of one source fail the create. A field or value that is unknown is ignored with a
 * warning in the log of runsc, and a hint that then lacks its source, type or share is ignored as a whole; releases of 2022
 * refuse these too.
 *
 * @param annotations - of config.json; what is no text is as good as absent
 * @example
 * ```ts
 * import { findMountHint, readMountHints } from '@opencontainers-ts/runtime-spec/lint';
 *
 * const { hints, faults } = readMountHints({
 *   'dev.gvisor.spec.mount.cache.source': '/srv/cache',
 *   'dev.gvisor.spec.mount.cache.type': 'tmpfs',
 *   'dev.gvisor.spec.mount.cache.share': 'pod',
 *   'dev.gvisor.spec.mount.logs.type': 'nfs',
 * });
 * console.log(findMountHint(hints, '/srv/cache')?.share, findMountHint(hints, '/srv/cache/')); // pod undefined
 * console.log(faults.map(({ code }) => code)); // [ 'LINT_MOUNT_HINT_FIELD', 'LINT_MOUNT_HINT_INCOMPLETE' ]
 * ```
 */
export function readMountHints(annotations: Readonly<Record<string, unknown>> | undefined): MountHints {
  if (containerKind(annotations).kind === 'container') return { hints: [], faults: [] };
  const faults: HintFault[] = [];
  const drafts = new Map<string, Draft>();
  for (const [rest, value] of annotationsBelow(annotations, PREFIX)) {
    const key = `${PREFIX}${rest}`;
    const [name = '', field = '', ...more] = rest.split('.');
    if (name === '' || more.length > 0 || !rest.includes('.')) {
      const message = `${quoted(key)} is not of the form ${PREFIX}NAME.FIELD`;
      faults.push({ code: 'LINT_MOUNT_HINT_NAME', key, message });
      continue;
    }
    const draft = drafts.get(name) ?? { name };
    drafts.set(name, draft);
    const message = setField(draft, field, value);
    if (message !== undefined) faults.push({ code: 'LINT_MOUNT_HINT_FIELD', key, message });
  }
  const hints = [...drafts.values()].flatMap((draft) => {
    const missing = REQUIRED.filter((field) => draft[field] === undefined);
    if (missing.length > 0) faults.push(incomplete(draft.name, missing));
    return completed(draft) ?? [];
  });
  return { hints, faults: [...faults, ...sharedSources([...drafts.values()])] };
}

/**
 * The hint that runsc applies to a mount: the one whose source is the mount's, letter by letter. A relative source in
 * config.json counts as what it becomes, joined to the bundle.
 *
 * @param source - of the mount, absolute
 * @example
 * ```ts
 * import { findMountHint } from '@opencontainers-ts/runtime-spec/lint';
 *
 * const hint = { name: 'a', source: '/srv', type: 'bind', share: 'shared', options: [] } as const;
 * console.log(findMountHint([hint], '/srv') === hint); // true
 * ```
 */
export function findMountHint(hints: readonly MountHint[], source: string): MountHint | undefined {
  return hints.find((hint) => hint.source === source);
}

/** @returns what is wrong with it, if anything is */
function setField(draft: Draft, field: string, value: string): string | undefined {
  switch (field) {
    case 'source':
      if (value === '') return 'the source of the hint is empty';
      draft.source = value;
      return undefined;
    case 'type':
      return setWord(draft, 'type', TYPES, value);
    case 'share':
      return setWord(draft, 'share', SHARES, value);
    case 'directfs':
      return setWord(draft, 'directfs', DIRECTFS, value);
    case 'options':
      return setOptions(draft, value.split(','));
    default:
      return `a mount hint has no field ${quoted(field)}`;
  }
}

function setOptions(draft: Draft, options: readonly string[]): string | undefined {
  const isShared = (option: string) => option === 'shared' || option === 'rshared';
  draft.options = options.filter((option) => !isShared(option));
  const dropped = options.find(isShared);
  return dropped === undefined ? undefined : `the option ${quoted(dropped)} is left out`;
}

function setWord<Field extends 'type' | 'share' | 'directfs'>(
  draft: Draft,
  field: Field,
  words: readonly NonNullable<Draft[Field]>[],
  value: string,
): string | undefined {
  const word = oneOf<string>(words, value) as Draft[Field] | undefined;
  if (word === undefined) return `${quoted(value)} is none of ${words.join(', ')}`;
  draft[field] = word;
  return undefined;
}

function completed({ name, source, type, share, options = [], directfs }: Draft): MountHint | undefined {
  if (source === undefined || type === undefined || share === undefined) return undefined;
  return { name, source, type, share, options, ...(directfs === undefined ? {} : { directfs }) };
}

function incomplete(name: string, missing: readonly string[]): HintFault {
  const first = `${PREFIX}${name}.${missing[0] ?? ''}`;
  const message = `the hint ${quoted(name)} has no valid ${missing.join(' and no valid ')}, and is ignored`;
  return { code: 'LINT_MOUNT_HINT_INCOMPLETE', key: first, message };
}

/** runsc compares each complete hint with those that it has not dropped yet, in the order of a Go map: in any. */
function sharedSources(drafts: readonly Draft[]): readonly HintFault[] {
  const seen = new Map<string, Draft>();
  return drafts.flatMap((draft) => {
    if (draft.source === undefined) return [];
    const other = seen.get(draft.source);
    if (other === undefined || completed(other) === undefined) seen.set(draft.source, draft);
    const wholes = [draft, other].filter((one) => one !== undefined && completed(one) !== undefined).length;
    if (other === undefined || wholes === 0) return [];
    const chance =
      wholes === 2
        ? ''
        : '; one of them is incomplete, so that it depends on chance whether runsc refuses them';
    const message = `the hints ${quoted(other.name)} and ${quoted(draft.name)} are both for ${quoted(draft.source)}${chance}`;
    return [{ code: 'LINT_MOUNT_HINT_SOURCE', key: `${PREFIX}${draft.name}.source`, message } as const];
  });
}
