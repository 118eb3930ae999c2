import { join } from '../system/paths.js';
import { readFile } from '../system/read-file.js';
import { answerOf, type System } from '../system/system.js';
import { textOf } from '../system/text.js';

/** Put in by the bundler; the published package reads its own manifest instead. */
declare const __OCIWRAP_VERSION__: string | undefined;

/** The version of this program. */
export function programVersion(system: System): string {
  if (typeof __OCIWRAP_VERSION__ === 'string') {
    return __OCIWRAP_VERSION__;
  }
  const path = join(import.meta.dirname, '../../package.json');
  return (JSON.parse(textOf(answerOf(readFile(system, path), path))) as { version: string }).version;
}
