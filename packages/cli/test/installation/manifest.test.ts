import { expect, test } from '@jest/globals';

import { type Manifest, manifestText, parseManifest } from '../../src/installation/manifest.js';

const whole: Manifest = {
  versions: [{ name: '1.0.0-0123456789ab', checksum: '0123456789abcdef' }],
  handlers: ['gpu'],
  places: [{ path: '/usr/bin/runc', original: '/usr/bin/runc.real' }],
  configuration: { path: '/etc/ociwrap/config.toml', checksum: '1' },
  isLeaving: true,
};

test('what is written is read again', () => {
  expect(parseManifest(manifestText(whole), '/m')).toEqual(whole);
});

const changed = (change: Record<string, unknown>) =>
  JSON.stringify({ ...JSON.parse(manifestText(whole)), ...change });

test.each([
  ['no JSON', '{'],
  ['no object', '[]'],
  ['another format', changed({ format: 2 })],
  ['no format', changed({ format: undefined })],
  ['no versions', changed({ versions: undefined })],
  ['a version without a name', changed({ versions: [{ checksum: '1' }] })],
  ['a name that leads out', changed({ versions: [{ name: '..', checksum: '1' }] })],
  ['a name with a slash', changed({ versions: [{ name: 'a/b', checksum: '1' }] })],
  ['a handler that leads out', changed({ handlers: ['../x'] })],
  ['a place that is relative', changed({ places: [{ path: 'runc', original: '/x' }] })],
  ['a place with a NUL', changed({ places: [{ path: '/a\0', original: '/x' }] })],
  ['a configuration that is none', changed({ configuration: 'x' })],
])('refused: %s', (_, text) => {
  expect(() => parseManifest(text, '/m')).toThrow(
    expect.objectContaining({ code: 'ERR_INSTALLATION_MANIFEST' }),
  );
});
