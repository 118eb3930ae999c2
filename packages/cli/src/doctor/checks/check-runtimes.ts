import { quoted } from '@opencontainers-ts/runtime-spec';
import type { FoundRuntime } from '../facts/runtime-facts.js';
import type { Finding } from '../finding.js';
import { runtimeLimits } from '../runtime-limits.js';

/**
 * What is known against the runtimes of a node. What a rule makes of a root is checked all the same, whatever the runtime: the faults
 * are for all other containers of the node.
 *
 * @param usesDevices - the configuration has rules that give devices
 */
export function checkRuntimes(
  runtimes: readonly FoundRuntime[],
  { usesDevices }: { readonly usesDevices: boolean },
): readonly Finding[] {
  if (runtimes.length === 0) {
    return [
      {
        check: 'runtime',
        level: 'fault',
        message: 'no runtime is on the search path',
        remedy: 'install runc, crun or runsc, or name one (runtime.paths in /etc/ociwrap/config.toml)',
      },
    ];
  }
  return runtimes.flatMap((runtime) => findingsOf(runtime, usesDevices));
}

function findingsOf(runtime: FoundRuntime, usesDevices: boolean): readonly Finding[] {
  const { path, name, version, unknown, faults } = runtime;
  if (name === null || version === null) {
    return [
      {
        check: 'runtime',
        level: 'note',
        message: `${quoted(path)} does not say its version: ${unknown ?? 'nobody knows why'}`,
        remedy: `see what ${quoted(`${path} --version`)} says`,
      },
    ];
  }
  const who = `${quoted(path)} is ${name} ${version}`;
  const told: readonly Finding[] = [
    ...faults.map(
      ({ cve, fixedIn, what }): Finding => ({
        check: 'runtime',
        level: 'fault',
        message: `${who}: ${cve}, ${what}`,
        remedy: `install ${fixedIn} or newer, or a package of your distribution that repairs it`,
      }),
    ),
    ...runtimeLimits(name, version).map(
      ({ what, fixedIn }): Finding => ({
        check: 'runtime',
        level: usesDevices ? 'warning' : 'note',
        message: `${who}: ${what}`,
        remedy: `install ${fixedIn} or newer, if containers get CDI devices`,
      }),
    ),
  ];
  return told.length === 0 ? [{ check: 'runtime', level: 'ok', message: who }] : told;
}
