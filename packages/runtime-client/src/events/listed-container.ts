import { type ContainerStatus, knownStatus } from './container-state.js';

/** A container in the list of a runtime. */
export interface ListedContainer {
  readonly id: string;
  readonly status: ContainerStatus;
  /** None when it is stopped. */
  readonly pid?: number;
  readonly bundle: string;
}

/** A value that is a list of containers, or what is wrong with it, for people. runc and runsc write `null` for none. */
export function readList(value: unknown): readonly ListedContainer[] | string {
  if (value === null) return [];
  if (!Array.isArray(value)) return 'it is not a list';
  const items = value.map(readItem);
  return items.every((item) => item !== undefined)
    ? items
    : 'an item has no id, no bundle, or no status that is known';
}

function readItem(value: unknown): ListedContainer | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { id, status, pid, bundle } = value as Readonly<Record<string, unknown>>;
  const known = knownStatus(status);
  if (typeof id !== 'string' || typeof bundle !== 'string' || known === undefined) return undefined;
  return { id, status: known, ...(typeof pid === 'number' && pid > 0 && { pid }), bundle };
}

/** A value that is a list of process ids, or what is wrong with it. */
export function readPids(value: unknown): readonly number[] | string {
  if (value === null) return [];
  return Array.isArray(value) && value.every((pid) => Number.isSafeInteger(pid))
    ? value
    : 'it is no list of process ids';
}
