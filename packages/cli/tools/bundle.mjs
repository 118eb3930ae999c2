// Bundles the programs so that they need no node_modules:
//   dist/bundle/engine.js      for the engine inside the launcher: evaluated when the package is made, and never again
//   dist/bundle/node/*.cjs     the same programs on Node.js, as npm users have them; tests hold the two to each other
// Another folder may be given as the first argument.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

import { engineBundle } from './engine-bundle.mjs';

const packageFolder = dirname(dirname(fileURLToPath(import.meta.url)));
const out = resolve(process.argv[2] ?? join(packageFolder, 'dist/bundle'));
const { version } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8'));

// runtime-resolver looks for this text at the head of a candidate, to know a copy of ourselves.
const marker = '// ociwrap:self:oci-runtime-wrapper';
// CommonJS has no import.meta.url, which yargs and the addon's loader read.
const moduleUrl = "const __moduleUrl = require('node:url').pathToFileURL(__filename).href;";

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

const { code, inputs } = await engineBundle('src/main/engine-main.ts');
writeFileSync(join(out, 'engine.js'), code);

await build({
  absWorkingDir: packageFolder,
  entryPoints: { ociwrap: 'src/main/ociwrap-main.ts', wrapper: 'src/main/wrapper-main.ts' },
  outdir: join(out, 'node'),
  outExtension: { '.js': '.cjs' },
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20.19',
  legalComments: 'none',
  define: {
    'import.meta.url': '__moduleUrl',
    'import.meta.dirname': '__dirname',
    __OCIWRAP_VERSION__: JSON.stringify(version),
  },
  banner: { js: `${marker}\n${moduleUrl}` },
  logLevel: 'warning',
});

const { resolve: moduleOf } = import.meta;
const folders = foldersOf([...inputs, fileURLToPath(moduleOf('quickjs-wasi/package.json'))]);
// The licence texts of the packages whose code is in the bundles, as their licences ask; and the same as data.
writeFileSync(join(out, 'THIRD-PARTY-LICENSES.txt'), folders.map(licenceOf).join(`\n${'-'.repeat(80)}\n\n`));
const packages = folders.map(manifestIn).map(({ name, version, license }) => ({ name, version, license }));
writeFileSync(join(out, 'third-party.json'), `${JSON.stringify(packages, undefined, 2)}\n`);

/** The folders of the packages that these files belong to. */
function foldersOf(inputs) {
  const folders = new Set();
  for (const input of inputs) {
    const path = resolve(packageFolder, input);
    const end = path.lastIndexOf('/node_modules/');
    if (end !== -1) {
      const [scope, name] = path.slice(end + '/node_modules/'.length).split('/');
      folders.add(
        join(path.slice(0, end), 'node_modules', scope.startsWith('@') ? `${scope}/${name}` : scope),
      );
    }
  }
  return [...folders].sort();
}

function manifestIn(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

function licenceOf(folder) {
  const manifest = manifestIn(folder);
  const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
  const text =
    file === undefined ? `Licence: ${manifest.license}\n` : readFileSync(join(folder, file), 'utf8');
  return `${manifest.name} ${manifest.version}\n\n${text}`;
}
