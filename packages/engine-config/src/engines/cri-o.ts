import type { ConfiguredHandler, EngineChange, HandlerRequest } from '../engine-change.js';
import { EngineConfigError } from '../engine-config-error.js';
import type { FoundEngine, NodeFiles } from '../found-engine.js';
import { type TomlTable, tableAt, textAt, valueAt } from '../toml/toml-table.js';
import { tomlTable } from '../toml/toml-text.js';
import { mergedTable, type TomlFile, tomlFiles } from './drop-in-files.js';
import type { EngineConfig } from './engine-config.js';
import { engineChange, ownFile, reloadOf, removedFile } from './file-changes.js';
import { dropInName, isOurDropIn, isOurProgram } from './request.js';

/**
 * CRI-O: a drop-in, which it merges table by table. It hands all annotations of a pod to the runtime, but for the experimental ones
 * that `allowed_annotations` is about (CRI-O: pkg/annotations).
 */
export const crioConfig: EngineConfig = { find, configure, unconfigure, handlers };

const MAIN = '/etc/crio/crio.conf';
const FOLDER = '/etc/crio/crio.conf.d';
const UNIT = 'crio.service';
const PROGRAMS = ['/usr/bin/crio', '/usr/local/bin/crio'];
const RUNTIME = ['crio', 'runtime'];
const RUNTIMES = [...RUNTIME, 'runtimes'];

/** Where CRI-O keeps its own programs, which are on nobody's PATH: conmon above all. */
const COPIED = [
  'monitor_path',
  'monitor_cgroup',
  'monitor_env',
  'allowed_annotations',
  'platform_runtime_paths',
];

function find(files: NodeFiles): readonly FoundEngine[] {
  const isThere = [...PROGRAMS, MAIN, FOLDER].some((path) => files.exists(path));
  return isThere ? [{ engine: 'cri-o', distribution: 'plain', configPath: MAIN, unit: UNIT }] : [];
}

/** CRI-O reads whatever is in the folder, in the order of the names (config.go, UpdateFromPath). */
const readFiles = (files: NodeFiles): readonly TomlFile[] =>
  tomlFiles(files, [MAIN], [FOLDER], (name) => !name.startsWith('.'));

const pathOf = (handler: string): string => `${FOLDER}/${dropInName(handler, 'conf')}`;

function configure(engine: FoundEngine, files: NodeFiles, request: HandlerRequest): EngineChange {
  const { handler, program, setDefault } = request;
  const read = readFiles(files);
  const others = read.filter(({ path }) => path !== pathOf(handler));
  refuseTaken(others, handler);
  const table = mergedTable(others);
  const model = modelOf(table);
  const lines = [
    ...(setDefault ? [...tomlTable(RUNTIME, [['default_runtime', handler]]), ''] : []),
    ...tomlTable(
      [...RUNTIMES, handler],
      [
        ['runtime_path', program],
        ['runtime_type', 'oci'],
        ['runtime_root', textAt(table, [...RUNTIMES, 'runc', 'runtime_root'])],
        ...COPIED.map((key) => [key, valueAt(model, [key])] as const),
      ],
    ),
  ];
  const change = ownFile(files, pathOf(handler), lines);
  return engineChange(engine, handler, [change], reloadOf('restart', engine.unit), notesOf(table));
}

/** The runtime that containers have without naming one: its helpers are those that CRI-O has on this node. */
function modelOf(table: TomlTable): TomlTable {
  const name = textAt(table, [...RUNTIME, 'default_runtime']);
  const runtimes = tableAt(table, RUNTIMES);
  return tableAt(runtimes, [name ?? ('crun' in runtimes ? 'crun' : 'runc')]);
}

/** CRI-O's packages bring runtimes of their own, where the wrapper does not look by itself. */
function notesOf(table: TomlTable): readonly string[] {
  const runtimes = tableAt(table, RUNTIMES);
  const hidden = ['runc', 'crun'].flatMap((name) => textAt(runtimes, [name, 'runtime_path']) ?? []);
  const [path] = hidden.filter((each) => !/^\/usr\/(?:local\/)?s?bin\//.test(each) && each.startsWith('/'));
  return path === undefined
    ? []
    : [
        `the runtime of this CRI-O is ${path}, which is not on PATH: name it as runtime.paths.runc in /etc/ociwrap/config.toml`,
      ];
}

function refuseTaken(read: readonly TomlFile[], handler: string): void {
  for (const { path, table } of read) {
    const taken = valueAt(table, [...RUNTIMES, handler]);
    if (taken !== undefined && !isOurProgram(textAt(table, [...RUNTIMES, handler, 'runtime_path']))) {
      const message = `the handler "${handler}" is there already, and is not one of ours`;
      throw new EngineConfigError('ERR_ENGINE_HANDLER_TAKEN', message, { path });
    }
  }
}

function unconfigure(engine: FoundEngine, files: NodeFiles, handler: string): EngineChange {
  const change = removedFile(files, pathOf(handler));
  return engineChange(engine, handler, [change], reloadOf('restart', engine.unit));
}

function handlers(_engine: FoundEngine, files: NodeFiles): readonly ConfiguredHandler[] {
  const read = readFiles(files);
  const table = mergedTable(read);
  const byDefault = textAt(table, [...RUNTIME, 'default_runtime']);
  const runtimes = tableAt(table, RUNTIMES);
  return Object.keys(runtimes).map((name) => {
    const path =
      read.findLast((file) => valueAt(file.table, [...RUNTIMES, name]) !== undefined)?.path ?? MAIN;
    const program = textAt(runtimes, [name, 'runtime_path']);
    return {
      name,
      program: program === '' ? undefined : program,
      // All that a pod has.
      podAnnotations: ['*'],
      containerAnnotations: ['*'],
      isDefault: name === byDefault,
      isOurs: isOurProgram(program) || isOurDropIn(path),
      path,
    };
  });
}
