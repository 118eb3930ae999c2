import { existsSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';
import { parse as parseToml } from 'smol-toml';
import { parseAllDocuments } from 'yaml';

import {
  anchorsOf,
  blocksOf,
  documentedBlocks,
  documentedLinks,
  FIXTURES,
  FOLLOWED_PAGES,
} from '../documented-blocks.js';
import { root } from './root.js';

const blocks = documentedBlocks().filter(({ page }) => page !== 'docs/rules-reference.md');
const placeOf = ({ page, line }: { readonly page: string; readonly line: number }) => `${page}:${line}`;
const inLanguage = (...languages: readonly string[]) =>
  blocks
    .filter(({ language }) => languages.includes(language))
    .map((block) => [placeOf(block), block] as const);

describe('every block of commands', () => {
  const commands = inLanguage('sh', 'console');

  test('is found', () => {
    expect(commands.length).toBeGreaterThan(30);
    expect(FOLLOWED_PAGES.filter((page) => !commands.some(([, block]) => block.page === page))).toEqual([]);
  });

  test.each(commands)('%s is run, or says why it cannot be', (_place, { page, test: fixture, notRun }) => {
    const isFollowed = FOLLOWED_PAGES.includes(page);
    const isRun = isFollowed || FIXTURES.some((name) => name === fixture);
    expect({ isRun, notRun }).toEqual(
      isRun && notRun === undefined
        ? { isRun, notRun }
        : { isRun: isFollowed, notRun: expect.stringMatching(/\w{4}/) },
    );
  });

  test('each fixture is of some block', () => {
    expect(new Set(blocks.flatMap((block) => block.test ?? []))).toEqual(new Set(FIXTURES));
  });
});

describe('every block of data is one', () => {
  test.each(inLanguage('toml'))('%s', (_place, { text }) => {
    expect(typeof parseToml(text)).toBe('object');
  });

  test.each(inLanguage('yaml'))('%s', (_place, { text }) => {
    const documents = parseAllDocuments(text);
    for (const { errors, warnings } of documents as { errors: unknown[]; warnings: unknown[] }[]) {
      expect([errors, warnings]).toEqual([[], []]);
    }
  });

  test.each(inLanguage('json'))('%s', (_place, { text }) => {
    expect(typeof JSON.parse(text)).toBe('object');
  });
});

describe('every link', () => {
  const links = documentedLinks();

  test('leads to a file', () => {
    expect(links.length).toBeGreaterThan(100);
    const lost = links.filter(({ target }) => !existsSync(join(root, target)));
    expect(lost.map(({ page, target }) => `${page}: ${target}`)).toEqual([]);
  });

  test('to a heading leads to one', () => {
    const lost = links.filter(
      ({ target, anchor }) =>
        anchor !== undefined && target.endsWith('.md') && !anchorsOf(target).has(anchor),
    );
    expect(lost.map(({ page, target, anchor }) => `${page}: ${target}#${anchor}`)).toEqual([]);
  });
});

test('a comment above a block is read as its own', () => {
  const page =
    '<!-- test: a -->\n```sh\none\n```\n\n<!-- not run: b c -->\n```console\n# two\n```\n\n```toml\nx = 1\n```\n';
  expect(blocksOf('p', page)).toEqual([
    { page: 'p', line: 3, language: 'sh', text: 'one\n', test: 'a' },
    { page: 'p', line: 8, language: 'console', text: '# two\n', notRun: 'b c' },
    { page: 'p', line: 12, language: 'toml', text: 'x = 1\n' },
  ]);
});
