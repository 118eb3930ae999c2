import type { ConfiguredHandler, EngineChange, HandlerRequest } from '../engine-change.js';
import { EngineConfigError } from '../engine-config-error.js';
import type { FoundEngine, NodeFiles } from '../found-engine.js';
import { fileText } from '../text/file-text.js';
import { appendBlock, blocksOf, withoutBlocks } from '../text/marked-block.js';
import { withKeySet } from '../toml/key-place.js';
import { parseToml, textAt } from '../toml/toml-table.js';
import { tomlTable } from '../toml/toml-text.js';
import type { EngineConfig } from './engine-config.js';
import { engineChange, reloadOf } from './file-changes.js';
import { isOurProgram } from './request.js';
import { flagOfUnit } from './systemd-unit.js';

/** BuildKit: the runtime of its OCI worker, which has one for all builds and no handlers. */
export const buildkitConfig: EngineConfig = { find, configure, unconfigure, handlers };

const MAIN = '/etc/buildkit/buildkitd.toml';
const UNIT = 'buildkit.service';
const PROGRAMS = ['/usr/bin/buildkitd', '/usr/local/bin/buildkitd', '/usr/sbin/buildkitd'];
const WORKER = ['worker', 'oci'];

function find(files: NodeFiles): readonly FoundEngine[] {
  const configPath = flagOfUnit(files, UNIT, ['--config']) ?? MAIN;
  const isThere = [...PROGRAMS, configPath].some((path) => files.exists(path));
  return isThere ? [{ engine: 'buildkit', distribution: 'plain', configPath, unit: UNIT }] : [];
}

const blockOf = (handler: string): string => `worker ${handler}`;

function configure(engine: FoundEngine, files: NodeFiles, request: HandlerRequest): EngineChange {
  const { handler, program } = request;
  const path = engine.configPath;
  const before = fileText(files, path);
  const base = withoutBlocks(before ?? '', path, (name) => name === blockOf(handler));
  const table = parseToml(base, path);
  const binary = textAt(table, [...WORKER, 'binary']);
  if (binary !== undefined && binary !== '') {
    const message = `the OCI worker has a runtime already: ${binary}`;
    throw new EngineConfigError('ERR_ENGINE_HANDLER_TAKEN', message, { path });
  }
  const after =
    withKeySet(base, path, blockOf(handler), [WORKER, 'binary', JSON.stringify(program)]) ??
    appendBlock(base, blockOf(handler), tomlTable(WORKER, [['binary', program]]));
  const notes = [
    'BuildKit has one runtime for all builds: every step of every build passes through the wrapper',
    ...(table['worker'] !== undefined && textAt(table, ['worker', 'containerd', 'address']) !== undefined
      ? [
          'its containerd worker, if that is the one that builds, has its runtime in [worker.containerd.runtime]',
        ]
      : []),
  ];
  return engineChange(engine, handler, [{ path, before, after }], reloadOf('restart', engine.unit), notes);
}

function unconfigure(engine: FoundEngine, files: NodeFiles, handler: string): EngineChange {
  const path = engine.configPath;
  const before = fileText(files, path);
  const left = withoutBlocks(before ?? '', path, (name) => name === blockOf(handler));
  // A file with nothing else in it was made by us.
  const after = left === '' && before !== '' ? undefined : left;
  const change = { path, before, after: before === undefined ? undefined : after };
  return engineChange(engine, handler, [change], reloadOf('restart', engine.unit));
}

function handlers(engine: FoundEngine, files: NodeFiles): readonly ConfiguredHandler[] {
  const path = engine.configPath;
  const text = fileText(files, path) ?? '';
  const program = textAt(parseToml(text, path), [...WORKER, 'binary']);
  if (program === undefined || program === '') return [];
  const block = blocksOf(text, path).find(({ name }) => name.startsWith('worker '));
  return [
    {
      name: block?.name.slice('worker '.length) ?? 'oci',
      program,
      podAnnotations: [],
      containerAnnotations: [],
      isDefault: true,
      isOurs: block !== undefined || isOurProgram(program),
      path,
    },
  ];
}
