/**
 * The states of a container: those of the runtime specification (runtime.md, "State"), and `paused`, which it leaves to the
 * runtimes, and all of ours have.
 */
export const CONTAINER_STATUSES = ['creating', 'created', 'running', 'paused', 'stopped'] as const;

/** A state of a container. */
export type ContainerStatus = (typeof CONTAINER_STATUSES)[number];
