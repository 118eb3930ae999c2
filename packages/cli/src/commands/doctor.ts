import { type KnownFault, knownFaults, type RuntimeKind } from '@opencontainers-ts/rootfs-rewriter';
import { DEFAULT_SEARCH_PATH } from '@opencontainers-ts/runtime-resolver';
import { printable, quoted } from '@opencontainers-ts/runtime-spec';
import type { CommandModule } from 'yargs';

import { askRuntimeVersion } from '../runtime-version/runtime-version.js';
import { join } from '../system/paths.js';
import { isFailure, type System } from '../system/system.js';
import { textOf } from '../system/text.js';
import { type CommandOutput, jsonOutput } from './output.js';
import { usageText } from './usage-text.js';
import type { Emit, World } from './world.js';

type DoctorWorld = Pick<World, 'system' | 'env' | 'self'>;

/** `ociwrap doctor`. */
export function doctorCommand(world: DoctorWorld, emit: Emit): CommandModule {
  return {
    command: 'doctor',
    describe: 'Look at the runtimes of this node: which have faults that matter for roots on volumes?',
    builder: (yargs) =>
      yargs
        .usage(
          usageText('Looks at the runtimes of this node. Each is started with --version.', [
            ['doctor', 'is every runtime new enough?'],
            ['doctor --json', 'the same for machines'],
          ]),
        )
        .option('json', { type: 'boolean', default: false, describe: 'Print data for machines' }),
    handler: ({ json }) => emit(doctor({ json: json === true }, world)),
  };
}

/** The runtimes that engines call, by the names of their files. */
const RUNTIMES: readonly RuntimeKind[] = ['runc', 'crun', 'runsc', 'youki'];

/** A runtime of this node, and what is wrong with it. */
interface FoundRuntime {
  readonly path: string;
  /** What it calls itself, and its version; null where it does not say it. */
  readonly name: string | null;
  readonly version: string | null;
  /** Why nobody knows its version. */
  readonly unknown?: string;
  readonly faults: readonly KnownFault[];
}

/**
 * The runtimes of a node that are older than what repairs a fault of theirs, of those that matter where a container can write its
 * root. What a rule makes of a root is checked all the same, whatever the runtime: this is for all other containers of the node.
 */
export function doctor({ json }: { readonly json: boolean }, world: DoctorWorld): CommandOutput {
  const runtimes = placesOf(world).map((path) => lookAt(world.system, path));
  const isFaulty = runtimes.some(({ faults }) => faults.length > 0);
  const status = isFaulty ? 1 : 0;
  if (json) return { status, stdout: jsonOutput({ runtimes }) };
  const lines = runtimes.length === 0 ? ['no runtime is on the search path'] : runtimes.flatMap(linesOf);
  return { status, stdout: `${lines.map(printable).join('\n')}\n` };
}

/** Where the runtimes are, each once, whatever links lead to it; not the wrapper, which may bear their names. */
function placesOf({ system, env, self }: DoctorWorld): readonly string[] {
  const { PATH = DEFAULT_SEARCH_PATH } = env;
  const folders = `${PATH}:${DEFAULT_SEARCH_PATH}`.split(':').filter((folder) => folder.startsWith('/'));
  const found = new Map<string, string>();
  for (const path of RUNTIMES.flatMap((name) => folders.map((folder) => join(folder, name)))) {
    const status = system.stat(path);
    if (isFailure(status) || status.type !== 'file' || !system.mayExecute(path)) continue;
    if (status.dev === self.dev && status.ino === self.ino) continue;
    const real = system.realpath(path);
    found.set(`${status.dev} ${status.ino}`, isFailure(real) ? path : textOf(real));
  }
  return [...found.values()];
}

function lookAt(system: System, path: string): FoundRuntime {
  const said = askRuntimeVersion(system, path);
  if ('unknown' in said) return { path, name: null, version: null, unknown: said.unknown, faults: [] };
  const { name, version } = said;
  const kind = RUNTIMES.find((each) => each === name);
  return { path, name, version, faults: kind === undefined ? [] : knownFaults(kind, version) };
}

function linesOf({ path, name, version, unknown, faults }: FoundRuntime): readonly string[] {
  if (unknown !== undefined) return [`unknown  ${quoted(path)}: ${unknown}`];
  const who = `${quoted(path)} is ${name} ${version}`;
  if (faults.length === 0) return [`ok       ${who}`];
  return faults.map(
    ({ cve, fixedIn, what }) =>
      `fault    ${who}: ${cve}, ${what}; install ${fixedIn} or newer, or a package of your distribution that repairs it`,
  );
}
