import { readFileSync } from 'node:fs';

import { beforeAll, describe, expect, test } from '@jest/globals';

import { commandOf } from '../../src/commands/command-names.js';
import { help } from '../../src/commands/help/help.js';
import { ociwrap } from '../../src/main/ociwrap.js';
import { testWorld } from './world.js';

const run = (...args: readonly string[]) => ociwrap(args, testWorld().world);

async function helpOf(command: string): Promise<string> {
  const { status, stdout } = await run(...command.split(' ').slice(1), '--help');
  expect([command, status]).toEqual([command, 0]);
  return String(stdout);
}

/** The commands below one, as its help lists them. */
function commandsIn(help: string, above: string): readonly string[] {
  const [, listed = ''] = help.split('\nCommands:\n');
  const names = [...listed.matchAll(new RegExp(`^ +${above} ([a-z-]+)`, 'gm'))];
  return names.map(([, name]) => `${above} ${name}`);
}

const helps = new Map<string, string>();
beforeAll(async () => {
  const open = ['ociwrap'];
  for (const command of open) {
    // Its help is that of the program: it has options of none.
    if (command === 'ociwrap completion') continue;
    const help = await helpOf(command);
    helps.set(command, help);
    open.push(...commandsIn(help, command));
  }
});

test('the commands are found', () => {
  expect([...helps.keys()]).toEqual(
    expect.arrayContaining(['ociwrap', 'ociwrap explain', 'ociwrap cdi inject', 'ociwrap volume reset']),
  );
});

test('every help fits in 80 columns', () => {
  const wide = [...helps].flatMap(([command, help]) =>
    help
      .split('\n')
      .filter((line) => line.length > 80)
      .map((line) => `${command}: ${line}`),
  );
  expect(wide).toEqual([]);
});

test('in no help a text touches the type behind it, nor runs over into the next line of examples', () => {
  const strange = [...helps].flatMap(([command, help]) => {
    const [, examples = ''] = /\nExamples:\n(.*?)\n\n/s.exec(help) ?? [];
    return [
      ...help.split('\n').filter((line) => /\S\[(?:string|boolean|array|number|choices|default)/.test(line)),
      ...examples.split('\n').filter((line) => line !== '' && !/^(?:ociwrap |# )/.test(line)),
    ].map((line) => `${command}: ${line}`);
  });
  expect(strange).toEqual([]);
});

test('wrong usage of any command names the help of that very command', async () => {
  const commands = [...helps.keys()].filter(
    // By the word "help" yargs prints a help, whatever else is there.
    (command) => !['ociwrap', 'ociwrap nvidia-hook', 'ociwrap help'].includes(command),
  );
  const hints = await Promise.all(
    commands.map(async (command) => {
      const { status, stderr = '' } = await run(...command.split(' ').slice(1), '--no-such-option');
      return [status, /see `(.*) --help`\n$/.exec(stderr)?.[1]];
    }),
  );
  // These two end as their program does, so that none of ours may be taken for one of its statuses.
  const statusOf = (command: string) => (['ociwrap run', 'ociwrap exec'].includes(command) ? 125 : 2);
  expect(hints).toEqual(commands.map((command) => [statusOf(command), command]));
});

test('every command is known by its name, also to hints', () => {
  for (const command of helps.keys()) expect(commandOf(command.split(' ').slice(1))).toBe(command);
});

describe('--json', () => {
  test('the README lists every command that has it, and no other', () => {
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
    const [, table = ''] = /\n## Data for machines\n(.*?)\n## /s.exec(readme) ?? [];
    const cells = [...table.matchAll(/^\| (`.*?) \|/gm)].map(([, cell = '']) => cell);
    const listed = cells.flatMap((cell) => [...cell.matchAll(/`(.*?)`/g)].map(([, command]) => command));
    const have = [...helps].filter(([, help]) => /^ +--json\b/m.test(help)).map(([command]) => command);
    expect(listed.sort()).toEqual(have.sort());
  });

  test('says the same everywhere', () => {
    const said = [...helps.values()].flatMap((help) => help.match(/^ +--json +(.*?)(?: {2,}|$)/m)?.[1] ?? []);
    expect(new Set(said)).toEqual(new Set(['Print data for machines']));
  });
});

describe('version', () => {
  test('for people, and as data', async () => {
    expect(await run('version')).toEqual({ status: 0, stdout: 'ociwrap 1.2.3\n' });
    const { status, stdout } = await run('version', '--json');
    expect({ status, data: JSON.parse(String(stdout)) }).toEqual({
      status: 0,
      data: { version: '1.2.3', program: '/opt/ociwrap/bin/oci-runtime-wrapper' },
    });
  });
});

test('completion in fish', async () => {
  const { world } = testWorld({ env: { SHELL: '/usr/bin/fish' } });
  const { status, stdout } = await ociwrap(['completion'], world);
  expect(status).toBe(0);
  expect(stdout).toContain('complete --command ociwrap ');
});

/** The sections of a page, by the heading that each has. */
function sectionsOf(page: string): ReadonlyMap<string, string> {
  const text = readFileSync(new URL(`../../../../docs/${page}.md`, import.meta.url), 'utf8');
  const sections = text.split(/^### /m).slice(1);
  return new Map(
    sections.map((section) => {
      const [title = '', ...rest] = section.split('\n');
      return [title.replaceAll('`', ''), rest.join('\n').replaceAll('`', '').replaceAll('\\', '')] as const;
    }),
  );
}

const words = (text: string) => text.split(/\s+/).filter((word) => word !== '');

describe('help ERR_X', () => {
  const ADDON =
    /^ERR_(?:INVALID_ARG_TYPE|INVALID_ARG_VALUE|OUT_OF_RANGE|ADDON_MISSING|PROCESS_STATE|NOT_MAIN_THREAD)$/;
  const codes = [...sectionsOf('errors')].filter(([code]) => !ADDON.test(code));

  test('knows every code of docs/errors.md, and says the same of it', async () => {
    expect(codes.length).toBeGreaterThan(200);
    const unlike: string[] = [];
    for (const [code, section] of codes) {
      const { status, stdout } = await help([code], (command) => run(...command));
      const said = String(stdout).replaceAll('`', '');
      const [summary = '', hint = ''] = section.trim().split('\n\n');
      const wanted = `${code} ${summary} ${hint.replace('- What to do', 'What to do').split('\n')[0]}`;
      const isLike = status === 0 && words(said).join(' ').startsWith(words(wanted).join(' '));
      if (!isLike || said.split('\n').some((line) => line.length > 80 && line.includes(' ')))
        unlike.push(code);
    }
    expect(unlike).toEqual([]);
  });

  test('tells what was probably meant', async () => {
    const { status, stderr } = await run('help', 'ERR_VOLUME_NOTFOUND');
    expect(status).toBe(2);
    expect(stderr).toContain('(did you mean "ERR_VOLUME_NOT_FOUND"?)');
  });
});

describe('help rules', () => {
  const keys = [...sectionsOf('rules-reference')];

  test('has every key in a line', async () => {
    const { stdout } = await run('help', 'rules');
    const lines = String(stdout).split('\n');
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(lines.map((line) => words(line)[0])).toEqual(expect.arrayContaining(keys.map(([key]) => key)));
  });

  test.each(['then.devices', 'when.annotation', 'then.rlimits.set', 'options.strategy'])(
    'tells of %s and of every key in it what the page does',
    async (asked) => {
      const { stdout } = await run('help', 'rules', asked);
      const within = keys.filter(
        ([key]) => key === asked || key.startsWith(`${asked}.`) || key.startsWith(`${asked}[`),
      );
      expect(within.length).toBeGreaterThan(0);
      const page = within.map(
        ([key, section]) => `${key} ${section.replace(/\n## .*/s, '').replace(/^toml\n/gm, '')}`,
      );
      expect(words(String(stdout))).toEqual(words(page.join(' ')));
    },
  );

  test('tells what was probably meant', async () => {
    const { status, stderr } = await run('help', 'rules', 'then.device');
    expect(status).toBe(2);
    expect(stderr).toContain('(did you mean "then.devices"?)');
  });
});

describe('help COMMAND', () => {
  test.each([[[]], [['volume']], [['volume', 'reset']]])('%j is its --help', async (command) => {
    expect(await run('help', ...command)).toEqual(await run(...command, '--help'));
  });

  test.each([[['nothing']], [['volume', 'nothing']]])('%j is no command', async (command) => {
    const { status, stderr } = await run('help', ...command);
    expect(status).toBe(2);
    expect(stderr).toContain('"nothing" is not a command');
    expect(stderr).toContain('see `ociwrap help --help`');
  });
});
