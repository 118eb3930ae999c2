import { quoted } from '@opencontainers-ts/runtime-spec';

/** Those of the runtime specification, `paused`, which all runtimes have, and runc's `pausing`, of one that is not frozen whole yet. */
const CONTAINER_STATUSES = ['creating', 'created', 'running', 'pausing', 'paused', 'stopped'] as const;

/** Where a container is in its life. */
export type ContainerStatus = (typeof CONTAINER_STATUSES)[number];

/** The state of a container, as its runtime tells it. */
export interface ContainerState {
  readonly ociVersion: string;
  readonly id: string;
  readonly status: ContainerStatus;
  /** The process of the container; none when it is stopped. */
  readonly pid?: number;
  /** An absolute path. */
  readonly bundle: string;
  readonly annotations: Readonly<Record<string, string>>;
}

/** A value that is a state, or what is wrong with it, for people. */
export function readState(value: unknown): ContainerState | string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'it is not an object';
  const { ociVersion, id, status, pid, bundle, annotations } = value as Readonly<Record<string, unknown>>;
  if (typeof ociVersion !== 'string') return 'ociVersion is no text';
  if (typeof id !== 'string') return 'id is no text';
  if (typeof bundle !== 'string' || !bundle.startsWith('/')) return 'bundle is no absolute path';
  const known = knownStatus(status);
  if (known === undefined) {
    return `status is ${typeof status === 'string' ? quoted(status) : typeof status}, which is none that is known`;
  }
  if (pid !== undefined && !(Number.isSafeInteger(pid) && (pid as number) >= -1))
    return 'pid is no process id';
  if (!isTextMap(annotations ?? {})) return 'annotations are no map of texts';
  return {
    ociVersion,
    id,
    status: known,
    // runc and crun write 0 for a container that is stopped, runsc -1.
    ...(typeof pid === 'number' && pid > 0 && { pid }),
    bundle,
    annotations: { ...(annotations as Readonly<Record<string, string>> | null | undefined) },
  };
}

/** A word of a runtime, where it is one of them. */
export function knownStatus(status: unknown): ContainerStatus | undefined {
  return CONTAINER_STATUSES.find((one) => one === status);
}

function isTextMap(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((text) => typeof text === 'string')
  );
}
