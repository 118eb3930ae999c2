import {
  type ConfiguredHandler,
  type FoundEngine,
  findEngines,
  handlersOf,
} from '@opencontainers-ts/engine-config';
import { printable, quoted } from '@opencontainers-ts/runtime-spec';

import { nodeFiles } from '../../engines/node-files.js';
import { type CommandOutput, jsonOutput } from '../output.js';
import { type EngineWorld, enterNode } from './engine-world.js';

interface ListedEngine extends FoundEngine {
  readonly handlers: readonly ConfiguredHandler[];
}

/** Says which engines a node has, and which handlers they have. */
export function engineList(
  { json, hostRoot }: { readonly json: boolean; readonly hostRoot: string | undefined },
  world: EngineWorld,
): CommandOutput {
  enterNode(world, hostRoot);
  const files = nodeFiles(world.system);
  const engines = findEngines(files).map(
    (engine): ListedEngine => ({ ...engine, handlers: handlersOf(engine, files) }),
  );
  if (json) return { status: 0, stdout: jsonOutput(engines) };
  const text = engines.map(engineText).join('');
  return { status: 0, stdout: text === '' ? 'no container engine was found on this node\n' : text };
}

function engineText({ engine, distribution, configPath, unit, criDisabled, handlers }: ListedEngine): string {
  const name = distribution === 'plain' ? engine : `${engine} of ${distribution}`;
  const facts = [
    configPath,
    ...(unit === undefined ? [] : [unit]),
    ...(criDisabled === true ? ['without CRI'] : []),
  ];
  const lines = handlers.map(handlerText);
  return [
    `${name} (${facts.map(printable).join(', ')})`,
    ...(lines.length > 0 ? lines : ['  no handlers named']),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

function handlerText({ name, program, isDefault, isOurs, podAnnotations, path }: ConfiguredHandler): string {
  const calls = program === undefined ? '' : ` calls ${quoted(program)}`;
  const gets = isOurs
    ? `, annotations ${podAnnotations.map(quoted).join(' ') || 'none'}, by ${quoted(path)}`
    : '';
  return `  ${isOurs ? '*' : '-'} ${printable(name)}${isDefault ? ' (default)' : ''}${calls}${gets}`;
}
