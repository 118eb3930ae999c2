import type { HandlerRequest } from '../../engine-change.js';
import { EngineConfigError } from '../../engine-config-error.js';
import type { FoundEngine } from '../../found-engine.js';
import { appendBlock, blocksOf, withoutBlocks } from '../../text/marked-block.js';
import { withKeySet } from '../../toml/key-place.js';
import { parseToml, tableAt, valueAt } from '../../toml/toml-table.js';
import { tomlTable } from '../../toml/toml-text.js';
import { type ContainerdFiles, splitPath } from './containerd-files.js';
import { handlerLines, runcLines } from './handler-lines.js';

/** The block that all handlers share. */
const SHARED = 'runc';
const blockOf = (handler: string): string => `handler ${handler}`;
const DEFAULT = 'default';

/** What a file of ours begins with, where there was none: without anything below it is taken away again. */
const MADE = '# Made by ociwrap where there was no file.\n';
const BASE_TEMPLATE = `${MADE}{{ template "base" . }}\n`;
const BASE_CONFIG = `${MADE}version = 2\n`;

/** A file of others with the handler of a request, as the request has it: what an earlier one has put there is taken out first. */
export function withHandler(
  engine: FoundEngine,
  read: ContainerdFiles,
  path: string,
  request: HandlerRequest,
): string {
  const { handler } = request;
  const before = read.files.find((file) => file.path === path)?.text;
  const isTemplate = splitPath(path).name.endsWith('.tmpl');
  const others = before ?? (isTemplate ? BASE_TEMPLATE : BASE_CONFIG);
  const base = withoutHandler(others, path, handler);
  const shared = needsRunc(read, base, path, isTemplate) ? appendBlock(base, SHARED, runcLines(read)) : base;
  const withDefault = request.setDefault ? defaultSet(engine, read, shared, path, request) : shared;
  const lines = handlerLines(read, request, { isAlone: false });
  const after = appendBlock(withDefault, blockOf(handler), lines);
  // In its place, so that a second run changes nothing.
  const result = before !== undefined && isSameBlocks(before, after, path) ? before : after;
  checkResult(result, others, path, read, request);
  return result;
}

/** What is left of a text when a handler is taken out, and what all share when it was the last one. */
export function withoutHandler(text: string, path: string, handler: string): string {
  const names = [blockOf(handler), `${DEFAULT} ${handler}`];
  const left = withoutBlocks(text, path, (name) => names.includes(name));
  return blocksOf(left, path).some(({ name }) => name.startsWith('handler '))
    ? left
    : withoutBlocks(left, path, (name) => name === SHARED);
}

/** Undefined for what has nothing but our first lines. */
export function leftOf(text: string): string | undefined {
  return text === BASE_TEMPLATE || text === BASE_CONFIG ? undefined : text;
}

/** A template's base names runc, and so does each file of version 3 by itself (containerd 2 keeps its own defaults). */
function needsRunc(
  { names, version }: ContainerdFiles,
  base: string,
  path: string,
  isTemplate: boolean,
): boolean {
  if (isTemplate || version >= 3) return false;
  return Object.keys(tableAt(parseToml(base, path), names.runtimes)).length === 0;
}

function defaultSet(
  { distribution }: FoundEngine,
  { names }: ContainerdFiles,
  text: string,
  path: string,
  { handler }: HandlerRequest,
): string {
  if (path.endsWith('.tmpl')) {
    throw new EngineConfigError(
      'ERR_ENGINE_FILE_SHAPE',
      `the default of ${distribution} stands in its own template: set "default-runtime: ${handler}" in its config.yaml`,
      { path },
    );
  }
  // One handler is the default: the mark of another goes first, with what it took the place of.
  const clean = withoutBlocks(text, path, (name) => name.startsWith(`${DEFAULT} `));
  const block = `${DEFAULT} ${handler}`;
  const key = 'default_runtime_name';
  return (
    withKeySet(clean, path, block, [names.containerd, key, `"${handler}"`]) ??
    appendBlock(clean, block, tomlTable(names.containerd, [[key, handler]]))
  );
}

function isSameBlocks(before: string, after: string, path: string): boolean {
  const described = (text: string) =>
    JSON.stringify(
      blocksOf(text, path)
        .map(({ name, body, kept }) => [name, body.replaceAll('\r\n', '\n'), kept])
        .toSorted(),
    );
  return described(before) === described(after);
}

/** Nothing of others may be lost, and ours must be what the engine reads. */
function checkResult(
  after: string,
  others: string,
  path: string,
  { names }: ContainerdFiles,
  { handler, program }: HandlerRequest,
): void {
  const isOurs = () => true;
  if (withoutBlocks(after, path, isOurs) !== withoutBlocks(others, path, isOurs)) {
    throw new EngineConfigError(
      'ERR_ENGINE_FILE_SHAPE',
      'the handler cannot be added so that it can be taken out again',
      { path },
    );
  }
  if (path.endsWith('.tmpl')) return;
  let found: unknown;
  try {
    found = valueAt(parseToml(after, path), [...names.runtimes, handler, 'options', 'BinaryName']);
  } catch (cause) {
    const { line } = cause as EngineConfigError;
    const message =
      'a table of the handler is there already in another form, which no header can be added to';
    throw new EngineConfigError('ERR_ENGINE_FILE_SHAPE', message, { path, line, cause });
  }
  if (found !== program) {
    throw new EngineConfigError(
      'ERR_ENGINE_FILE_SHAPE',
      'the handler that was added is not what the file says then',
      { path },
    );
  }
}
