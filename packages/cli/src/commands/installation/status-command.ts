import { printable } from '@opencontainers-ts/runtime-spec';
import type { CommandModule } from 'yargs';

import { refusalOf } from '../../call/refusal.js';
import { type RecordedEngine, readEngineRecord } from '../../engines/engine-record.js';
import { installationFaults } from '../../installation/installation-faults.js';
import type { Layout } from '../../installation/layout.js';
import { type OwnUser, ownUsers } from '../../installation/own-users.js';
import { type FoundInstallation, readInstallation } from '../../installation/read-installation.js';
import type { System } from '../../system/system.js';
import { failure } from '../failure.js';
import { type CommandOutput, jsonOutput } from '../output.js';
import { usageText } from '../usage-text.js';
import type { Emit } from '../world.js';
import {
  enterPlace,
  type InstallationWorld,
  PLACE_OPTIONS,
  type PlaceArguments,
} from './installation-options.js';
import { userText } from './uninstall-command.js';

interface StatusState {
  readonly users: readonly OwnUser[];
  readonly engines: readonly RecordedEngine[];
}

/** Says what is installed, and what of it is not as it should be. */
export function runStatus(given: PlaceArguments, world: InstallationWorld): CommandOutput {
  const { system } = world;
  try {
    const layout = enterPlace(system, given, world.cwd);
    const found = readInstallation(system, layout);
    const containers = containersOf(system, layout, found);
    const faults = [...installationFaults(found), ...('fault' in containers ? [containers.fault] : [])].map(
      (fault) => printable(fault),
    );
    const state = { users: 'users' in containers ? containers.users : [], engines: readEngineRecord(system) };
    const status = faults.length === 0 ? 0 : 1;
    return {
      status,
      stdout: given.json ? statusJson(found, state, faults) : statusText(found, state, faults),
    };
  } catch (error) {
    return failure(error);
  }
}

function containersOf(
  system: System,
  layout: Layout,
  { places, folder }: FoundInstallation,
): { readonly users: readonly OwnUser[] } | { readonly fault: string } {
  if (folder === 'missing') return { users: [] };
  try {
    return {
      users: ownUsers(
        system,
        layout,
        places.map(({ path }) => path),
      ),
    };
  } catch (error) {
    return { fault: refusalOf(error).message };
  }
}

function statusJson(
  found: FoundInstallation,
  { users, engines }: StatusState,
  faults: readonly string[],
): string {
  const { layout, manifest, current } = found;
  return jsonOutput({
    prefix: layout.prefix,
    isInstalled: manifest !== undefined,
    isLeaving: manifest?.isLeaving ?? false,
    current,
    versions: manifest?.versions.map(({ name }) => name) ?? [],
    places: found.places.map(({ path, original, at }) => ({ path, original, isTaken: at === 'ours' })),
    configuration: manifest?.configuration && {
      path: manifest.configuration.path,
      isAsInstalled: manifest.configuration.checksum === found.configuration,
    },
    engines: engines.map(({ engine, distribution, handler }) => ({ engine, distribution, handler })),
    containers: users,
    faults,
  });
}

function statusText(
  found: FoundInstallation,
  { users, engines }: StatusState,
  faults: readonly string[],
): string {
  const { layout, manifest, current = 'none', places } = found;
  const kept = (manifest?.versions ?? []).map(({ name }) => name).filter((name) => name !== current);
  const lines =
    manifest === undefined
      ? [`${layout.prefix}: nothing is installed`]
      : [
          `${layout.prefix}: ${current}`,
          ...(kept.length === 0 ? [] : [`  kept: ${kept.join(', ')}`]),
          ...places
            .filter(({ at }) => at === 'ours')
            .map(({ path, original }) => `  in the place of ${path}, which is ${original}`),
          ...configurationLines(found),
          ...engines.map(({ engine, handler }) => `  handler ${handler} of ${engine}`),
          `  containers: ${users.length}`,
          ...users.map((user) => `    ${userText(user)}`),
        ];
  return [...lines, ...faults.map((fault) => `fault: ${fault}`)]
    .map((line) => `${printable(line)}\n`)
    .join('');
}

function configurationLines({ manifest, configuration }: FoundInstallation): readonly string[] {
  if (manifest?.configuration === undefined) return [];
  const { path, checksum } = manifest.configuration;
  const state =
    checksum === configuration
      ? 'as it was installed'
      : configuration === undefined
        ? 'removed'
        : 'changed since';
  return [`  configuration: ${path}, ${state}`];
}

/** `ociwrap status`. */
export function statusCommand(world: InstallationWorld, emit: Emit): CommandModule<object, PlaceArguments> {
  return {
    command: 'status',
    describe: 'Say what is installed, and whether all of it is as it should be',
    builder: (yargs) =>
      yargs
        .usage(
          usageText('Says what is installed, who runs under it, and whether all of it is as it should be.', [
            ['status', 'exit status 0 if so, 1 if not'],
            ['status --json', 'the same for a program'],
          ]),
        )
        .options(PLACE_OPTIONS),
    handler: (given) => emit(runStatus(given, world)),
  };
}
