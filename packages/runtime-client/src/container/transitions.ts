import { quoted } from '@opencontainers-ts/runtime-spec';

import type { DialectName } from '../dialects/dialect-name.js';
import type { ContainerStatus } from '../events/container-state.js';
import { RuntimeClientError } from '../runtime-client-error.js';

/** What can be done with a container that is there. `delete` is the one without force. */
export type ContainerOperation =
  | 'start'
  | 'exec'
  | 'kill'
  | 'pause'
  | 'resume'
  | 'ps'
  | 'events'
  | 'update'
  | 'checkpoint'
  | 'delete';

/**
 * What a runtime does when it is asked for an operation: `done` is success and what the operation is for; `kept` is a success that has
 * changed nothing; `crashes` is what some releases do, of which others refuse it or keep what there is. In no case but `done` is the
 * container another one after it.
 */
export type OperationOutcome = 'done' | 'kept' | 'refused' | 'crashes';

/** In the order of a container's life; `pausing` of runc is `paused` here. */
type Row = readonly [
  created: OperationOutcome,
  running: OperationOutcome,
  paused: OperationOutcome,
  stopped: OperationOutcome,
];

const REFUSED: Row = ['refused', 'refused', 'refused', 'refused'];

/** runtime.md of the specification, "Operations"; of other operations it says nothing. */
const OF_THE_SPECIFICATION: Readonly<Record<ContainerOperation, Row>> = {
  start: ['done', 'refused', 'refused', 'refused'],
  exec: REFUSED,
  kill: ['done', 'done', 'refused', 'refused'],
  pause: REFUSED,
  resume: REFUSED,
  ps: REFUSED,
  events: REFUSED,
  update: REFUSED,
  checkpoint: REFUSED,
  delete: ['refused', 'refused', 'refused', 'done'],
};

const TRANSITIONS: Readonly<Record<DialectName, Readonly<Record<ContainerOperation, Row>>>> = {
  unknown: OF_THE_SPECIFICATION,
  runc: {
    ...OF_THE_SPECIFICATION,
    exec: ['done', 'done', 'refused', 'refused'],
    kill: ['done', 'done', 'done', 'refused'],
    // A paused container that was never started is created again when it is resumed.
    pause: ['done', 'done', 'refused', 'refused'],
    resume: ['refused', 'refused', 'done', 'refused'],
    ps: ['done', 'done', 'done', 'kept'],
    events: ['done', 'done', 'done', 'refused'],
    update: ['done', 'done', 'done', 'refused'],
    checkpoint: ['refused', 'done', 'done', 'refused'],
    delete: ['done', 'refused', 'refused', 'done'],
  },
  crun: {
    ...OF_THE_SPECIFICATION,
    exec: ['done', 'done', 'refused', 'refused'],
    kill: ['done', 'done', 'done', 'refused'],
    pause: ['kept', 'done', 'kept', 'refused'],
    resume: ['kept', 'kept', 'done', 'refused'],
    ps: ['done', 'done', 'done', 'crashes'],
    update: ['done', 'done', 'done', 'kept'],
    checkpoint: ['refused', 'done', 'refused', 'refused'],
    delete: ['done', 'refused', 'refused', 'done'],
  },
  runsc: {
    ...OF_THE_SPECIFICATION,
    exec: ['refused', 'done', 'refused', 'refused'],
    // A container that is not started has no process that a signal could go to.
    kill: ['refused', 'done', 'refused', 'refused'],
    pause: ['crashes', 'done', 'refused', 'refused'],
    resume: ['refused', 'refused', 'done', 'refused'],
    ps: ['refused', 'done', 'done', 'refused'],
    // Statistics of a program that does not run yet; the release of 2022 panics.
    events: ['crashes', 'done', 'done', 'refused'],
    // Success, and the container goes on as it was.
    checkpoint: ['kept', 'done', 'kept', 'refused'],
    delete: ['done', 'refused', 'refused', 'done'],
  },
  // As its source has it (ContainerStatus of libcontainer, can_start and so on).
  youki: {
    ...OF_THE_SPECIFICATION,
    exec: ['refused', 'done', 'refused', 'refused'],
    kill: ['done', 'done', 'done', 'refused'],
    pause: ['refused', 'done', 'refused', 'refused'],
    resume: ['refused', 'refused', 'done', 'refused'],
    ps: ['done', 'done', 'done', 'refused'],
    events: ['refused', 'done', 'refused', 'refused'],
    update: ['done', 'done', 'done', 'refused'],
    checkpoint: ['refused', 'done', 'refused', 'refused'],
  },
};

const COLUMNS = ['created', 'running', 'paused', 'stopped'] as const;

/**
 * What a runtime does when it is asked for an operation on a container in a state.
 *
 * @example
 * ```ts
 * import { outcomeOf } from '@opencontainers-ts/runtime-client';
 *
 * console.log(outcomeOf('runc', 'pause', 'paused'), outcomeOf('crun', 'pause', 'paused')); // refused kept
 * ```
 */
export function outcomeOf(
  dialect: DialectName,
  operation: ContainerOperation,
  status: ContainerStatus,
): OperationOutcome {
  const column = status === 'pausing' ? 'paused' : status;
  if (column === 'creating') return 'refused'; // another process is at it, or was killed
  return TRANSITIONS[dialect][operation][COLUMNS.indexOf(column)] ?? 'refused';
}

/** The states in which a runtime does what an operation is for. */
export function statesFor(dialect: DialectName, operation: ContainerOperation): readonly ContainerStatus[] {
  return COLUMNS.filter((status) => outcomeOf(dialect, operation, status) === 'done');
}

/**
 * That an operation does something in a state; what would change nothing is as impossible as what is refused, so that all runtimes answer alike.
 *
 * @throws RuntimeClientError `ERR_CONTAINER_STATE`
 */
export function checkOperation(
  dialect: DialectName,
  operation: ContainerOperation,
  { id, status }: { readonly id: string; readonly status: ContainerStatus },
): void {
  if (outcomeOf(dialect, operation, status) === 'done') return;
  const possible = statesFor(dialect, operation);
  const where = possible.length === 0 ? 'no state' : `the states ${possible.join(', ')}`;
  throw new RuntimeClientError(
    'ERR_CONTAINER_STATE',
    `the container ${quoted(id)} is ${status}; ${operation} is possible in ${where} with ${dialect}`,
    { details: { id, operation, status, possible } },
  );
}
