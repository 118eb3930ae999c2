import type { ConfiguredHandler, EngineChange, FileChange, HandlerRequest } from '../engine-change.js';
import { EngineConfigError } from '../engine-config-error.js';
import type { FoundEngine, NodeFiles } from '../found-engine.js';
import { fileText } from '../text/file-text.js';
import { parseToml, tableAt, textAt, textsAt } from '../toml/toml-table.js';
import { type ContainerdFiles, readContainerd } from './containerd/containerd-files.js';
import { reloadOfContainerd } from './containerd/containerd-reload.js';
import { findContainerds } from './containerd/find-containerd.js';
import { handlerLines } from './containerd/handler-lines.js';
import { dropInOf, mainTarget } from './containerd/target-file.js';
import { leftOf, withHandler, withoutHandler } from './containerd/with-handler.js';
import type { EngineConfig } from './engine-config.js';
import { engineChange, ownFile, removedFile } from './file-changes.js';
import { isOurDropIn, isOurProgram } from './request.js';

/** containerd, by itself and as distributions of Kubernetes bring it along. */
export const containerdConfig: EngineConfig = {
  find: findContainerds,
  configure,
  unconfigure,
  handlers,
};

function configure(engine: FoundEngine, files: NodeFiles, request: HandlerRequest): EngineChange {
  const { handler } = request;
  if (engine.criDisabled === true) {
    const message = 'the CRI plugin of this containerd is turned off by disabled_plugins';
    throw new EngineConfigError('ERR_ENGINE_NO_CRI', message, { path: engine.configPath });
  }
  const read = readContainerd(engine, files);
  refuseTaken(read, handler);
  const dropIn = dropInOf(engine, read, handler);
  if (dropIn !== undefined) {
    const lines = handlerLines(read, request, { isAlone: true });
    const version = read.version === 1 ? [] : [`version = ${read.version}`, ''];
    // What stood in the main file before there were drop-ins would be a second place for one thing.
    const main = withoutOurs(files, mainTarget(engine, read), handler);
    const changes = [main, ownFile(files, dropIn, [...version, ...lines])];
    return engineChange(
      engine,
      handler,
      changes,
      reloadOfContainerd(engine, files),
      notesOf(engine, request),
    );
  }
  const target = mainTarget(engine, read);
  const change = {
    path: target,
    before: fileText(files, target),
    after: withHandler(engine, read, target, request),
  };
  return engineChange(engine, handler, [change], reloadOfContainerd(engine, files), notesOf(engine, request));
}

function notesOf({ distribution, configPath }: FoundEngine, request: HandlerRequest): readonly string[] {
  const notes: string[] = [];
  if (request.podAnnotations.length === 0) {
    notes.push('no pattern of annotations is handed on: rules that ask for an annotation see none of them');
  }
  if (distribution === 'k0s')
    notes.push('k0s starts its containerd anew by itself, seconds after the file has changed');
  if (distribution === 'k3s' || distribution === 'rke2') {
    notes.push(
      `${configPath} is made anew from the template when the service starts: until then it does not show the handler`,
    );
  }
  return notes;
}

function unconfigure(
  engine: FoundEngine,
  files: NodeFiles,
  handler: string,
  recorded: readonly FileChange[],
): EngineChange {
  const read = readContainerd(engine, files);
  const dropIn = dropInOf(engine, read, handler);
  const isBundled = engine.distribution === 'k3s' || engine.distribution === 'rke2';
  const touched = new Set([
    mainTarget(engine, read),
    // What a distribution makes itself is its own; what it makes that of is not.
    ...read.files.filter(({ isTemplate }) => isTemplate || !isBundled).map(({ path }) => path),
    ...recorded.map(({ path }) => path),
  ]);
  const changes = [...touched]
    .filter((path) => path !== dropIn)
    .map((path) => withoutOurs(files, path, handler));
  if (dropIn !== undefined) changes.push(removedFile(files, dropIn));
  return engineChange(engine, handler, changes, reloadOfContainerd(engine, files));
}

/** A file without the blocks of a handler; without the shared one too, where no other handler of ours needs it. */
function withoutOurs(files: NodeFiles, path: string, handler: string): FileChange {
  const before = fileText(files, path);
  if (before === undefined) return { path, before, after: before };
  return { path, before, after: leftOf(withoutHandler(before, path, handler)) };
}

/** A handler of that name that is not ours is never touched. */
function refuseTaken(read: ContainerdFiles, handler: string): void {
  const { names } = read;
  for (const { path, text, isTemplate } of read.files) {
    const without = withoutHandler(text, path, handler);
    if (isTemplate) {
      if (new RegExp(`^[ \\t]*\\[[^\\]\\n]*\\.runtimes\\.["']?${handler}["']?\\]`, 'm').test(without))
        throw takenError(path, handler);
      continue;
    }
    if (isOurDropIn(path)) continue;
    const table = tableAt(parseToml(without, path), [...names.runtimes, handler]);
    if (Object.keys(table).length > 0 && !isOurProgram(textAt(table, ['options', 'BinaryName']))) {
      throw takenError(path, handler);
    }
  }
}

function takenError(path: string, handler: string): EngineConfigError {
  const message = `the handler "${handler}" is there already, and is not one of ours`;
  return new EngineConfigError('ERR_ENGINE_HANDLER_TAKEN', message, { path });
}

function handlers(engine: FoundEngine, files: NodeFiles): readonly ConfiguredHandler[] {
  const read = readContainerd(engine, files);
  const { table, names } = read;
  const byDefault = textAt(table, [...names.containerd, 'default_runtime_name']) ?? 'runc';
  const runtimes = tableAt(table, names.runtimes);
  return Object.keys(runtimes).map((name) => {
    const runtime = tableAt(runtimes, [name]);
    const program = textAt(runtime, ['options', 'BinaryName']);
    const path = read.fileOf([...names.runtimes, name]) ?? engine.configPath;
    return {
      name,
      program: program === '' ? undefined : program,
      podAnnotations: textsAt(runtime, ['pod_annotations']),
      containerAnnotations: textsAt(runtime, ['container_annotations']),
      isDefault: name === byDefault,
      isOurs: isOurProgram(program) || isOurDropIn(path),
      path,
    };
  });
}
