import type { EngineChange, FoundEngine } from '@opencontainers-ts/engine-config';
import { quoted } from '@opencontainers-ts/runtime-spec';
import { parse } from 'smol-toml';

import { CliError } from '../cli-error.js';
import { type Failure, isFailure, type ProgramEnd, type System } from '../system/system.js';
import { textOf } from '../system/text.js';
import { isContent, programAmong, runNodeProgram } from './node-program.js';

/** How the engine's own program is asked what it makes of its configuration. */
interface EngineQuestion {
  readonly program: string;
  readonly args: readonly string[];
  /** It prints its configuration, in which the handler must be. */
  readonly printsToml: boolean;
}

const FOLDERS = ['/usr/bin', '/usr/sbin', '/usr/local/bin', '/usr/local/sbin', '/bin'];
const inFolders = (name: string): readonly string[] => FOLDERS.map((folder) => `${folder}/${name}`);

/** Where containerd is when it is not the node's own. k0s merges drop-ins itself, and so cannot be asked. */
const CONTAINERDS: Readonly<Record<FoundEngine['distribution'], readonly string[]>> = {
  plain: inFolders('containerd'),
  k3s: ['/var/lib/rancher/k3s/data/current/bin/containerd'],
  rke2: ['/var/lib/rancher/rke2/bin/containerd'],
  microk8s: [],
  k0s: [],
};

/** Undefined where the program is not there, or reads something else than the files that were changed. */
function questionFor(
  system: System,
  { engine, distribution, configPath }: FoundEngine,
  hasConfig: boolean,
): EngineQuestion | undefined {
  const asked = (names: readonly string[], args: readonly string[], printsToml = false) => {
    const program = programAmong(system, names);
    return program === undefined ? undefined : { program, args, printsToml };
  };
  switch (engine) {
    case 'containerd':
      return hasConfig
        ? asked(CONTAINERDS[distribution], ['--config', configPath, 'config', 'dump'], true)
        : undefined;
    case 'docker':
      return asked(inFolders('dockerd'), ['--validate', ...(hasConfig ? ['--config-file', configPath] : [])]);
    case 'podman':
      // Whatever it is asked, it reads containers.conf first.
      return asked(inFolders('podman'), ['--version']);
    case 'cri-o':
      return asked(inFolders('crio'), ['config'], true);
    case 'buildkit':
      return undefined;
  }
}

/** What an engine said before a change: that it takes its files, or how it ended; undefined where it cannot be asked. */
export type EngineAnswer = 'content' | ProgramEnd | undefined;

/** Asks an engine what it makes of its configuration as it stands. */
export function askBefore(system: System, engine: FoundEngine): EngineAnswer {
  const hasConfig = !isFailure(system.stat(engine.configPath));
  const question = questionFor(system, engine, hasConfig);
  if (question === undefined) return undefined;
  const end = runNodeProgram(system, question.program, question.args);
  if (isContent(end)) return 'content';
  // A release that does not know the question (dockerd before 23), or no program of this machine.
  return isFailure(end) || engine.engine !== 'containerd' ? undefined : end;
}

/** Whether it refuses what stands there. */
export function isFailing(answer: EngineAnswer): answer is ProgramEnd {
  return answer !== undefined && answer !== 'content';
}

/** One that is not content before anything was changed is left alone. */
export function refusesAlready(engine: FoundEngine, end: ProgramEnd): CliError {
  return refuses(engine, 'as it stands, before anything was changed', end);
}

/**
 * Asks it again. Where it was content before, it must be now, and name the handler.
 *
 * @param before - what it said then
 * @param isConfigured - whether the handler is to be there, or to be gone
 * @returns whether it could be asked
 * @throws CliError `ERR_ENGINE_REFUSES`
 */
export function askAfter(
  system: System,
  { engine, handler, files }: EngineChange,
  before: EngineAnswer,
  isConfigured: boolean,
): boolean {
  // A template is read by its distribution alone.
  if (files.some(({ path }) => path.endsWith('.tmpl'))) return false;
  const hasConfig = !isFailure(system.stat(engine.configPath));
  const question = questionFor(system, engine, hasConfig);
  // What was broken before is not ours to mend, but may be ours to leave.
  if (question === undefined || isFailing(before)) return false;
  if (before === undefined && engine.engine !== 'containerd') return false;
  const end = runNodeProgram(system, question.program, question.args);
  if (before === undefined && isFailure(end)) return false;
  if (!isContent(end)) throw refuses(engine, 'with the change', end);
  if (question.printsToml && isConfigured) checkDump(engine, handler, textOf(end.output));
  return true;
}

/** The tables below which an engine has its handlers, whatever the version. */
const HANDLER_TABLES = [
  ['plugins', 'io.containerd.grpc.v1.cri', 'containerd', 'runtimes'],
  ['plugins', 'io.containerd.cri.v1.runtime', 'containerd', 'runtimes'],
  ['crio', 'runtime', 'runtimes'],
];

/** The handler is there, and so is the one that containers have which name none: without it containerd 1 serves no pod. */
function checkDump(engine: FoundEngine, handler: string, text: string): void {
  let dump: unknown;
  try {
    dump = parse(text, { integersAsBigInt: true });
  } catch (cause) {
    throw new CliError(
      'ERR_ENGINE_REFUSES',
      `what ${engine.engine} prints of its configuration is not TOML`,
      {
        cause,
      },
    );
  }
  for (const place of HANDLER_TABLES) {
    const runtimes = memberAt(dump, place);
    if (runtimes === undefined) continue;
    const byDefault = memberAt(dump, [...place.slice(0, -1), 'default_runtime_name']);
    const missing = [handler, ...(typeof byDefault === 'string' ? [byDefault] : [])].find(
      (name) => memberAt(runtimes, [name]) === undefined,
    );
    if (missing === undefined) return;
    throw new CliError(
      'ERR_ENGINE_REFUSES',
      `${engine.engine} would not have the handler ${quoted(missing)}`,
    );
  }
  throw new CliError('ERR_ENGINE_REFUSES', `${engine.engine} would have no handlers at all`);
}

function memberAt(value: unknown, place: readonly string[]): unknown {
  let found = value;
  for (const name of place) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) return undefined;
    found = (found as Readonly<Record<string, unknown>>)[name];
  }
  return found;
}

function refuses({ engine, configPath }: FoundEngine, when: string, end: ProgramEnd | Failure): CliError {
  const why = isFailure(end) ? `it cannot be run: ${end.errno}` : `it ends with status ${end.status}`;
  return new CliError('ERR_ENGINE_REFUSES', `${engine} refuses ${quoted(configPath)} ${when}: ${why}`, {
    details: { path: configPath },
  });
}
