// Bundles the programs so that they need no node_modules: dist/bundle/ociwrap.cjs, nvidia-hook.cjs, and wrapper.cjs with
// wrapper-code.cjs, which it runs; what only a configuration needs is in files of its own beside them. Another folder
// may be given as the first argument.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

const packageFolder = dirname(dirname(fileURLToPath(import.meta.url)));
const out = resolve(process.argv[2] ?? join(packageFolder, 'dist/bundle'));
const { version } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8'));

// runtime-resolver looks for this text at the head of a candidate, to know a copy of ourselves.
const marker = '// ociwrap:self:oci-runtime-wrapper';
// CommonJS has no import.meta.url, which yargs and the addon's loader read.
const moduleUrl = "const __moduleUrl = require('node:url').pathToFileURL(__filename).href;";
// A file that was cut short while it was installed may still be a program, which ends having done nothing: an engine
// must not take that for success. Whoever comes to the end sets the status anew. (Half of wrapper-code.cjs is no program.)
const failed = 'process.exitCode = 1;';

// Loaded by import() when they are needed, and not before: source, and file in the bundle.
const apart = new Map([
  ['configured-settings.js', 'settings'],
  ['cdi-rule.js', 'cdi-rule'],
  ['key-lines.js', 'key-lines'],
  ['do-actions.js', 'host-actions'],
]);
const keepApart = {
  name: 'keep-apart',
  setup: ({ onResolve }) => {
    onResolve({ filter: /^\.\.?\// }, ({ kind, path }) => {
      const name = kind === 'dynamic-import' ? apart.get(basename(path)) : undefined;
      return name === undefined ? undefined : { path: `./${name}.cjs`, external: true };
    });
  },
};

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

const options = {
  absWorkingDir: packageFolder,
  plugins: [keepApart],
  outdir: out,
  outExtension: { '.js': '.cjs' },
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20.19',
  minifySyntax: true,
  treeShaking: true,
  legalComments: 'none',
  define: {
    'import.meta.url': '__moduleUrl',
    'import.meta.dirname': '__dirname',
    __OCIWRAP_VERSION__: JSON.stringify(version),
  },
  metafile: true,
  logLevel: 'warning',
};

const { metafile } = await build({
  ...options,
  entryPoints: { ociwrap: 'src/main/ociwrap-main.ts' },
  banner: { js: `${failed} ${marker}\n${moduleUrl}` },
});
const { metafile: configurationMetafile } = await build({
  ...options,
  entryPoints: {
    settings: 'src/config/configured-settings.ts',
    'cdi-rule': 'src/config/cdi-rule.ts',
    'key-lines': 'src/config/key-lines.ts',
    'host-actions': 'src/host-actions/do-actions.ts',
  },
  banner: { js: moduleUrl },
});
await build({
  ...options,
  entryPoints: { wrapper: 'src/main/wrapper-start.ts', 'nvidia-hook': 'src/main/nvidia-hook-main.ts' },
  banner: { js: `${failed} ${marker}` },
});
// A function expression, because a script, whose compiled code can be kept, has no `require` of its own.
await build({
  ...options,
  entryPoints: { 'wrapper-code': 'src/main/wrapper-main.ts' },
  minifyWhitespace: true,
  // A script cannot import() either; what it loads later it requires.
  supported: { 'dynamic-import': false },
  banner: { js: `${marker}\n(function (require, __dirname) { 'use strict';` },
  footer: { js: '})' },
});

writeFileSync(
  join(out, 'THIRD-PARTY-LICENSES.txt'),
  licencesOf(Object.keys({ ...metafile.inputs, ...configurationMetafile.inputs })),
);

/** The licence texts of the packages whose code is in the bundles, as their licences ask. */
function licencesOf(inputs) {
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
  return [...folders]
    .sort()
    .map(licenceOf)
    .join(`\n${'-'.repeat(80)}\n\n`);
}

function licenceOf(folder) {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
  const text =
    file === undefined ? `Licence: ${manifest.license}\n` : readFileSync(join(folder, file), 'utf8');
  return `${manifest.name} ${manifest.version}\n\n${text}`;
}
