import type { PinnedPath } from '@opencontainers-ts/rootfs-rewriter';

import type { World } from '../commands/world.js';
import { CONFIG_FILE, mainFile } from '../config/config-files.js';
import type { Settings } from '../config/settings/settings.js';
import { STATE_FOLDER } from '../config/state-file.js';
import { nodeFiles } from '../engines/node-files.js';
import { TABLE_FOLDER } from '../fast-path/write-table.js';
import { dirname, join } from '../system/paths.js';
import { isFailure, type System } from '../system/system.js';
import { textOf } from '../system/text.js';
import {
  type ConfigurationFacts,
  checkConfiguration,
  checkHandlerSettings,
  configurationFacts,
} from './checks/check-configuration.js';
import { checkDecisions } from './checks/check-decisions.js';
import { checkEngines, type EngineFacts } from './checks/check-engines.js';
import { checkInstallation } from './checks/check-installation.js';
import { checkKernel, checkOverlay } from './checks/check-kernel.js';
import { checkLog } from './checks/check-log.js';
import { checkNode, nodeFacts } from './checks/check-node.js';
import { checkOwnership } from './checks/check-ownership.js';
import { checkResidue } from './checks/check-residue.js';
import { checkResolution, resolvedNames } from './checks/check-resolution.js';
import { checkRuntimes } from './checks/check-runtimes.js';
import { checkTable } from './checks/check-table.js';
import { engineFacts } from './facts/engine-facts.js';
import { handlerSettings } from './facts/handler-settings.js';
import { type InstallationFacts, installationFacts, prefixOf } from './facts/installation-facts.js';
import { kernelFacts, overlayFacts } from './facts/kernel-facts.js';
import { logFacts } from './facts/log-facts.js';
import { type LoggedDecision, loggedDecisions } from './facts/logged-decisions.js';
import { ownershipFacts } from './facts/ownership-facts.js';
import { residueFacts } from './facts/residue-facts.js';
import { type FoundRuntime, runtimeFacts } from './facts/runtime-facts.js';
import { tableFacts } from './facts/table-facts.js';
import { type Finding, inOrder, type Level, worstOf } from './finding.js';

/** What an examination sees of the world. */
export type ExaminedWorld = Pick<
  World,
  'system' | 'env' | 'self' | 'settings' | 'settingsFor' | 'host' | 'userId'
>;

/** A node, as it was found. */
export interface ExaminedNode {
  readonly worst: Level;
  /** The most serious first. */
  readonly findings: readonly Finding[];
  readonly runtimes: readonly FoundRuntime[];
  readonly installation: InstallationFacts;
  readonly configuration: ConfigurationFacts;
  readonly engines: readonly EngineFacts[];
  /** The last ones of the log, the oldest first. */
  readonly decisions: readonly LoggedDecision[];
}

/** So many decisions are looked at, and shown by `ociwrap report`. */
const MOST_DECISIONS = 200;

/** Folders of state that outlives a reboot. */
const KEPT_FOLDER = '/var/lib/ociwrap';

/** Looks at everything on a node that a container's start depends on. Nothing is changed. */
export async function examineNode(world: ExaminedWorld): Promise<ExaminedNode> {
  const { system, env, settings, userId } = world;
  const installation = installationFacts(system, prefixOf(world.self.path));
  const program = programOf(system, installation, world.self);
  const ours = { ...world, self: program };
  const engines = engineFacts(system, nodeFiles(system));
  const configuration = await configurationFacts(world, settings);
  const named = Object.values(settings.runtime.paths ?? {}).map(({ value }) => value);
  const runtimes = runtimeFacts(
    ours,
    named.filter((path) => path.startsWith('/')),
  );
  const names = namesOf(installation, engines, program);
  const resolved = await resolvedNames(names, ours);
  const handlers = await handlerSettings(world, names);
  const decisions = loggedDecisions(system, settings.log.file, MOST_DECISIONS);
  const folders = [TABLE_FOLDER, STATE_FOLDER, KEPT_FOLDER, dirname(CONFIG_FILE)];
  const findings = inOrder([
    ...checkRights(userId),
    ...(userId === 0 ? checkKernel(kernelFacts(system)) : []),
    ...(userId === 0 ? checkOverlay(overlayFacts(system), settings.rootStrategy) : []),
    ...checkNode(nodeFacts(system)),
    ...checkRuntimes(runtimes, { usesDevices: usesDevices(settings) }),
    ...checkResolution(resolved),
    ...checkInstallation(installation, program.path),
    ...checkOwnership(ownershipFacts(system, ownedPaths(world, installation, program))),
    ...checkConfiguration(configuration),
    ...checkHandlerSettings(handlers, settings.fault),
    ...checkEngines(engines, annotationKeys(settings)),
    ...checkLog(logFacts(system, settings.log)),
    ...checkTable(tableFacts(system, settings, { program, env })),
    ...handlers.flatMap(({ handler, settings: own }) =>
      checkTable(tableFacts(system, own, { program, handler, env }), handler),
    ),
    ...checkResidue(residueFacts(system, folders, settings.log.file)),
    ...checkDecisions(decisions),
  ]);
  return { worst: worstOf(findings), findings, runtimes, installation, configuration, engines, decisions };
}

/** An ordinary user sees neither the log nor what the kernel would let root do. */
export function checkRights(userId: number): readonly Finding[] {
  return userId === 0
    ? []
    : [
        {
          check: 'rights',
          level: 'warning',
          message: `user ${userId} sees only a part: the kernel is not tried, and what cannot be read is told as such`,
          remedy: 'run this as root',
        },
      ];
}

/** The program that engines call: the installed one, and where none is installed this one. */
function programOf(system: System, { programs }: InstallationFacts, self: PinnedPath): PinnedPath {
  const installed = programs.find(({ path, isThere }) => isThere && path.endsWith('/oci-runtime-wrapper'));
  if (installed === undefined) return self;
  const status = system.stat(installed.path);
  return isFailure(status) ? self : { path: installed.path, dev: status.dev, ino: status.ino };
}

/** Each name that an engine calls us by, once. */
function namesOf(
  { programs }: InstallationFacts,
  engines: readonly EngineFacts[],
  program: PinnedPath,
): readonly string[] {
  const handlers = engines
    .flatMap((engine) => engine.handlers)
    .flatMap((handler) => (handler.isOurs && handler.program !== undefined ? [handler.program] : []));
  const installed = programs.map(({ path }) => path);
  const names = [...handlers, ...installed];
  return names.length === 0 ? [program.path] : [...new Set(names)];
}

/** Also of a configuration that cannot be used: who owns it may be why. */
function ownedPaths(
  { system, env }: Pick<World, 'system' | 'env'>,
  { programs }: InstallationFacts,
  program: PinnedPath,
): readonly { readonly path: string; readonly what: string }[] {
  const main = mainFile(env);
  const dropIns = join(dirname(main), 'conf.d');
  const names = system.readdir(dropIns);
  const files = isFailure(names) ? [] : names.map((name) => join(dropIns, textOf(name)));
  const configuration = [dirname(main), main, dropIns, ...files];
  return [
    ...[program, ...programs].map(({ path }) => ({ path, what: 'the program' })),
    ...configuration.map((path) => ({ path, what: 'the configuration' })),
    { path: KEPT_FOLDER, what: 'what is kept on the node' },
  ];
}

function usesDevices({ cdi, rules }: Settings): boolean {
  return cdi.enabled || rules.some(({ name }) => name === 'cdi-devices');
}

/** Texts of triggers that are keys of annotations, as Kubernetes writes them: a domain before a slash. */
export function annotationKeys({ rules }: Pick<Settings, 'rules'>): readonly string[] {
  const texts = rules.flatMap(({ triggers }) => (triggers === 'every-create' ? [] : triggers));
  return [...new Set(texts)].filter((text) => /^[a-z0-9-]+(?:\.[a-z0-9-]+)+\/[A-Za-z0-9._-]*$/.test(text));
}
