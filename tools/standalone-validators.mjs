// ajv's validators as plain code. What ajv calls "ESM" still requires its helpers at run time, and no package of ours depends
// on ajv there: the helpers are bundled into the code.
import { build } from 'esbuild';

/**
 * A module of its own, with the names of no machine in it.
 * @param contents what ajv's `standaloneCode` gave
 * @param resolveDir a folder from which `ajv` is found
 */
export async function bundleValidators(contents, resolveDir) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir, loader: 'js' },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'neutral',
    minifySyntax: true,
    legalComments: 'none',
  });
  const code = outputFiles[0].text
    // The bundler names the files that code comes from: in comments, and as keys of the modules it wraps.
    .replace(/^ *\/\/ .*\n/gm, '')
    .replace(/"[^"\n]*node_modules\/(?=ajv\/)/g, '"')
    // ajv's helpers carry their own source as text, for a compiler that is not here.
    .replace(/^.*\.code = ['"]require\(.*\n/gm, '');
  if (/\brequire\(|^\s*import\b|\bimport\(/m.test(code)) {
    throw new Error('the validators still import something');
  }
  return code;
}
