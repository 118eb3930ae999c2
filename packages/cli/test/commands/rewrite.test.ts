import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';
import type { Rule } from '@opencontainers-ts/rootfs-rewriter';

import { rewrite } from '../../src/commands/rewrite.js';
import { humanLog } from '../../src/log/human-log.js';
import { bundleIn, plainSpec, VOLUME, VOLUME_PATH, volumeSpec } from '../machine.js';
import { temporaryFolder } from '../temporary-folder.js';
import { testWorld } from './world.js';

const folder = temporaryFolder();

function run(bundle: string, dryRun = false) {
  const { world, logged } = testWorld();
  const output = rewrite({ bundle, dryRun }, world, world.log({ verbose: false }));
  return { ...output, logged };
}

const configOf = (bundle: string) => readFileSync(join(bundle, 'config.json'), 'utf8');

test('rewrites, says so on stderr, and records what the wrapper would', () => {
  const bundle = bundleIn(folder, 'volume', volumeSpec());
  const { status, stdout, stderr, logged } = run(bundle);
  const lines = String(stderr).split('\n');
  expect({ status, stdout, last: lines.at(-2) }).toEqual({
    status: 0,
    stdout: undefined,
    last: `ociwrap: ${bundle}/config.json rewritten`,
  });
  expect(lines[0]).toBe(
    `ociwrap: left to a start: mount-root: the volume "${VOLUME.volume}" at "${VOLUME_PATH}"`,
  );
  expect(JSON.parse(configOf(bundle)).root.path).toBe(VOLUME_PATH);
  expect(logged).toEqual([
    expect.objectContaining({
      level: 'info',
      msg: 'config.json rewritten',
      decision: 'rewrite',
      bundle,
      volume: VOLUME.volume,
      newRoot: VOLUME_PATH,
      patch: expect.stringContaining(`"path":"/root/path","value":${JSON.stringify(VOLUME_PATH)}`),
    }),
  ]);
});

test('nothing to rewrite is said, and is no failure', () => {
  const bundle = bundleIn(folder, 'plain', plainSpec());
  const { status, stderr, logged } = run(bundle);
  expect({ status, stderr }).toEqual({ status: 0, stderr: `ociwrap: ${bundle}/config.json unchanged\n` });
  expect(logged).toEqual([expect.objectContaining({ decision: 'pass', patch: undefined })]);
});

test('a dry run prints the new bytes, and neither writes nor logs', () => {
  const text = JSON.stringify({ ...volumeSpec(), 'x-limit': 1 }).replace(
    '"x-limit":1',
    ' "x-limit" : 18446744073709551615 ',
  );
  const bundle = bundleIn(folder, 'dry', text);
  const { status, stdout, logged } = run(bundle, true);
  const shown = Buffer.from(stdout as Uint8Array).toString();
  expect(status).toBe(0);
  expect(shown).toContain(' "x-limit" : 18446744073709551615 ');
  expect(JSON.parse(shown).root.path).toBe(VOLUME_PATH);
  expect(configOf(bundle)).toBe(text);
  expect(logged).toEqual([]);
  run(bundle);
  expect(configOf(bundle)).toBe(shown);
});

test.each([false, true])(
  'what a rule wants done on the machine is told, and left undone (dry run: %s)',
  (dryRun) => {
    const bundle = bundleIn(folder, `acts-${dryRun}`, volumeSpec());
    const { world } = testWorld();
    const root = '/volumes/x';
    const rule: Rule = {
      name: 'cleans',
      triggers: 'every-create',
      reads: [],
      claims: () => true,
      evaluate: () => ({
        kind: 'pass',
        reason: 'nothing to change',
        actions: [{ kind: 'clean-residue', root, volume: 'x', creates: { mountPoints: ['a'], links: [] } }],
      }),
    };
    const settings = { ...world.settings, rules: [rule] };
    const { status, stderr } = rewrite(
      { bundle, dryRun },
      { ...world, settings },
      world.log({ verbose: false }),
    );
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: [
        `ociwrap: left to a start: clean-residue: the volume "x" at "${root}"\n`,
        'ociwrap: left to a start: remembers the mount point "a"\n',
        `ociwrap: ${bundle}/config.json unchanged\n`,
      ].join(''),
    });
  },
);

test('a dry run that changes nothing prints the bytes as they are', () => {
  const bundle = bundleIn(folder, 'dry-plain', '{ "ociVersion" : "1.2.0" }\n');
  const { stdout, stderr } = run(bundle, true);
  expect(Buffer.from(stdout as Uint8Array).toString()).toBe('{ "ociVersion" : "1.2.0" }\n');
  expect(stderr).toBe(`ociwrap: ${bundle}/config.json unchanged\n`);
});

test.each([false, true])('a refusal ends with 1 and leaves the bundle (dry run: %s)', (dryRun) => {
  const bundle = bundleIn(folder, `refused-${dryRun}`, volumeSpec('pvc-other'));
  const before = configOf(bundle);
  const { status, stdout, stderr, logged } = run(bundle, dryRun);
  expect({ status, stdout }).toEqual({ status: 1, stdout: undefined });
  expect(stderr).toMatch(/^ociwrap: .*\[ERR_VOLUME_NOT_FOUND\]: .*\n$/);
  expect(configOf(bundle)).toBe(before);
  expect(logged.map(({ level, code }) => [level, code])).toEqual(
    dryRun ? [] : [['error', 'ERR_VOLUME_NOT_FOUND']],
  );
});

test('a folder without config.json', () => {
  const { status, stderr } = run(join(folder, 'nowhere'));
  expect(status).toBe(1);
  expect(stderr).toContain('[ERR_CONFIG_MISSING]');
});

describe('a log that cannot be written', () => {
  const file = join(folder, 'none/wrapper.log');

  /** Through the log that commands have. */
  function runLogged(bundle: string, dryRun = false) {
    const { world } = testWorld();
    const settings = { ...world.settings, log: { ...world.settings.log, file } };
    const log = humanLog(world.system, { verbose: false, wrapperLog: settings.log });
    return rewrite({ bundle, dryRun }, { ...world, settings }, log);
  }

  test.each([
    ['of a rewrite', volumeSpec(), 0, /config\.json rewritten$/],
    ['of nothing to rewrite', plainSpec(), 0, /config\.json unchanged$/],
    ['of a refusal', volumeSpec('pvc-other'), 1, /\[ERR_VOLUME_NOT_FOUND\]: /],
  ])('is told once, with the file, the reason and what to do: %s', (title, spec, status, last) => {
    const output = runLogged(bundleIn(folder, `unlogged ${title}`, spec));
    const lines = String(output.stderr).trimEnd().split('\n');
    expect(output.status).toBe(status);
    expect(lines.filter((line) => line.includes('[ERR_OUTPUT_UNWRITABLE]'))).toEqual([
      `ociwrap: warning: the log, "${file}", cannot be written: ENOENT [ERR_OUTPUT_UNWRITABLE]: see what "ociwrap doctor" says of the log; log.file in /etc/ociwrap/config.toml names another`,
    ]);
    expect(lines.at(-1)).toMatch(last);
  });

  test('is none of a dry run, which writes none', () => {
    const { stderr } = runLogged(bundleIn(folder, 'unlogged-dry', plainSpec()), true);
    expect(stderr).not.toContain('ERR_OUTPUT_UNWRITABLE');
  });
});
