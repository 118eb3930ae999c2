import {
  configureEngine,
  type EngineChange,
  type EngineName,
  type FileChange,
  type FoundEngine,
  findEngines,
  unconfigureEngine,
} from '@opencontainers-ts/engine-config';
import { quoted } from '@opencontainers-ts/runtime-spec';

import { CliError } from '../cli-error.js';
import type { System } from '../system/system.js';
import { askAfter, askBefore, isFailing, refusesAlready } from './ask-engine.js';
import { withEngineLock } from './engine-lock.js';
import { type RecordedEngine, readEngineRecord, writeEngineRecord } from './engine-record.js';
import { missingFolders, removeFolders } from './made-folders.js';
import { nodeFiles } from './node-files.js';
import { type Reloaded, reloadEngine, wasStartedSince } from './reload-engine.js';
import { replaceEngineFile } from './replace-engine-file.js';

/** Which engines are meant. */
export interface EngineChoice {
  /** One of them, or all that the node has. */
  readonly engine: EngineName | 'auto';
  readonly handler: string;
  /** Only say what would be done. */
  readonly isDryRun: boolean;
  /** Restart an engine, or reload it, where it needs that. */
  readonly mayRestart: boolean;
}

/** What engines are to have. */
export interface ConfigureOptions extends EngineChoice {
  readonly program: string;
  readonly podAnnotations: readonly string[];
  readonly setDefault: boolean;
}

/** What was done to an engine, or would be. */
export interface EngineOutcome extends EngineChange {
  /** The engine's own program was asked what it makes of the change. */
  readonly isChecked: boolean;
  /** Undefined: nobody was asked to; it has to be done by hand, where there is something to be read again. */
  readonly reloaded: Reloaded | undefined;
  /** It has not read yet what its files say. */
  readonly needsReload: boolean;
}

/**
 * Gives engines of the node a handler. All is planned before anything is written, so that what cannot be done for one of them
 * stops it for all.
 *
 * @throws CliError
 * @throws EngineConfigError
 */
export function configureEngines(system: System, options: ConfigureOptions): readonly EngineOutcome[] {
  const { engine, handler, program, podAnnotations, setDefault } = options;
  const request = { handler, program, podAnnotations, setDefault, systemdCgroup: 'as-runc' } as const;
  const plan = () => {
    const files = nodeFiles(system);
    const meant = enginesMeant(findEngines(files), engine);
    if (!options.isDryRun && !system.mayExecute(program)) {
      const message = `${quoted(program)} is not there, or cannot be executed`;
      throw new CliError('ERR_ENGINE_PROGRAM', message, { details: { path: program } });
    }
    return meant.map((each) => configureEngine(each, files, request));
  };
  return carryOutAll(system, plan, options, true);
}

/**
 * Takes a handler from engines of the node, whether or not the record knows of it.
 *
 * @throws CliError
 * @throws EngineConfigError
 */
export function unconfigureEngines(system: System, options: EngineChoice): readonly EngineOutcome[] {
  const plan = () => {
    const files = nodeFiles(system);
    const record = readEngineRecord(system);
    const found = findEngines(files);
    // Taking out what is nowhere is no fault.
    const meant = options.engine === 'auto' ? found : enginesMeant(found, options.engine);
    return meant.map((engine) => {
      const recorded = record.find((each) => isFor(each, engine, options.handler));
      return unconfigureEngine(engine, files, options.handler, recorded?.files);
    });
  };
  return carryOutAll(system, plan, options, false);
}

/** With the lock only where there is something to do, which it is planned for anew. */
function carryOutAll(
  system: System,
  plan: () => readonly EngineChange[],
  options: EngineChoice,
  isConfigured: boolean,
): readonly EngineOutcome[] {
  const changes = plan();
  const carryOutEach = (each: readonly EngineChange[]) =>
    each.map((change) => carryOut(system, change, options, isConfigured));
  const record = readEngineRecord(system);
  const isLeft = changes.some(({ engine, handler, files }) => {
    const before = record.find((each) => isFor(each, engine, handler));
    return files.length > 0 || (before !== undefined && (!isConfigured || before.changedAt !== undefined));
  });
  if (options.isDryRun || !isLeft) return carryOutEach(changes);
  return withEngineLock(system, () => carryOutEach(plan()));
}

function enginesMeant(found: readonly FoundEngine[], name: EngineName | 'auto'): readonly FoundEngine[] {
  // A containerd that serves Docker alone has no handlers.
  const meant = found.filter((each) => (name === 'auto' ? each.criDisabled !== true : each.engine === name));
  if (meant.length > 0) return meant;
  const there = found.map(({ engine }) => engine).join(', ') || 'none';
  const what = name === 'auto' ? 'no engine that has handlers' : `no ${name}`;
  throw new CliError('ERR_ENGINE_MISSING', `this node has ${what}; found: ${there}`);
}

const isFor = (each: RecordedEngine, { engine, distribution }: FoundEngine, handler: string): boolean =>
  each.engine === engine && each.distribution === distribution && each.handler === handler;

function carryOut(
  system: System,
  change: EngineChange,
  { isDryRun, mayRestart }: EngineChoice,
  isConfigured: boolean,
): EngineOutcome {
  const record = readEngineRecord(system);
  const others = record.filter((each) => !isFor(each, change.engine, change.handler));
  const before = record.find((each) => isFor(each, change.engine, change.handler));
  const isChanged = change.files.length > 0;
  if (isDryRun) return { ...change, isChecked: false, reloaded: undefined, needsReload: isChanged };
  const changedAt = isChanged ? system.now() : before?.changedAt;
  const answer = isChanged ? askBefore(system, change.engine) : undefined;
  if (answer !== undefined && isFailing(answer) && isConfigured) throw refusesAlready(change.engine, answer);
  const folders = [...missingFolders(system, change), ...(before?.folders ?? [])];
  const entry = (pending: number | undefined) => recorded(change, before, { folders, changedAt: pending });
  // First the record: a run that is killed from here on is mended by the next one.
  if (isChanged) writeEngineRecord(system, withEntry(record, entry(changedAt)));
  try {
    write(system, change);
    const isChecked = isChanged && askAfter(system, change, answer, isConfigured);
    const isUnread = changedAt !== undefined && change.reload.action !== 'none';
    const reloaded = mayRestart && isUnread ? reloadEngine(system, change, changedAt) : undefined;
    const needsReload =
      isUnread && reloaded === undefined && (isChanged || !wasStartedSince(system, change, changedAt));
    if (!isConfigured) removeFolders(system, folders);
    if (isChanged || (before !== undefined && (!isConfigured || changedAt !== undefined))) {
      // What is gone is of no interest any more, once nothing is left to do.
      writeEngineRecord(
        system,
        isConfigured
          ? withEntry(record, entry(needsReload ? changedAt : undefined))
          : inherit(others, change.engine, folders),
      );
    }
    return { ...change, isChecked, reloaded, needsReload };
  } catch (error) {
    putBack(system, change, mayRestart);
    if (before === undefined) removeFolders(system, folders);
    writeEngineRecord(system, record);
    throw error;
  }
}

/** In the place of the one that it had. */
function withEntry(record: readonly RecordedEngine[], entry: RecordedEngine): readonly RecordedEngine[] {
  const isSame = (each: RecordedEngine) =>
    each.engine === entry.engine &&
    each.distribution === entry.distribution &&
    each.handler === entry.handler;
  return record.some(isSame) ? record.map((each) => (isSame(each) ? entry : each)) : [...record, entry];
}

/** Another handler of the engine may have its file in the same folder, which goes with the last of them. */
function inherit(
  others: readonly RecordedEngine[],
  engine: FoundEngine,
  folders: readonly string[],
): readonly RecordedEngine[] {
  const heir = others.find((each) => isFor(each, engine, each.handler));
  return others.map((each) => (each === heir ? { ...each, folders: [...folders, ...each.folders] } : each));
}

/** JSON has no comments that could say what was there. */
const hasNoMarks = (path: string): boolean => path.endsWith('.json');

function recorded(
  { engine, handler, files }: EngineChange,
  before: RecordedEngine | undefined,
  { folders, changedAt }: { readonly folders: readonly string[]; readonly changedAt: number | undefined },
): RecordedEngine {
  const changed = files.filter(({ path }) => hasNoMarks(path));
  return {
    engine: engine.engine,
    distribution: engine.distribution,
    handler,
    paths: [...new Set([...(before?.paths ?? []), ...files.map(({ path }) => path)])],
    files: changed.map((file) => firstToLast(file, before)),
    ...(changed.length === 0 && before !== undefined ? { files: before.files } : {}),
    folders,
    ...(changedAt === undefined ? {} : { changedAt }),
  };
}

/** What was there before the first change is what has to come back, if nobody else has come in between. */
function firstToLast(file: FileChange, before: RecordedEngine | undefined): FileChange {
  const last = before?.files.find(({ path, after }) => path === file.path && after === file.before);
  return last === undefined ? file : { ...file, before: last.before };
}

function write(system: System, { files }: EngineChange): void {
  for (const { path, after } of files) replaceEngineFile(system, path, after);
}

/** Of files that have changed in between nothing is put back: somebody else has written them. */
function putBack(system: System, change: EngineChange, mayRestart: boolean): void {
  const now = nodeFiles(system);
  let isPut = false;
  for (const { path, before, after } of change.files) {
    const bytes = now.readFile(path);
    const text =
      bytes === undefined ? undefined : new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
    if (text !== after) continue;
    replaceEngineFile(system, path, before);
    isPut = true;
  }
  if (!isPut || !mayRestart) return;
  try {
    reloadEngine(system, change, system.now());
  } catch {
    // The first failure is the one to tell: this one has the same cause.
  }
}
