import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

import { expect, test } from '@jest/globals';

import { packages, root } from './root.js';

/** Relative imports and re-exports of any form; imports of types count as well. */
const IMPORT = /^(?:import|export)\b[^;]*?\bfrom '(\.[^']*)'|^import '(\.[^']*)'|\bimport\(\s*'(\.[^']*)'/gm;

/** The files that a file imports, by their paths. */
function importsOf(file: string, text: string): readonly string[] {
  return [...text.matchAll(IMPORT)].map(([, from, effect, dynamic]) =>
    join(dirname(file), from ?? effect ?? dynamic ?? '').replace(/\.js$/, '.ts'),
  );
}

/** The first circle that a depth-first search comes across, from a file back to itself. */
function findCircle(files: ReadonlyMap<string, readonly string[]>): readonly string[] | undefined {
  const done = new Set<string>();
  const visit = (file: string, above: readonly string[]): readonly string[] | undefined => {
    if (above.includes(file)) return [...above.slice(above.indexOf(file)), file];
    if (done.has(file)) return undefined;
    for (const imported of files.get(file) ?? []) {
      const circle = visit(imported, [...above, file]);
      if (circle !== undefined) return circle;
    }
    done.add(file);
    return undefined;
  };
  for (const file of files.keys()) {
    const circle = visit(file, []);
    if (circle !== undefined) return circle;
  }
  return undefined;
}

const sourcesOf = (name: string) => {
  const folder = join(root, 'packages', name, 'src');
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names.filter((file) => file.endsWith('.ts')).map((file) => join(folder, file));
};

test.each(packages)('no file of %s imports itself by way of others', (name) => {
  const files = new Map(sourcesOf(name).map((file) => [file, importsOf(file, readFileSync(file, 'utf8'))]));
  const imported = [...files.values()].flat();
  // What is not found is not followed: the reading of the imports would have to learn a new form.
  expect(imported.filter((file) => file.endsWith('.ts') && !files.has(file))).toEqual([]);
  expect(findCircle(files)?.map((file) => relative(root, file))).toBeUndefined();
});

test.each<[form: string, text: string]>([
  ['import', "import { b } from './b.js';"],
  ['import of a type', "import type { B } from './b.js';"],
  ['import over several lines', "import {\n  type B,\n  b,\n} from './b.js';"],
  ['import for its effect', "import './b.js';"],
  ['re-export', "export * from './b.js';"],
  ['import at run time', "const b = await import('./b.js');"],
])('a circle closed by an %s is found', (_, text) => {
  const back = importsOf('/p/b.ts', "import type { A } from '../p/a.js';");
  const files = new Map([
    ['/p/index.ts', importsOf('/p/index.ts', text)],
    ['/p/a.ts', importsOf('/p/a.ts', text)],
    ['/p/b.ts', back],
  ]);
  expect(findCircle(files)).toEqual(['/p/b.ts', '/p/a.ts', '/p/b.ts']);
});
