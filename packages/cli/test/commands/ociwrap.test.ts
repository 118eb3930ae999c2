import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { ociwrap } from '../../src/main/ociwrap.js';
import { bundleIn, plainSpec, volumeSpec } from '../machine.js';
import { temporaryFolder } from '../temporary-folder.js';
import { testWorld } from './world.js';

const folder = temporaryFolder();
const plain = bundleIn(folder, 'plain', plainSpec());
const volume = bundleIn(folder, 'volume', volumeSpec());
const unmatched = bundleIn(folder, 'unmatched', volumeSpec('pvc-other'));

const relative = join(
  bundleIn(folder, 'relative', JSON.stringify(plainSpec()).replace('"cwd":"/"', '"cwd":"tmp"')),
  'config.json',
);
const cases = bundleIn(folder, 'cases', plainSpec());
writeFileSync(join(cases, 'rules.toml'), '');
writeFileSync(join(cases, 'expected.patch.json'), '[]');

const run = (...args: string[]) => ociwrap(args, testWorld().world);

describe('wrong usage ends with 2, and says so with its code', () => {
  test.each<[name: string, args: string[], said?: string | RegExp]>([
    ['no command', [], 'no command given'],
    [
      'an unknown command',
      ['explane'],
      '"explane" is not a command (did you mean "explain"?); there are explain, ',
    ],
    [
      'an unknown command of a command',
      ['config', 'chekc'],
      '"chekc" is not a command of "config" (did you mean "check"?); there are default, ',
    ],
    ['no command of a command', ['cdi'], 'say what to do: list, '],
    [
      'a word too many for a command of a command',
      ['config', 'check', 'a', 'b'],
      'unknown option or argument: b',
    ],
    [
      'an unknown option of a command of a command',
      ['cdi', 'list', '--foo'],
      'unknown option or argument: foo',
    ],
    ['an unknown option', ['explain', '--bundel', plain]],
    ['an unknown option of the program', ['--colour']],
    ['an option without its value', ['explain', '--bundle']],
    ['a verb that carries no rewrite', ['explain', '--bundle', plain, '--verb', 'kill']],
    ['neither bundle nor call', ['explain']],
    ['both bundle and call', ['explain', '--bundle', plain, '--', 'state', 'c1']],
    ['a word too many', ['rewrite', '--bundle', plain, 'extra']],
    ['no bundle to rewrite', ['rewrite'], 'missing option: --bundle'],
    ['nothing to validate', ['validate'], 'give a FILE, - for standard input, or --bundle DIR'],
    ['too little to inspect', ['cdi', 'inspect'], 'too few arguments: got 0, need at least 1'],
    ['an unknown type', ['validate', plain, '--type', 'image']],
    [
      'an unknown runtime',
      ['validate', plain, '--runtime', 'podman'],
      '--runtime "podman" is none of runc, crun, runsc, alone or with a release such as crun@1.21',
    ],
    [
      'a release that is none',
      ['validate', plain, '--runtime', 'crun@latest'],
      '--runtime "crun@latest" is none of runc, crun, runsc',
    ],
    [
      'a runtime where none is asked',
      ['validate', plain, '--spec-only', '--runtime', 'runc'],
      '--spec-only asks no runtime: leave it out, or --runtime',
    ],
    ['a runtime for a state', ['validate', plain, '--runtime', 'runc', '--type', 'state']],
    ['no folder to test', ['test']],
    ['a folder without cases', ['test', `${plain}/nothing`]],
  ])('%s', async (_name, args, said = '') => {
    const { status, stdout, stderr = '' } = await run(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: undefined });
    expect(stderr).toContain(said);
    // The help that is named is there, and of this command.
    const [, help = ''] = /\[ERR_USAGE\]: see `ociwrap ([^`]*)`\n$/.exec(stderr) ?? [];
    const words = args.slice(0, help.split(' ').length - 1);
    expect(help).toBe(
      ['explane', '--colour'].includes(String(args[0])) ? '--help' : [...words, '--help'].join(' '),
    );
    expect((await run(...help.split(' '))).status).toBe(0);
    // Neither lines nor escaped ends of lines: of some faults yargs tells in several lines.
    expect(stderr).toMatch(/^ociwrap: [^\n\\]*\[ERR_USAGE\]: see `ociwrap [^`]*`\n$/);
  });
});

test('--version', async () => {
  expect(await run('--version')).toEqual({ status: 0, stdout: '1.2.3\n' });
});

test.each([
  [['--help']],
  [['-h']],
  [['explain', '--help']],
  [['rewrite', '--help']],
  [['validate', '--help']],
  [['test', '--help']],
  [['volume', '--help']],
])('%j leads with examples', async (args) => {
  const { status, stdout } = await run(...args);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^[^\n]+\n(?:[^\n]+\n)?\nExamples:\n(?:# .*\n)?ociwrap /);
});

test('--help names the exit statuses', async () => {
  expect((await run('--help')).stdout).toContain('Exit status:');
});

test('completion prints a script for the shell', async () => {
  const { status, stdout } = await run('completion');
  expect(status).toBe(0);
  expect(stdout).toContain('ociwrap --get-yargs-completions');
});

describe('commands', () => {
  test.each([
    ['explain', ['explain', '--bundle', volume], 0],
    ['explain as data', ['explain', '-b', volume, '--json'], 0],
    ['explain a refused call', ['explain', '--bundle', unmatched], 1],
    ['explain a call as given', ['explain', '--', 'create', '--bundle', unmatched, '007'], 1],
    ['the last of two equal options counts', ['explain', '--bundle', unmatched, '--bundle', plain], 0],
    ['validate', ['validate', join(volume, 'config.json')], 0],
    ['validate for two runtimes', ['validate', '--runtime', 'crun', '--runtime', 'runc', relative], 1],
    ['validate for a release', ['validate', '--runtime', 'crun@1.8.1', relative], 1],
    ['validate by the specification', ['validate', '--spec-only', relative], 1],
    ['validate for the other one', ['validate', '--runtime', 'crun', relative, '--runtime', 'runsc'], 0],
    ['test', ['test', cases], 0],
    ['rewrite a dry run', ['rewrite', '--bundle', volume, '--dry-run'], 0],
    ['rewrite, refused', ['rewrite', '--bundle', unmatched], 1],
  ])('%s', async (_name, args, status) => {
    expect((await run(...args)).status).toBe(status);
  });

  test('the arguments of a call are taken as they are', async () => {
    const args = ['--log-format', 'json', 'create', '--bundle', volume, '--', '007'];
    const { stdout } = await run('explain', '--json', '--', ...args);
    expect(JSON.parse(String(stdout)).exec.argv).toEqual(['runc', ...args]);
  });
});
