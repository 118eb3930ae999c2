import { copyFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { buildSync } from 'esbuild';

import { addonFile } from './native-build.js';

/**
 * A script that uses the package, as one CommonJS file with the addon beside it, which is how the packaged program
 * ships it. `body` sees what the package exports as `native`.
 */
export function bundledScript(folder: string, name: string, body: string): string {
  const outfile = join(folder, `${name}.cjs`);
  buildSync({
    stdin: {
      contents: `import * as native from '../src/index.js';\n${body}`,
      resolveDir: dirname(fileURLToPath(import.meta.url)),
    },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20.19',
    define: { 'import.meta.dirname': '__dirname' },
  });
  copyFileSync(addonFile, join(folder, 'exec_native.node'));
  return outfile;
}
