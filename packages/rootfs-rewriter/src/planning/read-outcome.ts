import type { JsonPatch, Operation } from '@opencontainers-ts/runtime-spec';
import type { PinnedPath } from './host.js';
import type {
  CleanResidue,
  HostAction,
  IdMapping,
  MountRoot,
  RootProgram,
  VolumeResidue,
} from './host-action.js';
import {
  kindOf,
  type Members,
  memberOf,
  type Read,
  readBigInt,
  readCount,
  readExactText,
  readFlag,
  readJson,
  readList,
  readMatch,
  readMembers,
  readOneOf,
  readPath,
  readTable,
  readText,
  readWords,
  ValueFault,
} from './read-value.js';
import type { Outcome, Pass, Refuse, Rewrite, RuleFailure } from './rule.js';

const texts = readList(readExactText);
const printed = readList(readText);

const pin = readMembers<PinnedPath>({ required: { path: readPath, dev: readBigInt, ino: readBigInt } });

const residue = readMembers<VolumeResidue>({
  required: {
    mountPoints: texts,
    links: readList(
      readMembers<VolumeResidue['links'][number]>({
        required: { path: readExactText, target: readExactText },
      }),
    ),
  },
});

const cleanResidue = readMembers<CleanResidue>({
  required: { kind: readOneOf('clean-residue'), root: readPath, volume: readWords, creates: residue },
});

const idMappings = readList(
  readMembers<IdMapping>({ required: { containerID: readCount, hostID: readCount, size: readCount } }),
);

const failure = readMembers<RuleFailure>({
  required: {
    kind: readOneOf('failed-condition'),
    condition: readExactText,
    expected: readJson,
    found: readJson,
  },
});

/** RFC 6902, section 4: members that an operation does not define are ignored. Whether it can be applied, `apply` says. */
const operation: Read<Operation> = (value, place) => {
  if (typeof value !== 'object' || value === null) {
    throw new ValueFault(`its member "${place}" is ${kindOf(value)}, not an operation of RFC 6902`);
  }
  const look = <T>(name: string, read: Read<T>) => read(memberOf(value, name), `${place}/${name}`);
  const op = look('op', readOneOf('add', 'remove', 'replace', 'move', 'copy', 'test'));
  const path = look('path', readExactText);
  switch (op) {
    case 'remove':
      return { op, path };
    case 'move':
    case 'copy':
      return { op, from: look('from', readExactText), path };
    default:
      return { op, path, value: look('value', readJson) };
  }
};

const patch = readList(operation) as Read<JsonPatch>;

const mountRoot = readMembers<MountRoot>({
  required: {
    kind: readOneOf('mount-root'),
    strategy: readOneOf('replace', 'overlay', 'seed'),
    root: readPath,
    volume: readWords,
    target: readPath,
    image: readPath,
    imageChange: readOneOf('keep', 'warn', 'refuse'),
    readonly: readFlag,
    user: readWords,
    onceMounted: patch,
    otherwise: readOneOf('use-path', 'refuse'),
  },
  optional: {
    imageName: readWords,
    byPath: readFlag,
    program: readMembers<RootProgram>({
      required: { name: readExactText, cwd: readExactText, mountedAt: texts },
      optional: { searchPath: readExactText },
    }),
    idMappings: readMembers<NonNullable<MountRoot['idMappings']>>({
      required: { uid: idMappings, gid: idMappings },
    }),
  },
});

const readKind = readOneOf('clean-residue', 'mount-root');

/** What has no kind at all is told as one of the first. */
const action: Read<HostAction> = (value, place) => {
  const kind = typeof value === 'object' && value !== null ? memberOf(value, 'kind') : undefined;
  const known = kind === undefined ? 'clean-residue' : readKind(kind, `${place}/kind`);
  return known === 'mount-root' ? mountRoot(value, place) : cleanResidue(value, place);
};

/** The form of a code: it stands in log records and in brackets as it is. */
export const CODE_FORM = /^[A-Za-z0-9_.:-]{1,100}$/;

const code = readMatch(CODE_FORM, 'a code such as ERR_NO_VOLUME');

/** Names of log fields, apart from those that every record has. */
const FACT = /^(?!(?:time|level|msg)$)[A-Za-z][A-Za-z0-9_]{0,99}$/;

const MEMBERS: {
  readonly pass: Members<Pass>;
  readonly refuse: Members<Refuse>;
  readonly rewrite: Members<Rewrite>;
} = {
  pass: {
    required: { kind: readOneOf('pass'), reason: readText },
    optional: {
      because: failure,
      holds: texts,
      pins: readList(pin),
      actions: readList(action),
      warnings: printed,
    },
  },
  refuse: {
    required: { kind: readOneOf('refuse'), code, message: readWords },
    optional: { hint: readText, details: readTable(readJson) },
  },
  rewrite: {
    required: { kind: readOneOf('rewrite'), note: readText, patch },
    optional: {
      holds: texts,
      consumes: texts,
      pins: readList(pin),
      actions: readList(action),
      warnings: printed,
      facts: readTable(readText, FACT),
    },
  },
};

const READS = {
  pass: readMembers(MEMBERS.pass),
  refuse: readMembers(MEMBERS.refuse),
  rewrite: readMembers(MEMBERS.rewrite),
} as const;

/**
 * What a rule said, as values of our own: nothing of what was handed over is kept, and what is checked is what is used.
 *
 * @throws ValueFault for whatever is no outcome: a promise, another `kind`, a member that is missing, of a wrong type or
 *   unknown
 */
export function readOutcome(said: unknown): Outcome {
  const what = kindOf(said);
  if (typeof said !== 'object' || said === null || what !== 'an object')
    throw new ValueFault(`it is ${what}`);
  const kind = memberOf(said, 'kind');
  if (kind === undefined) throw new ValueFault('it lacks the member "kind"');
  // Looks at the kind once more: one that has changed meanwhile is a fault.
  if (kind === 'pass' || kind === 'refuse' || kind === 'rewrite') return READS[kind](said, '');
  throw new ValueFault(`its member "kind" is ${kindOf(kind)}, not "pass", "rewrite" or "refuse"`);
}
