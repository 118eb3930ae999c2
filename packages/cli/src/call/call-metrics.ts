import type { Settings } from '../config/settings/settings.js';
import { forgetTold, tellOnce } from '../log/told-once.js';
import { programVersion } from '../main/program-version.js';
import { countCall } from '../metrics/count-call.js';
import type { System } from '../system/system.js';
import type { Decision, PlannedCall } from './planned-call.js';

/** Counts a call, as it was decided in the end. */
export type CallMetrics = (decision: Decision) => void;

/** The metrics of a call, which is counted once. That they cannot be written is told where the same is told of the log. */
export function callMetrics(
  system: System,
  { metricsFile: file }: Pick<Settings, 'metricsFile'>,
  call: PlannedCall,
): CallMetrics {
  if (file === undefined) return () => undefined;
  let isCounted = false;
  return (decision) => {
    // The runtime could not be executed, after all that was done: the log has it.
    if (isCounted) return;
    isCounted = true;
    const counted = {
      verb: call.invocation.verb,
      decision: decision.kind,
      code: decision.kind === 'refuse' ? decision.refusal.code : undefined,
      rules: decision.kind === 'rewrite' ? actedRules(call) : [],
      milliseconds: system.uptime(),
    };
    const failure = countCall(system, file, counted, programVersion(system));
    if (failure === undefined) forgetTold(system, 'metrics', file);
    else tellOnce(system, { kind: 'metrics', file }, failure, call);
  };
}

/** The names of the rules that wanted something changed, in order. */
export function actedRules({ plan }: Pick<PlannedCall, 'plan'>): readonly string[] {
  const acted = plan?.trace.filter(({ outcome, audit }) => audit !== true && outcome.kind === 'rewrite');
  return acted?.map(({ rule }) => rule) ?? [];
}
