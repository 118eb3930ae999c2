import { readFileSync } from 'node:fs';

/** Put in by the bundler; the published package reads its own manifest instead. */
declare const __OCIWRAP_VERSION__: string | undefined;

/** The version of this program. */
export function programVersion(): string {
  if (typeof __OCIWRAP_VERSION__ === 'string') {
    return __OCIWRAP_VERSION__;
  }
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
