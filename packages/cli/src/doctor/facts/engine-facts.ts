import {
  type ConfiguredHandler,
  type EngineName,
  type FoundEngine,
  findEngines,
  handlersOf,
  type NodeFiles,
} from '@opencontainers-ts/engine-config';

import { quoted } from '@opencontainers-ts/runtime-spec';

import { refusalOf } from '../../call/refusal.js';
import { CLI_ERROR_CODES } from '../../cli-error.js';
import { isFailure, type System, SystemError } from '../../system/system.js';
import type { EngineFacts, HandlerFacts } from '../checks/check-engines.js';
import { processStarts } from './process-starts.js';

/** The names of the daemons that read a handler only when they are started. The others are asked to (SIGHUP), and nobody can tell whether they were. */
const DAEMONS: Readonly<Partial<Record<EngineName, string>>> = { containerd: 'containerd' };

/** The boot time of /proc/stat has whole seconds. */
const UNSURE_MILLISECONDS = 1000;

/** The engines of a node as their files tell, and how each calls us. Files that cannot be read are a fact about the engine. */
export function engineFacts(system: System, files: NodeFiles): readonly EngineFacts[] {
  let engines: readonly FoundEngine[];
  try {
    engines = findEngines(files);
  } catch (error) {
    return [{ ...NO_ENGINE, fault: faultOf(error) }];
  }
  return engines.map((engine) => {
    const { engine: name, distribution, configPath, criDisabled = false, unit } = engine;
    const about = { engine: name, distribution, configPath, criDisabled };
    try {
      const handlers = handlersOf(engine, files);
      const changed = handlers.find((handler) => handler.isOurs && isNewer(system, name, handler));
      return {
        ...about,
        handlers: handlers.map((handler) => handlerFacts(system, handler)),
        ...(changed === undefined ? {} : { changedSinceStart: changed.path }),
        ...(unit === undefined ? {} : { restart: `restart ${unit}` }),
      };
    } catch (error) {
      return { ...about, handlers: [], fault: faultOf(error) };
    }
  });
}

/** Where not even the engines could be told. */
const NO_ENGINE = {
  engine: 'an engine',
  distribution: 'plain',
  configPath: '',
  criDisabled: false,
  handlers: [],
} as const;

function faultOf(error: unknown): NonNullable<EngineFacts['fault']> {
  if (error instanceof SystemError) {
    const message = `${error.code} for ${quoted(error.path ?? 'a file')}`;
    return { code: 'ERR_INPUT_UNREADABLE', message, hint: CLI_ERROR_CODES.ERR_INPUT_UNREADABLE.hint };
  }
  const { code, message, hint = 'correct the file' } = refusalOf(error);
  return { code, message, hint };
}

function handlerFacts(system: System, handler: ConfiguredHandler): HandlerFacts {
  const { name, program, isOurs, isDefault, podAnnotations, path } = handler;
  const about = { name, isOurs, isDefault, podAnnotations, path };
  if (program === undefined) return about;
  // A bare name is looked up by the engine, on a PATH of its own.
  if (!program.startsWith('/')) return { ...about, program };
  const status = system.stat(program);
  const programFound = !isFailure(status) && status.type === 'file' && system.mayExecute(program);
  return { ...about, program, programFound };
}

function isNewer(system: System, engine: EngineName, { path }: ConfiguredHandler): boolean {
  const daemon = DAEMONS[engine];
  const status = system.stat(path);
  if (daemon === undefined || isFailure(status)) return false;
  const starts = processStarts(system, daemon);
  const changed = Number(status.ctimeNs / 1_000_000n);
  return starts.length > 0 && starts.every((start) => start + UNSURE_MILLISECONDS < changed);
}
