import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

import { root } from './root.js';

const SOURCES = ['*.ts', '*.mjs'];

/** `pathname` keeps `%20`: in a folder with a blank in its name nothing would be found. */
const PATH_OF_URL = /\.pathname\b/;

function linesWith(pattern: RegExp, text: string): readonly string[] {
  return text.split('\n').filter((line) => pattern.test(line));
}

test('a file URL becomes a path by fileURLToPath alone', () => {
  expect(linesWith(PATH_OF_URL, 'run(new URL("../tool.mjs", import.meta.url).pathname);')).toHaveLength(1);

  const listed = execFileSync('git', ['ls-files', '-z', '--', ...SOURCES], { cwd: root, encoding: 'utf8' });
  const files = listed
    .split('\0')
    .filter((file) => file !== '' && !file.endsWith('repository/paths.test.ts'));
  expect(files.length).toBeGreaterThan(100);
  const found = files.flatMap((file) =>
    linesWith(PATH_OF_URL, readFileSync(join(root, file), 'utf8')).map((line) => `${file}: ${line.trim()}`),
  );
  expect(found).toEqual([]);
});
