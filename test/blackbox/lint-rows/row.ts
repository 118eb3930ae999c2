import type { JsonPatch, JsonValue, Operation } from '@opencontainers-ts/runtime-spec';
import type { LintCode, RuntimeDialect } from '@opencontainers-ts/runtime-spec/lint';

/** One container that has something about it, and what three runtimes say. */
export interface LintRow {
  /** The lint that must speak; without it, none may. */
  readonly code?: LintCode;
  readonly name: string;
  /** `r`, `c`, `s`: runc 1.1, crun 1.8, runsc of 2022 refuse it; `-`: they create it; `?`: it is not tried with this one. */
  readonly verdicts: string;
  /** The releases from which on a runtime says the opposite. */
  readonly turns?: Partial<Readonly<Record<RuntimeDialect, string>>>;
  readonly patch: JsonPatch;
}

export const add = (path: string, value: JsonValue): Operation => ({ op: 'add', path, value });
export const replace = (path: string, value: JsonValue): Operation => ({ op: 'replace', path, value });
export const remove = (path: string): Operation => ({ op: 'remove', path });

/** The namespaces of the container without one. Never the mount namespace: its mounts would be the machine's. */
export function namespacesWithout(kind: 'uts' | 'ipc' | 'network'): Operation {
  const kinds = ['pid', 'ipc', 'uts', 'mount', 'network'].filter((each) => each !== kind);
  return replace(
    '/linux/namespaces',
    kinds.map((type) => ({ type })),
  );
}

export const tmpfs = (destination: string) => ({ destination, type: 'tmpfs', source: 'tmpfs' });

export const bind = (destination: string, ...options: readonly string[]) => ({
  destination,
  type: 'bind',
  source: '/tmp',
  options: ['bind', ...options],
});

export const hook = (kind: string, program: JsonValue): Operation => add('/hooks', { [kind]: [program] });
