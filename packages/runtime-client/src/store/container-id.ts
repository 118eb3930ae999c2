import { quoted } from '@opencontainers-ts/runtime-spec';

import { RuntimeClientError } from '../runtime-client-error.js';

/** NAME_MAX: runtimes and the store have a folder of this name. */
const LONGEST_NAME = 255;

/** What runc and runsc take, in ASCII; crun takes more, but then the id would be the container of one runtime only. */
const OF_ALL_RUNTIMES = /^[A-Za-z0-9_+.-]+$/;

/**
 * Checks the id of a container against what all runtimes take: `[A-Za-z0-9_+.-]`, at most 255 of them, neither `.` nor `..`,
 * which would name other folders, and no `-` at the start, which the runtimes would read as a flag.
 *
 * @returns the same id
 * @throws RuntimeClientError `ERR_CONTAINER_ID`, which says what is wrong with it
 * @example
 * ```ts
 * import { checkContainerId } from '@opencontainers-ts/runtime-client';
 *
 * console.log(checkContainerId('web-1')); // web-1
 * ```
 */
export function checkContainerId(id: string): string {
  const fault = faultOf(id);
  if (fault !== undefined) {
    const details = typeof id === 'string' ? { id } : {};
    throw new RuntimeClientError('ERR_CONTAINER_ID', fault, { details });
  }
  return id;
}

/** What is wrong with an id; undefined for nothing. It may come from untyped code. */
function faultOf(id: unknown): string | undefined {
  if (typeof id !== 'string')
    return `the id of a container is of type ${id === null ? 'null' : typeof id}, not a text`;
  const named = `the id ${quoted(id)} of a container`;
  if (id === '') return `${named} is empty`;
  if (id.length > LONGEST_NAME) return `${named} has ${id.length} characters, more than ${LONGEST_NAME}`;
  if (id === '.' || id === '..') return `${named} names another folder`;
  if (id.startsWith('-')) return `${named} begins with "-", and would be read as a flag`;
  if (!OF_ALL_RUNTIMES.test(id)) return `${named} has a character that not all runtimes take`;
  return undefined;
}
