import { formatPointer, quoted } from '@opencontainers-ts/runtime-spec';

import type {
  CapabilitiesEdit,
  CapabilityEdit,
  RlimitEdit,
  RuleDefinition,
  SeccompEdit,
} from '../generated/rule-definition.js';
import { nearMiss } from '../near-miss.js';
import { CAPABILITIES, RLIMITS, SYSTEM_CALLS } from './kernel-names.js';
import type { SchemaFault } from './schema-check.js';

type Place = readonly (string | number)[];

/** One word that a rule uses where only names of the kernel mean anything. */
interface Named {
  readonly name: string;
  readonly place: Place;
}

/** The first capability, limit or system call that the kernel does not have. */
export function findNameFault({
  then: { capabilities, rlimits, seccomp },
}: RuleDefinition): SchemaFault | undefined {
  return (
    firstUnknown(capabilityNames(capabilities ?? {}), CAPABILITIES, 'capability') ??
    firstUnknown(rlimitNames(rlimits ?? {}), RLIMITS, 'limit') ??
    firstUnknown(systemCallNames(seccomp ?? {}), SYSTEM_CALLS, 'system call')
  );
}

function capabilityNames({ add, drop, ...sets }: CapabilitiesEdit): readonly Named[] {
  const path = ['then', 'capabilities'];
  const inSets = Object.entries(sets as Readonly<Record<string, CapabilityEdit>>);
  return [
    ...namesIn({ add, drop }, path),
    ...inSets.flatMap(([set, edit]) => namesIn({ add: edit.add, drop: edit.drop }, [...path, set])),
  ].filter(({ name }) => name !== 'ALL');
}

function rlimitNames({ set = {}, remove }: RlimitEdit): readonly Named[] {
  const path = ['then', 'rlimits'];
  const inSet = Object.keys(set).map((name) => ({ name, place: [...path, 'set', name] }));
  return [...inSet, ...namesIn({ remove }, path)];
}

function systemCallNames({ deny, allow }: SeccompEdit): readonly Named[] {
  return namesIn({ deny, allow }, ['then', 'seccomp']);
}

function namesIn(
  lists: Readonly<Record<string, readonly string[] | undefined>>,
  path: Place,
): readonly Named[] {
  return Object.entries(lists).flatMap(([list, names = []]) =>
    names.map((name, index) => ({ name, place: [...path, list, index] })),
  );
}

function firstUnknown(
  names: readonly Named[],
  known: readonly string[],
  what: string,
): SchemaFault | undefined {
  const unknown = names.find(({ name }) => !known.includes(name));
  if (unknown === undefined) return undefined;
  const meant = nearMiss(unknown.name, known);
  const guess = meant === undefined ? '' : `, did you mean ${quoted(meant)}?`;
  // Kernels go on growing; the raw patch takes whatever it is given.
  const message = `is ${quoted(unknown.name)}, which is no ${what} that is known here${guess} (a newer one goes into "patch")`;
  return { pointer: formatPointer(unknown.place), message };
}
