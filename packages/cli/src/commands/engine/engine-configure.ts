import { annotationPatterns } from '../../engines/annotation-patterns.js';
import type { EngineChoice, EngineOutcome } from '../../engines/configure-engines.js';
import { configureEngines, unconfigureEngines } from '../../engines/configure-engines.js';
import { join } from '../../system/paths.js';
import { type CommandOutput, jsonOutput } from '../output.js';
import { outcomeJson, outcomeText } from './engine-outcome.js';
import { type EngineWorld, enterNode, refuseOthers } from './engine-world.js';

interface ChangeOptions extends EngineChoice {
  readonly hostRoot: string | undefined;
  readonly json: boolean;
}

interface ConfigureOptions extends ChangeOptions {
  readonly setDefault: boolean;
  /** Left out: the wrapper of the installation. */
  readonly program: string | undefined;
  readonly prefix: string;
  /** The wrapper is called by the name of the handler, and so finds what `[handler.NAME]` says. */
  readonly hasOwnConfiguration: boolean;
}

/** Adds a handler to engines of a node. */
export async function engineConfigure(options: ConfigureOptions, world: EngineWorld): Promise<CommandOutput> {
  const { isDryRun, hostRoot, json, handler, prefix, hasOwnConfiguration } = options;
  if (!isDryRun) refuseOthers(world);
  enterNode(world, hostRoot);
  const name = hasOwnConfiguration ? `oci-runtime-wrapper-${handler}` : 'oci-runtime-wrapper';
  const program = options.program ?? join(prefix, 'bin', name);
  // Those of the node, which may not be the machine that this was started on.
  const { rules } = await world.settingsFor(program);
  const podAnnotations = annotationPatterns(rules);
  const outcomes = configureEngines(world.system, { ...options, program, podAnnotations });
  return outputOf(outcomes, world, { isDryRun, json, isConfigured: true });
}

/** Takes a handler from engines of a node. */
export function engineUnconfigure(options: ChangeOptions, world: EngineWorld): CommandOutput {
  const { isDryRun, hostRoot, json } = options;
  if (!isDryRun) refuseOthers(world);
  enterNode(world, hostRoot);
  const outcomes = unconfigureEngines(world.system, options);
  return outputOf(outcomes, world, { isDryRun, json, isConfigured: false });
}

function outputOf(
  outcomes: readonly EngineOutcome[],
  { paint }: EngineWorld,
  { json, ...how }: { readonly json: boolean; readonly isDryRun: boolean; readonly isConfigured: boolean },
): CommandOutput {
  if (json) return { status: 0, stdout: jsonOutput(outcomes.map(outcomeJson)) };
  return { status: 0, stdout: outcomes.map((outcome) => outcomeText(outcome, paint, how)).join('') };
}
