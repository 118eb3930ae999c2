// Bundles a program for an engine that has nothing but ECMAScript: one script, with no import left, and an error for whatever
// wants something of Node.js.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

const packageFolder = dirname(dirname(fileURLToPath(import.meta.url)));
const { version } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8'));

/**
 * @param {string} entryPoint - the file that begins it, from the folder of this package
 * @returns {Promise<{ code: string, inputs: string[] }>} a script; the files that it is made of
 */
export async function engineBundle(entryPoint) {
  const { outputFiles, metafile } = await build({
    absWorkingDir: packageFolder,
    entryPoints: [entryPoint],
    write: false,
    bundle: true,
    platform: 'neutral',
    mainFields: ['module', 'main'],
    format: 'iife',
    target: 'es2023',
    minifySyntax: true,
    treeShaking: true,
    charset: 'utf8',
    legalComments: 'none',
    define: { __OCIWRAP_VERSION__: JSON.stringify(version), 'import.meta.dirname': '""' },
    plugins: [yargsWithoutNode],
    metafile: true,
    logLevel: 'silent',
  });
  return { code: outputFiles[0].text, inputs: Object.keys(metafile.inputs) };
}

/**
 * yargs keeps what it asks of the engine in one file, and brings one for browsers, which loads its parts from the network. In its
 * place stands ours, which is resolved as if it lay there, among the packages that yargs depends on.
 */
const yargsWithoutNode = {
  name: 'yargs-without-node',
  setup({ onResolve, onLoad }) {
    const ours = JSON.stringify(join(packageFolder, 'src/main/yargs-platform.ts'));
    onResolve({ filter: /\/platform-shims\/esm\.mjs$/ }, ({ resolveDir }) => ({
      path: 'platform',
      namespace: 'yargs',
      pluginData: resolveDir,
    }));
    onLoad({ filter: /^platform$/, namespace: 'yargs' }, ({ pluginData: resolveDir }) => ({
      resolveDir,
      contents: `
        import cliui from 'cliui';
        import parser from 'yargs-parser/browser';
        import { yargsPlatform } from ${ours};
        export default yargsPlatform(cliui, parser);`,
    }));
    // It cuts text at graphemes, by Intl. What yargs lays out is help, which is ASCII.
    onResolve({ filter: /^string-width$/ }, ({ path }) => ({ path, namespace: 'yargs' }));
    onLoad({ filter: /^string-width$/, namespace: 'yargs' }, () => ({
      contents: 'export default ({ length }) => length;',
    }));
  },
};
