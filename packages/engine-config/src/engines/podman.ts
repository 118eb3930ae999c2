import type { ConfiguredHandler, EngineChange, HandlerRequest } from '../engine-change.js';
import { EngineConfigError } from '../engine-config-error.js';
import type { FoundEngine, NodeFiles } from '../found-engine.js';
import { tableAt, textAt, textsAt, valueAt } from '../toml/toml-table.js';
import { tomlTable } from '../toml/toml-text.js';
import { mergedTable, type TomlFile, tomlFiles } from './drop-in-files.js';
import type { EngineConfig } from './engine-config.js';
import { engineChange, NO_RELOAD, ownFile, removedFile } from './file-changes.js';
import { isOurProgram } from './request.js';

/** podman: a drop-in of containers.conf(5), which it reads at each start. */
export const podmanConfig: EngineConfig = { find, configure, unconfigure, handlers };

const MAIN = ['/usr/share/containers/containers.conf', '/etc/containers/containers.conf'];
const FOLDERS = ['/usr/share/containers/containers.conf.d', '/etc/containers/containers.conf.d'];
const [, FOLDER = ''] = FOLDERS;
const PROGRAMS = ['/usr/bin/podman', '/usr/local/bin/podman'];
const ENGINE = ['engine'];
const RUNTIMES = [...ENGINE, 'runtimes'];

/**
 * Which runtimes say errors as JSON, by podman's own list (containers-common: config/default.go): a list in a file takes its place as
 * a whole, and older releases know no way to add to it.
 */
const SUPPORTS_JSON = ['crun', 'crun-vm', 'runc', 'kata', 'runsc', 'youki', 'krun', 'ocijail'];

function find(files: NodeFiles): readonly FoundEngine[] {
  const [, configPath = ''] = MAIN;
  const isThere = PROGRAMS.some((path) => files.exists(path));
  return isThere ? [{ engine: 'podman', distribution: 'plain', configPath }] : [];
}

const readFiles = (files: NodeFiles): readonly TomlFile[] => tomlFiles(files, MAIN, FOLDERS);

/** One file for all handlers: the list of those that speak JSON is read from one place. */
const PATH = `${FOLDER}/99-ociwrap.conf`;

function configure(engine: FoundEngine, files: NodeFiles, request: HandlerRequest): EngineChange {
  const { handler, program, setDefault } = request;
  const read = readFiles(files);
  const others = read.filter(({ path }) => path !== PATH);
  refuseTaken(others, handler);
  const { programs, byDefault } = ourRuntimes(read);
  const change = ownFile(files, PATH, [
    ...fileLines(others, {
      programs: { ...programs, [handler]: program },
      byDefault: setDefault ? handler : byDefault === handler ? undefined : byDefault,
    }),
  ]);
  return engineChange(engine, handler, [change], NO_RELOAD);
}

/** What our file says. */
interface OurRuntimes {
  readonly programs: Readonly<Record<string, string>>;
  readonly byDefault: string | undefined;
}

function ourRuntimes(read: readonly TomlFile[]): OurRuntimes {
  const table = read.find(({ path }) => path === PATH)?.table ?? {};
  const names = Object.keys(tableAt(table, RUNTIMES));
  const programs = names.flatMap((name) => {
    const [program] = textsAt(table, [...RUNTIMES, name]);
    return program === undefined ? [] : [[name, program] as const];
  });
  return { programs: Object.fromEntries(programs), byDefault: textAt(table, [...ENGINE, 'runtime']) };
}

function fileLines(others: readonly TomlFile[], { programs, byDefault }: OurRuntimes): readonly string[] {
  const before = textsAt(mergedTable(others), [...ENGINE, 'runtime_supports_json']);
  const known = before.length === 0 ? SUPPORTS_JSON : before;
  // By the name of a handler, and by that of a program where one is named by its path.
  const speaks = Object.entries(programs).flatMap(([handler, program]) => [
    handler,
    program.slice(program.lastIndexOf('/') + 1),
  ]);
  const entries = Object.entries(programs).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return [
    ...tomlTable(ENGINE, [
      ['runtime', byDefault],
      ['runtime_supports_json', [...new Set([...known, ...speaks.toSorted()])]],
    ]),
    '',
    ...tomlTable(
      RUNTIMES,
      entries.map(([handler, program]) => [handler, [program]]),
    ),
  ];
}

function refuseTaken(read: readonly TomlFile[], handler: string): void {
  for (const { path, table } of read) {
    const programs = textsAt(table, [...RUNTIMES, handler]);
    if (valueAt(table, [...RUNTIMES, handler]) !== undefined && !programs.some(isOurProgram)) {
      const message = `the runtime "${handler}" is there already, and is not one of ours`;
      throw new EngineConfigError('ERR_ENGINE_HANDLER_TAKEN', message, { path });
    }
  }
}

function unconfigure(engine: FoundEngine, files: NodeFiles, handler: string): EngineChange {
  const read = readFiles(files);
  const { programs, byDefault } = ourRuntimes(read);
  const { [handler]: gone, ...left } = programs;
  if (gone === undefined) return engineChange(engine, handler, [], NO_RELOAD);
  const others = read.filter(({ path }) => path !== PATH);
  const ours = { programs: left, byDefault: byDefault === handler ? undefined : byDefault };
  const change =
    Object.keys(left).length === 0 ? removedFile(files, PATH) : ownFile(files, PATH, fileLines(others, ours));
  return engineChange(engine, handler, [change], NO_RELOAD);
}

function handlers(engine: FoundEngine, files: NodeFiles): readonly ConfiguredHandler[] {
  const read = readFiles(files);
  const table = mergedTable(read);
  const byDefault = textAt(table, [...ENGINE, 'runtime']);
  return Object.keys(tableAt(table, RUNTIMES)).map((name) => {
    const path = read.findLast((file) => valueAt(file.table, [...RUNTIMES, name]) !== undefined)?.path;
    const [program] = textsAt(table, [...RUNTIMES, name]);
    return {
      name,
      program,
      podAnnotations: ['*'],
      containerAnnotations: ['*'],
      isDefault: name === byDefault,
      isOurs: isOurProgram(program) || path === PATH,
      path: path ?? engine.configPath,
    };
  });
}
