import type { System } from '../system/system.js';
import { type ConfigFiles, handlersWithFiles } from './config-files.js';
import { handlersIn } from './merge-config.js';
import { readConfig } from './parse-config.js';

/**
 * The handlers that a configuration has something of its own for: `[handler.NAME]`, and `handler.d/NAME.toml` beside the main file.
 *
 * @param isOneFile - only the given text is looked at, not what lies beside it
 * @throws CliError `ERR_SETTINGS_SYNTAX` and others of {@link readConfig}
 */
export function configuredHandlers(
  system: System,
  { main, texts }: Pick<ConfigFiles, 'main' | 'texts'>,
  { isOneFile = false }: { readonly isOneFile?: boolean } = {},
): readonly string[] {
  const inTables = texts.flatMap((text) => handlersIn(readConfig(text)));
  return [...new Set([...inTables, ...(isOneFile ? [] : handlersWithFiles(system, main))])];
}
