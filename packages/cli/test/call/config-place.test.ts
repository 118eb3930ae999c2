import { expect, test } from '@jest/globals';

import { configPlace } from '../../src/call/config-place.js';

interface Row {
  readonly bundle?: string;
  readonly configFile?: string;
  readonly dir: string;
  readonly name?: string;
}

test.each<[string, Row]>([
  ['a bundle', { bundle: '/run/b', dir: '/run/b' }],
  ['no bundle: the working directory', { dir: '.' }],
  ['another file', { bundle: '/run/b', configFile: '/etc/c.json', dir: '/etc', name: 'c.json' }],
  ['another file at the top', { bundle: '/run/b', configFile: '/c.json', dir: '/', name: 'c.json' }],
  ['another file, relative', { bundle: '/run/b', configFile: 'sub/c.json', dir: 'sub', name: 'c.json' }],
  [
    'another file in the working directory',
    { bundle: '/run/b', configFile: 'c.json', dir: '.', name: 'c.json' },
  ],
  [
    "config.json, which means the bundle's own",
    { bundle: '/run/b', configFile: 'config.json', dir: '/run/b' },
  ],
  [
    'a config.json elsewhere',
    { bundle: '/run/b', configFile: './config.json', dir: '.', name: 'config.json' },
  ],
  ['a folder, which reading will refuse', { bundle: '/run/b', configFile: '/etc/', dir: '/etc', name: '' }],
  ['bytes that are not UTF-8', { bundle: '/b', configFile: '/\xff/\xfe', dir: '/\xff', name: '\xfe' }],
])('%s', (_name, { bundle, configFile, dir, name }) => {
  const place = configPlace({
    ...(bundle === undefined ? {} : { bundle: Buffer.from(bundle, 'latin1') }),
    ...(configFile === undefined ? {} : { configFile: Buffer.from(configFile, 'latin1') }),
  });
  const shown = Object.entries(place).map(([key, value]) => [key, Buffer.from(value).toString('latin1')]);
  expect(Object.fromEntries(shown)).toEqual({
    bundle: bundle ?? '.',
    dir,
    ...(name === undefined ? {} : { name }),
  });
});
