import { SpecDocument, type SpecError } from '@opencontainers-ts/runtime-spec';

import type { ConfiguredHandler, EngineChange, FileChange, HandlerRequest } from '../engine-change.js';
import { EngineConfigError } from '../engine-config-error.js';
import type { FoundEngine, NodeFiles } from '../found-engine.js';
import { type JsonStyle, membersOf, styleOf, withMember, withoutMember } from '../json/json-members.js';
import { fileText, withoutMark } from '../text/file-text.js';
import { type TomlTable as Table, tableAt, textAt, valueAt } from '../toml/toml-table.js';
import type { EngineConfig } from './engine-config.js';
import { engineChange, reloadOf } from './file-changes.js';
import { isOurProgram } from './request.js';
import { flagOfUnit } from './systemd-unit.js';

/**
 * Docker: a member of `runtimes` in daemon.json, which dockerd reads again on SIGHUP. JSON has no comments, so ours is known by the
 * program that it names.
 */
export const dockerConfig: EngineConfig = { find, configure, unconfigure, handlers };

const MAIN = '/etc/docker/daemon.json';
const UNIT = 'docker.service';
const PROGRAMS = ['/usr/bin/dockerd', '/usr/sbin/dockerd', '/usr/local/bin/dockerd'];

function find(files: NodeFiles): readonly FoundEngine[] {
  const configPath = flagOfUnit(files, UNIT, ['--config-file']) ?? MAIN;
  const isThere = [...PROGRAMS, configPath].some((path) => files.exists(path));
  return isThere ? [{ engine: 'docker', distribution: 'plain', configPath, unit: UNIT }] : [];
}

function configure(engine: FoundEngine, files: NodeFiles, request: HandlerRequest): EngineChange {
  const { handler, program, setDefault } = request;
  const path = engine.configPath;
  const before = fileText(files, path);
  const table = parseJson(before, path);
  const present = valueAt(table, ['runtimes', handler]);
  const named = textAt(table, ['runtimes', handler, 'path']);
  if (present !== undefined && !isOurProgram(named) && named !== program) {
    const message = `the runtime "${handler}" is there already, and is not one of ours`;
    throw new EngineConfigError('ERR_ENGINE_HANDLER_TAKEN', message, { path });
  }
  let after = before === undefined || before.trim() === '' ? '{}\n' : before;
  if (named !== program) after = withRuntime(after, path, handler, program);
  const isDefault = textAt(table, ['default-runtime']) === handler;
  if (isDefault !== setDefault) after = withDefault(after, setDefault ? handler : undefined);
  const notes = ['`docker run --annotation` needs Docker 24 (API 1.43); older ones hand no annotation on'];
  return engineChange(engine, handler, [{ path, before, after }], reloadOf('reload', engine.unit), notes);
}

function withRuntime(text: string, path: string, handler: string, program: string): string {
  const top = membersOf(text, 0);
  const style = styleOf(text, top);
  const value = { path: program };
  const runtimes = top.members.filter(({ key }) => key === 'runtimes');
  const [first, second] = runtimes;
  if (second !== undefined) {
    throw new EngineConfigError('ERR_ENGINE_FILE_SHAPE', 'it has "runtimes" twice', { path });
  }
  if (first === undefined) return withMember(text, top, ['runtimes', { [handler]: value }], style, 1);
  // An old one of ours, with another program.
  const without = withoutMember(text, membersOf(text, first.valueStart), handler);
  return withMember(without, membersOf(without, first.valueStart), [handler, value], style, 2);
}

function withDefault(text: string, handler: string | undefined): string {
  const top = membersOf(text, 0);
  const style: JsonStyle = styleOf(text, top);
  const present = top.members.find(({ key }) => key === 'default-runtime');
  if (handler === undefined) return withoutMember(text, top, 'default-runtime');
  return present === undefined
    ? withMember(text, top, ['default-runtime', handler], style, 1)
    : text.slice(0, present.valueStart) + JSON.stringify(handler) + text.slice(present.end);
}

function unconfigure(
  engine: FoundEngine,
  files: NodeFiles,
  handler: string,
  recorded: readonly FileChange[],
): EngineChange {
  const path = engine.configPath;
  const before = fileText(files, path);
  const change = { path, before, after: leftOf(before, path, handler, recorded) };
  return engineChange(engine, handler, [change], reloadOf('reload', engine.unit));
}

function leftOf(
  before: string | undefined,
  path: string,
  handler: string,
  recorded: readonly FileChange[],
): string | undefined {
  const table = parseJson(before, path);
  if (before === undefined || !isOurs(table, handler, recorded)) return before;
  // Nobody has touched it since.
  const record = recorded.findLast(
    (file) =>
      file.path === path &&
      file.after === before &&
      valueAt(parseJson(file.before, path), ['runtimes', handler]) === undefined,
  );
  if (record !== undefined) return record.before;
  let text = before;
  const runtimes = membersOf(text, 0).members.find(({ key }) => key === 'runtimes');
  if (runtimes !== undefined) {
    const inner = membersOf(text, runtimes.valueStart);
    text =
      inner.members.length === 1
        ? withoutMember(text, membersOf(text, 0), 'runtimes')
        : withoutMember(text, inner, handler);
  }
  if (textAt(table, ['default-runtime']) === handler) text = withDefault(text, undefined);
  return text === '{}\n' ? undefined : text;
}

function isOurs(table: Table, handler: string, recorded: readonly FileChange[]): boolean {
  const program = textAt(table, ['runtimes', handler, 'path']);
  return (
    isOurProgram(program) ||
    recorded.some(
      ({ path, after }) => textAt(parseJson(after, path), ['runtimes', handler, 'path']) === program,
    )
  );
}

/** dockerd takes a byte order mark, and no file for an empty one. */
function parseJson(text: string | undefined, path: string): Table {
  // Nothing is written like an empty object (dockerd --validate).
  if (text === undefined || text.trim() === '') return {};
  const { text: bare } = withoutMark(text);
  let value: unknown;
  try {
    ({ spec: value } = SpecDocument.parse(new TextEncoder().encode(bare), 'it'));
  } catch (cause) {
    const { message, details } = cause as SpecError;
    const { line } = details as { readonly line?: number };
    throw new EngineConfigError('ERR_ENGINE_FILE_BROKEN', message, { path, line, cause });
  }
  const table = { value } as Table;
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  const { runtimes = {} } = tableAt(table, ['value']) as { readonly runtimes?: unknown };
  if (!isObject || typeof runtimes !== 'object' || runtimes === null || Array.isArray(runtimes)) {
    const message = isObject ? 'its "runtimes" are not an object' : 'it is not an object';
    throw new EngineConfigError('ERR_ENGINE_FILE_BROKEN', message, { path });
  }
  return value as Table;
}

function handlers(engine: FoundEngine, files: NodeFiles): readonly ConfiguredHandler[] {
  const path = engine.configPath;
  const table = parseJson(fileText(files, path), path);
  const byDefault = textAt(table, ['default-runtime']) ?? 'runc';
  return Object.keys(tableAt(table, ['runtimes'])).map((name) => {
    const program = textAt(table, ['runtimes', name, 'path']);
    return {
      name,
      program,
      podAnnotations: ['*'],
      containerAnnotations: ['*'],
      isDefault: name === byDefault,
      isOurs: isOurProgram(program),
      path,
    };
  });
}
