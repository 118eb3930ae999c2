import type { ConfiguredHandler, EngineChange, FileChange, HandlerRequest } from '../engine-change.js';
import type { FoundEngine, NodeFiles } from '../found-engine.js';

/** What is known of one kind of engine. */
export interface EngineConfig {
  readonly find: (files: NodeFiles) => readonly FoundEngine[];
  readonly configure: (engine: FoundEngine, files: NodeFiles, request: HandlerRequest) => EngineChange;
  readonly unconfigure: (
    engine: FoundEngine,
    files: NodeFiles,
    handler: string,
    recorded: readonly FileChange[],
  ) => EngineChange;
  readonly handlers: (engine: FoundEngine, files: NodeFiles) => readonly ConfiguredHandler[];
}
