import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');

/** A block of a page, and what the comment above it says of it: `<!-- test: NAME -->` or `<!-- not run: REASON -->`. */
export interface DocumentedBlock {
  /** Below the root of the repository. */
  readonly page: string;
  /** Of its first line. */
  readonly line: number;
  readonly language: string;
  readonly text: string;
  /** How it is run: a fixture of documents.test.ts. */
  readonly test?: string | undefined;
  /** Why it is not. */
  readonly notRun?: string | undefined;
}

const BLOCK = /^(?:<!-- (test|not run): ([^\n]*) -->\n)?```(\w+)\n(.*?)^```$/gms;

export function blocksOf(page: string, text: string): readonly DocumentedBlock[] {
  return [...text.matchAll(BLOCK)].map(({ 1: kind, 2: said, 3: language = '', 4: block = '', index }) => {
    const fence = kind === undefined ? index : text.indexOf('\n', index) + 1;
    return {
      page,
      line: text.slice(0, fence).split('\n').length + 1,
      language,
      text: block,
      ...(kind === 'test' ? { test: said } : {}),
      ...(kind === 'not run' ? { notRun: said } : {}),
    };
  });
}

/** Pages of which each file is written and each command is run, in their order: documents.test.ts. */
export const FOLLOWED_PAGES: readonly string[] = [
  'docs/rules.md',
  'docs/cdi.md',
  'docs/volumes.md',
  'packages/cli/README.md',
  ...[
    'gpu-cdi',
    'kvm-devices',
    'namespace-hook',
    'overlay-root',
    'pvc-root',
    'root-by-rule',
    'seeded-root',
  ].map((name) => `examples/${name}/README.md`),
];

/** How blocks of other pages are run, by the name in the comment above them. */
export const FIXTURES = [
  'error-help',
  'refused-container',
  'broken-configuration',
  'settings',
  'volume-status',
  'explained-bundle',
  'bundled-module',
] as const;

/** Every page for readers of the repository. */
export function documentedPages(): readonly string[] {
  const below = (folder: string): readonly string[] =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md') && !name.includes('node_modules'))
      .map((name) => `${folder}/${name}`);
  const packages = readdirSync(join(root, 'packages'))
    .map((name) => `packages/${name}/README.md`)
    .filter((page) => existsSync(join(root, page)));
  return [
    'README.md',
    'CONTRIBUTING.md',
    'SECURITY.md',
    ...['docs', 'deploy', 'examples'].flatMap(below),
    ...packages,
  ]
    .map((page) => relative(root, join(root, page)))
    .sort();
}

/** The blocks of all of them. */
export function documentedBlocks(): readonly DocumentedBlock[] {
  return documentedPages().flatMap((page) => blocksOf(page, readFileSync(join(root, page), 'utf8')));
}

/** A link of a page to a file of the repository, with the heading there that it names. */
export interface DocumentedLink {
  readonly page: string;
  readonly target: string;
  readonly anchor?: string | undefined;
}

/** The links of all pages that lead to files of the repository. */
export function documentedLinks(): readonly DocumentedLink[] {
  return documentedPages().flatMap((page) => {
    const text = readFileSync(join(root, page), 'utf8').replace(BLOCK, '');
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
    return links
      .filter((link) => !/^[a-z]+:/.test(link))
      .map((link) => {
        const [path = '', anchor] = link.split('#');
        const target = path === '' ? page : relative(root, join(root, dirname(page), path));
        return { page, target, anchor };
      });
  });
}

/** What a page can be linked to at: the names that GitHub gives its headings. */
export function anchorsOf(page: string): ReadonlySet<string> {
  const text = readFileSync(join(root, page), 'utf8').replace(BLOCK, '');
  const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replace(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    ),
  );
}
