import { formatPointer, quoted } from '@opencontainers-ts/runtime-spec';

import type {
  CapabilitiesEdit,
  CapabilityEdit,
  RlimitEdit,
  RuleDefinition,
  SeccompEdit,
} from '../generated/rule-definition.js';
import { nearMiss } from '../spec-edit/near-miss.js';
import { CAPABILITIES, capabilityName, RLIMITS, rlimitName, SYSTEM_CALLS } from './kernel-names.js';
import type { SchemaFault } from './schema-check.js';

type Place = readonly (string | number)[];

/** One word that a rule uses where only names of the kernel mean anything. */
interface Named {
  /** As it is in the definition. */
  readonly written: string;
  /** As the runtime spec writes it. */
  readonly name: string;
  /** `capability`, ... */
  readonly what: string;
  readonly place: Place;
}

/** The names that the kernel does not have, and limits that are set twice in two spellings. */
export function findNameFaults({
  then: { capabilities, rlimits, seccomp },
}: RuleDefinition): readonly SchemaFault[] {
  return [
    ...unknownNames(capabilityNames(capabilities ?? {}), CAPABILITIES),
    ...unknownNames(rlimitNames(rlimits ?? {}), RLIMITS),
    ...limitsSetTwice(rlimits ?? {}),
    ...unknownNames(systemCallNames(seccomp ?? {}), SYSTEM_CALLS),
  ];
}

/** The definition with the names of the kernel as the runtime spec writes them. */
export function withKernelNames(rule: RuleDefinition): RuleDefinition {
  const { capabilities, rlimits } = rule.then;
  if (capabilities === undefined && rlimits === undefined) return rule;
  const then = {
    ...rule.then,
    ...(capabilities === undefined ? {} : { capabilities: plainCapabilities(capabilities) }),
    ...(rlimits === undefined ? {} : { rlimits: plainRlimits(rlimits) }),
  };
  return { ...rule, then };
}

function plainCapabilities({ add, drop, ...sets }: CapabilitiesEdit): CapabilitiesEdit {
  const inSets = Object.entries(sets as Readonly<Record<string, CapabilityEdit>>);
  return {
    ...plainLists({ add, drop }, capabilityName),
    ...Object.fromEntries(
      inSets.map(([set, edit]) => [set, plainLists({ add: edit.add, drop: edit.drop }, capabilityName)]),
    ),
  };
}

function plainRlimits({ set, remove }: RlimitEdit): RlimitEdit {
  return {
    ...(set === undefined
      ? {}
      : { set: Object.fromEntries(Object.entries(set).map(([name, limit]) => [rlimitName(name), limit])) }),
    ...plainLists({ remove }, rlimitName),
  };
}

function plainLists<Name extends string>(
  lists: Readonly<Record<Name, readonly string[] | undefined>>,
  plain: (word: string) => string,
): Partial<Record<Name, string[]>> {
  const given = Object.entries(lists).filter(([, names]) => names !== undefined) as [Name, string[]][];
  return Object.fromEntries(given.map(([list, names]) => [list, [...new Set(names.map(plain))]])) as Partial<
    Record<Name, string[]>
  >;
}

function capabilityNames({ add, drop, ...sets }: CapabilitiesEdit): readonly Named[] {
  const path = ['then', 'capabilities'];
  const inSets = Object.entries(sets as Readonly<Record<string, CapabilityEdit>>);
  const named = (lists: CapabilityEdit, at: Place) => [
    ...namesIn({ add: lists.add }, at, 'capability', capabilityName),
    ...namesIn({ drop: lists.drop }, at, 'capability', capabilityName).filter(({ name }) => name !== 'ALL'),
  ];
  return [
    ...named({ ...(add && { add }), ...(drop && { drop }) }, path),
    ...inSets.flatMap(([set, edit]) => named(edit, [...path, set])),
  ];
}

function rlimitNames({ set = {}, remove }: RlimitEdit): readonly Named[] {
  const path = ['then', 'rlimits'];
  const inSet = Object.keys(set).map((written) => ({
    written,
    name: rlimitName(written),
    what: 'limit',
    place: [...path, 'set', written],
  }));
  return [...inSet, ...namesIn({ remove }, path, 'limit', rlimitName)];
}

function limitsSetTwice({ set = {} }: RlimitEdit): readonly SchemaFault[] {
  const seen = new Map<string, string>();
  return Object.keys(set).flatMap((written) => {
    const name = rlimitName(written);
    const before = seen.get(name);
    seen.set(name, before ?? written);
    return before === undefined
      ? []
      : [
          {
            pointer: formatPointer(['then', 'rlimits', 'set', written]),
            message: `sets the limit of ${quoted(before)} once more`,
          },
        ];
  });
}

function systemCallNames({ deny, allow }: SeccompEdit): readonly Named[] {
  return namesIn({ deny, allow }, ['then', 'seccomp'], 'system call', (word) => word);
}

function namesIn(
  lists: Readonly<Record<string, readonly string[] | undefined>>,
  path: Place,
  what: string,
  plain: (word: string) => string,
): readonly Named[] {
  return Object.entries(lists).flatMap(([list, names = []]) =>
    names.map((written, index) => ({ written, name: plain(written), what, place: [...path, list, index] })),
  );
}

function unknownNames(names: readonly Named[], known: readonly string[]): readonly SchemaFault[] {
  return names
    .filter(({ name }) => !known.includes(name))
    .map((unknown) => ({ pointer: formatPointer(unknown.place), message: whyUnknown(unknown, known) }));
}

function whyUnknown({ written, name, what }: Named, known: readonly string[]): string {
  if (name === 'ALL') return `is ${quoted(written)}, which only "drop" takes: name each capability to add`;
  // As C programs call them: SYS_mount, __NR_mount.
  const bare = name.toLowerCase().replace(/^(__nr_|sys_)/, '');
  const meant = known.includes(bare) ? bare : nearMiss(name, known);
  const guess = meant === undefined ? '' : `, did you mean ${quoted(meant)}?`;
  // Kernels go on growing; the raw patch takes whatever it is given.
  return `is ${quoted(written)}, which is not a known ${what}${guess} (a newer one goes into "patch")`;
}
