import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { nodeHost } from '../../src/library/node-host.js';
import { ociwrap } from '../../src/main/ociwrap.js';
import { bundleIn, volumeSpec } from '../machine.js';
import { temporaryFolder } from '../temporary-folder.js';
import { testWorld } from './world.js';

const folder = temporaryFolder();
const spec = { ...volumeSpec(), hostname: 'of-the-bundle' };
const bundle = bundleIn(folder, 'bundle', spec);
const config = join(bundle, 'config.json');
writeFileSync(
  join(folder, 'device.yaml'),
  'cdiVersion: "0.6.0"\nkind: vendor.com/device\ndevices: [{name: a, containerEdits: {env: [A=1]}}]\n',
);

/** Each command that takes a config.json, and what of its output tells that it has read that one. */
const COMMANDS: readonly [name: string, args: readonly string[], read: (stdout: string) => boolean][] = [
  ['validate', ['validate', '--json'], (stdout) => JSON.parse(stdout).valid === true],
  ['explain', ['explain', '--json'], (stdout) => JSON.parse(stdout).decision === 'rewrite'],
  [
    'cdi inject',
    ['cdi', 'inject', '--spec-dir', folder, '--device', 'vendor.com/device=a'],
    (stdout) => JSON.parse(stdout).hostname === 'of-the-bundle' && stdout.includes('A=1'),
  ],
];

async function run(args: readonly string[], input = '') {
  const { world } = testWorld();
  const disk = nodeHost();
  // Bundles and CDI specs are real, the volume is one in memory.
  const mixed = { ...world.host, stat: (path: string) => world.host.stat(path) ?? disk.stat(path) };
  const { stdout = '', ...output } = await ociwrap(args, {
    ...world,
    host: args[0] === 'cdi' ? disk : mixed,
    cwd: folder,
    readInput: (path) => (path === '-' ? Buffer.from(input) : readFileSync(path)),
  });
  return { ...output, stdout: Buffer.from(stdout).toString() };
}

describe.each(COMMANDS)('%s', (_name, args, read) => {
  test.each([
    ['a file', [config], ''],
    ['a bundle folder', [bundle], ''],
    ['--bundle', ['--bundle', bundle], ''],
    ['-b, before all else', ['-b', bundle], ''],
    ['standard input', ['-'], JSON.stringify(spec)],
  ])('takes %s', async (_way, given, input) => {
    const { status, stdout, stderr } = await run([...args, ...given], input);
    expect({ status, stderr: stderr ?? '' }).toMatchObject({ status: 0 });
    expect(read(stdout)).toBe(true);
  });

  test('a folder that is no bundle is an error that names its config.json', async () => {
    const { status, stdout, stderr } = await run([...args, folder]);
    expect(status).toBe(1);
    expect(`${stdout}${stderr}`).toContain(`${folder}/config.json`);
  });

  test('a file and --bundle are too much', async () => {
    const { status, stderr } = await run([...args, config, '--bundle', bundle]);
    expect(status).toBe(2);
    expect(stderr).toContain('--bundle DIR');
  });

  const RECORDS: readonly [string, object][] = [
    [
      'ctr container info',
      { ID: 'c1', Labels: {}, Image: 'i', Runtime: { Name: 'io.containerd.runc.v2' }, Spec: spec },
    ],
    ['crictl inspect', { status: { id: 'c1' }, info: { pid: 7, runtimeSpec: spec } }],
  ];
  test.each(RECORDS)('takes the record that `%s` prints', async (_what, record) => {
    const { status, stdout } = await run([...args, '-'], JSON.stringify(record, null, 4));
    expect(status).toBe(0);
    expect(read(stdout)).toBe(true);
  });
});

test('what is wrong in a record is told with its lines and columns there', async () => {
  const record = JSON.stringify({ ID: 'c1', Spec: { ...spec, hostname: 7 } }, null, 2);
  const { status, stdout } = await run(['validate', '-'], record);
  const line = record.split('\n').findIndex((text) => text.includes('"hostname"')) + 1;
  expect(status).toBe(1);
  expect(stdout).toContain(`-:${line}:17: error SPEC_SCHEMA_TYPE: /hostname: `);
});

test('integers of a record keep their digits', async () => {
  const text = JSON.stringify({ ID: 'c1', Spec: spec }).replace(
    '"hostname"',
    '"x-limit":18446744073709551615,"hostname"',
  );
  const { stdout } = await run(
    ['cdi', 'inject', '--spec-dir', folder, '--device', 'vendor.com/device=a', '-'],
    text,
  );
  expect(stdout).toContain('"x-limit":18446744073709551615');
});

test('a config.json with a member that is called as in a record stays what it is', async () => {
  const text = JSON.stringify({ ...spec, Spec: { hostname: 'another' } });
  const { stdout } = await run(
    ['cdi', 'inject', '--spec-dir', folder, '--device', 'vendor.com/device=a'],
    text,
  );
  expect(JSON.parse(stdout).hostname).toBe('of-the-bundle');
});
