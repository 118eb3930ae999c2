import { mkdirSync, mkdtempSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';

import { gvisorLeftovers } from '../../src/roots/gvisor-leftovers.js';
import { OPEN } from '../../src/system/system.js';
import { temporaryFolder } from '../temporary-folder.js';
import { mountingSystem } from './mounting-system.js';

const scratch = temporaryFolder();
const STORE = '.gvisor.filestore.';

/** What is said of a volume with these files, by their sizes. */
function saidOf(files: Readonly<Record<string, number>>, more: (volume: string) => void = () => undefined) {
  const volume = mkdtempSync(join(scratch, 'volume-'));
  for (const [path, size] of Object.entries(files)) {
    mkdirSync(dirname(join(volume, path)), { recursive: true });
    writeFileSync(join(volume, path), '');
    truncateSync(join(volume, path), size);
  }
  more(volume);
  const system = mountingSystem();
  const fd = system.open(volume, OPEN.read + OPEN.directory);
  if (typeof fd !== 'number') throw new Error(fd.errno);
  try {
    return gvisorLeftovers(system, fd);
  } finally {
    system.close(fd);
  }
}

test.each<[string, Readonly<Record<string, number>>, readonly string[]]>([
  ['the top', { [`${STORE}sbx`]: 2 ** 30 }, [`"${STORE}sbx" (1.0 GiB, less its holes)`, 'the sandbox "sbx"']],
  ['upper', { [`upper/${STORE}sbx`]: 5 }, [`"upper/${STORE}sbx" (5 bytes, less its holes)`]],
  [
    'both',
    { [`${STORE}a`]: 1, [`upper/${STORE}b`]: 2, 'etc/passwd': 1 },
    [`"${STORE}a" (1 bytes, less its holes), "upper/${STORE}b" (2 bytes`],
  ],
  [
    'many',
    Object.fromEntries([...'abcdefg'].map((name) => [`${STORE}${name}`, 1])),
    [`"${STORE}d" (1 bytes, less its holes) and 3 more; `],
  ],
  ['a name that is odd', { [`${STORE}a\n"b`]: 1 }, ['a\\u000a\\"b']],
])('what is left is found: %s', (_, files, texts) => {
  const [warning = '', ...others] = saidOf(files);
  expect(others).toEqual([]);
  for (const text of texts) expect(warning).toContain(text);
  expect(warning).toContain('remove what belongs to no running sandbox');
});

test.each<[string, Readonly<Record<string, number>>, (volume: string) => void]>([
  ['an empty volume', {}, () => undefined],
  ['other files', { '.gvisor': 1, 'x.gvisor.filestore.a': 1, [`etc/${STORE}a`]: 1 }, () => undefined],
  ['a folder of that name', { [`${STORE}a/file`]: 1 }, () => undefined],
  ['a link of that name', {}, (volume) => symlinkSync('/etc/passwd', join(volume, `${STORE}a`))],
  ['an upper that is a file', { upper: 1 }, () => undefined],
  [
    'an upper that is a link to such a file',
    { [`else/${STORE}a`]: 1 },
    (volume) => symlinkSync('else', join(volume, 'upper')),
  ],
])('nothing is said of %s', (_, files, more) => {
  expect(saidOf(files, more)).toEqual([]);
});

test('nothing is said of a volume that cannot be looked at', () => {
  expect(gvisorLeftovers(mountingSystem(), -1)).toEqual([]);
});
