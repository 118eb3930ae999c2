import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { DEFAULT_SEARCH_PATH } from '@opencontainers-ts/runtime-resolver';
import { quoted } from '@opencontainers-ts/runtime-spec';

import { RuntimeClientError } from '../runtime-client-error.js';

/**
 * The path of a runtime: of a bare name the first program on PATH, of which entries that are not absolute are passed over, for
 * they would be another program in another working folder. A path stays as it is.
 *
 * @throws RuntimeClientError `ERR_RUNTIME_NOT_STARTED` where PATH has no such program
 */
export async function findRuntime(runtime: string, env: NodeJS.ProcessEnv): Promise<string> {
  if (runtime.includes('/')) return runtime;
  const searchPath = env['PATH'] || DEFAULT_SEARCH_PATH;
  for (const folder of searchPath.split(':').filter((entry) => entry.startsWith('/'))) {
    const path = join(folder, runtime);
    if (await isProgram(path)) return path;
  }
  throw new RuntimeClientError(
    'ERR_RUNTIME_NOT_STARTED',
    `${quoted(runtime)} is in no folder of ${quoted(searchPath)}`,
    { details: { runtime, searchPath } },
  );
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    // Not there, or not for us: the next folder may have it.
    return false;
  }
}
