import { containerKind } from '@opencontainers-ts/runtime-spec';

import type { RootStrategy } from '../planning/host-action.js';
import { refuse } from '../planning/refuse.js';
import type { Call, Refuse } from '../planning/rule.js';
import { runtimeKind } from '../planning/runtime-kind.js';

/**
 * Whether the runtime opens the root of this container only in `start`. runsc does for a container that joins the sandbox of a pod: the
 * gofer, which serves its files, is made by that call (`Container.Start` in runsc/container/container.go, seen with releases of
 * 2022 and 2024), in the engine's mount namespace. That of `create` has ended by then, and what was mounted in it.
 */
export function opensRootInStart(annotations: ReadonlyMap<string, string>, { runtime }: Call): boolean {
  const { kind } = containerKind(Object.fromEntries(annotations));
  return kind === 'container' && runtimeKind(runtime) === 'runsc';
}

/** The refusal for a root that only a mount can make, which such a runtime would find empty. */
export function rootTooLate(strategy: RootStrategy, isIdMapped: boolean): Refuse {
  const what = isIdMapped ? 'with the ids of a user namespace' : `by the strategy "${strategy}"`;
  return refuse(
    'ERR_GVISOR_ROOT',
    `runsc opens the root of a container of a pod only when that is started, so that none can be mounted for it ${what}`,
    { strategy },
  );
}
