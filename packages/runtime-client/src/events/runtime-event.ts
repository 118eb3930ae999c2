/** A line of `events`. */
export interface RuntimeEvent {
  /** `stats`, `oom`, or another word of the runtime. */
  readonly type: string;
  /** The container. */
  readonly id: string;
  /** As the runtime tells it: runc and runsc differ, and so do their versions. */
  readonly data?: unknown;
}

/** A value that is an event, or what is wrong with it, for people. */
export function readEvent(value: unknown): RuntimeEvent | string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'it is not an object';
  const { type, id, data } = value as Readonly<Record<string, unknown>>;
  if (typeof type !== 'string') return 'type is no text';
  if (typeof id !== 'string') return 'id is no text';
  return { type, id, ...(data !== undefined && data !== null && { data }) };
}
