import type { HookStage, HooksRun } from '@opencontainers-ts/runtime-client/values';
import type { Spec, State } from '@opencontainers-ts/runtime-spec';

/** The hooks of a stage, and what they get. */
export interface HooksRequest {
  readonly stage: HookStage;
  readonly hooks: Spec['hooks'];
  readonly state: State;
}

/** Runs hooks, and waits for them. What can do that has an event loop: the npm package. */
export type HookRunner = (request: HooksRequest) => Promise<HooksRun>;
