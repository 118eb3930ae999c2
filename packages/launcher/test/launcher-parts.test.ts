import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { beforeAll, describe, expect, test } from '@jest/globals';
import { mayClaim, namedRuntimeKind, type Rule } from '@opencontainers-ts/rootfs-rewriter';
import fc from 'fast-check';
import {
  type Dialect,
  type Invocation,
  isBundleVerb,
  parseInvocation,
} from '../../cli/src/call/parse-invocation.js';
import { handlerOf } from '../../cli/src/config/handler-name.js';
import { plainTriggers } from '../../cli/src/fast-path/fast-path-table.js';
import { temporaryFolder } from '../../cli/test/temporary-folder.js';
import { RUNTIME_GRAMMAR } from '../../runtime-resolver/src/grammar/runtime-grammar.js';
import { launcherAnswers, unhex } from './launcher-answers.js';
import { launcherParts } from './native-programs.js';

beforeAll(() => {
  launcherParts();
}, 120_000);

const dialects = Object.keys(RUNTIME_GRAMMAR) as Dialect[];

/** Cases for one process: one for each would take longer than all answers. A failure shows the case itself. */
const samples = <T>(arbitrary: fc.Arbitrary<T>, count: number): T[] => fc.sample(arbitrary, count);

/** For the title of a test. */
const shortened = (text: string) => JSON.stringify(text).slice(0, 20);

describe('arguments are read as parseInvocation reads them', () => {
  const flags: string[] = dialects.flatMap((dialect) => {
    const { global, verbs } = RUNTIME_GRAMMAR[dialect];
    return [global, ...Object.values(verbs)].flatMap((table) =>
      Object.values<readonly string[] | number>(table).flatMap((names) =>
        typeof names === 'number' ? [] : names,
      ),
    );
  });
  const verbs = dialects.flatMap((dialect) => Object.keys(RUNTIME_GRAMMAR[dialect].verbs));
  const weighted = ['create', 'run', 'restore', 'create', 'state', 'exec', 'features', ...verbs];
  const value = fc.oneof(
    fc.constantFrom(
      '/b',
      '',
      '.',
      '-',
      'x',
      '=',
      'json',
      'text',
      'file:/l',
      'syslog:x',
      'false',
      '0',
      'create',
    ),
    fc.string({ maxLength: 6 }).map((text) => text.replaceAll('\0', '')),
  );
  const name = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.constantFrom('bundle', 'b', 'log', 'log-format', 'config', 'f', 'root', 'help'),
    },
    { weight: 3, arbitrary: fc.constantFrom(...flags) },
    {
      weight: 1,
      arbitrary: fc
        .constantFrom(...flags)
        .chain((flag) => fc.nat(flag.length).map((end) => flag.slice(0, end))),
    },
    { weight: 2, arbitrary: fc.constantFrom('unknown', 'z', 'constructor', '__proto__', 'db', 'dbz', 'vb') },
  );
  const dashes = fc.constantFrom('--', '-', '--', '---');
  const word = fc.oneof(
    { weight: 2, arbitrary: fc.tuple(dashes, name).map((parts) => [parts.join('')]) },
    {
      weight: 3,
      arbitrary: fc.tuple(dashes, name, value).map(([dash, flag, text]) => [`${dash}${flag}`, text]),
    },
    {
      weight: 2,
      arbitrary: fc.tuple(dashes, name, value).map(([dash, flag, text]) => [`${dash}${flag}=${text}`]),
    },
    { weight: 1, arbitrary: fc.tuple(name, value).map(([flag, text]) => [`-${flag}${text}`]) },
    { weight: 3, arbitrary: fc.constantFrom(...weighted).map((verb) => [verb]) },
    { weight: 1, arbitrary: fc.constantFrom('--', 'c1', '', '-').map((text) => [text]) },
  );
  // Of the last name no grammar is known.
  const call = fc.tuple(
    fc.constantFrom(...dialects, undefined),
    fc.array(word, { maxLength: 9 }).map((words) => words.flat()),
  );

  const ORDER = ['verb', 'bundle', 'configFile', 'id', 'log', 'logFormat', 'root'] as const;
  function expected(invocation: Invocation): string {
    const members = ORDER.flatMap((key) => {
      const found = invocation[key];
      // parseInvocation holds a verb as one character a byte.
      const bytes = typeof found === 'string' ? Buffer.from(found, 'latin1') : found;
      return bytes === undefined ? [] : [`${key} ${Buffer.from(bytes).toString('hex') || '-'}`];
    });
    const carries = isBundleVerb(invocation.verb) || invocation.readings !== undefined ? ['carries'] : [];
    return [invocation.certain ? 'certain' : 'uncertain', ...carries, ...members].join(' ');
  }
  const parsed = (words: readonly (string | Uint8Array)[], dialect: Dialect | undefined) =>
    parseInvocation(words, dialect === undefined ? {} : { dialect });

  test('eight thousand generated command lines', () => {
    // Of each dialect one that can be read in another way, which chance gives rarely.
    const inTwoWays = [...dialects, undefined].map((dialect): [Dialect | undefined, string[]] => [
      dialect,
      ['--unknown', 'list', 'create', 'c1'],
    ]);
    const calls = [...inTwoWays, ...samples(call, 8000)];
    const answers = launcherAnswers(
      calls.map(([dialect = 'oci', words]) => ['parse', dialect, '', ...words]),
    );
    const verbsSeen = new Set<string | undefined>();
    const readInAnotherWay = new Set<Dialect | undefined>();
    for (const [at, [dialect, words]] of calls.entries()) {
      const invocation = parsed(words, dialect);
      verbsSeen.add(`${invocation.verb} ${invocation.certain}`);
      if (!isBundleVerb(invocation.verb) && invocation.readings !== undefined) readInAnotherWay.add(dialect);
      expect({ dialect, words, answer: answers[at] }).toEqual({
        dialect,
        words,
        answer: expected(invocation),
      });
    }
    for (const verb of ['create', 'run', 'restore', 'state', undefined]) {
      expect(verbsSeen).toContain(`${verb} true`);
      expect(verbsSeen).toContain(`${verb} false`);
    }
    expect([...readInAnotherWay]).toHaveLength(dialects.length + 1);
  });

  test('by the grammar that the names of the runtime say', () => {
    const name = fc
      .array(
        fc.constantFrom(
          'runc',
          'crun',
          'krun',
          'runsc',
          'youki',
          'run',
          'c',
          '-',
          '.',
          '1',
          'Z',
          '\u00e9',
          '/',
        ),
        {
          maxLength: 4,
        },
      )
      .map((parts) => parts.join(''));
    // "--debug list" is one flag with its value only where the grammar is not known.
    const words = [
      ...['--log', 'syslog:x', '--log-format', 'text', '--debug', 'list'],
      ...['create', '-b=X', '--log-level', 'c1'],
    ];
    const names = samples(fc.tuple(name, fc.option(name, { nil: undefined })), 3000);
    const answers = launcherAnswers(names.map(([path, real]) => ['parse', path, real ?? '', ...words]));
    const kinds = new Set<Dialect | undefined>();
    for (const [at, [path, realPath]] of names.entries()) {
      const dialect = namedRuntimeKind(realPath === undefined ? { path } : { path, realPath });
      kinds.add(dialect);
      const answer = expected(parsed(words, dialect));
      expect({ path, realPath, answer: answers[at] }).toEqual({ path, realPath, answer });
    }
    expect([...kinds].sort()).toEqual([...dialects, undefined].sort());
  });

  // Each argument and the list of them end where their memory does: a step beyond it ends the program.
  test('nothing is read behind the last of the words', () => {
    const lines = [
      ...['', 'create --c', 'create -b', 'create --bundle', 'create c1 --c', 'create --future', 'create --'],
      ...['--lo', '--log', '--root', '--future', '--future --', '--', '-', '--=', 'exec --p', '-x', '-l'],
    ].map((line) => (line === '' ? [] : line.split(' ')));
    const calls = [...dialects, undefined].flatMap((dialect) => lines.map((words) => ({ dialect, words })));
    const answers = launcherAnswers(
      calls.map(({ dialect = 'oci', words }) => ['parse', dialect, '', ...words]),
    );
    for (const [at, { dialect, words }] of calls.entries()) {
      expect({ words, answer: answers[at] }).toEqual({ words, answer: expected(parsed(words, dialect)) });
    }
  });

  test('arguments that are no UTF-8 are kept to the byte', () => {
    const bytes = Buffer.from([0x2f, 0xff, 0xc3, 0x28, 0x80]);
    const [answer] = launcherAnswers([['parse', 'runc', '', 'create', '-b', bytes, bytes]]);
    expect(answer).toBe(
      `certain carries verb ${Buffer.from('create').toString('hex')} bundle 2fffc32880 id 2fffc32880`,
    );
  });
});

describe('config.json is looked through as mayClaim does it', () => {
  const asRules = (triggers: readonly string[]) => [{ triggers }] as unknown as readonly Rule[];
  const trigger = 'sgs.snucse.org/os-volume';
  const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

  const pieces: fc.Arbitrary<string> = fc.oneof(
    fc.constantFrom(
      '{"annotations":{"',
      '":"x"}}',
      ',',
      'sgs.snucse.org',
      '/os-volume',
      trigger,
      trigger.slice(1),
    ),
    fc.constantFrom(
      '\\u0026',
      '\\u003c',
      '\\u003E',
      '\\u2028',
      '\\u2029',
      '\\"',
      '\\\\',
      '\\n',
      '\\t',
      '\\b',
      '\\/',
    ),
    fc.constantFrom(...trigger.split('')).map(escaped),
    fc.constantFrom(
      '\\u007',
      '\\u',
      '\\',
      '\\\\u0073',
      '\\\\\\u0073',
      '\\u00G3',
      '\\U0073',
      '\\ud83d\\ude00',
      '\\u0053',
    ),
    fc.string({ unit: 'binary', maxLength: 8 }),
  );
  const config = fc.array(pieces, { maxLength: 8 }).map((parts) => Buffer.from(parts.join('')));
  const wild = fc.tuple(config, fc.uint8Array({ maxLength: 4 }), config).map((parts) => Buffer.concat(parts));
  const texts = fc.array(fc.constantFrom(trigger, 'a.b/c', 'org.example~x', 'os', 'plain_key', 'A B'), {
    maxLength: 3,
  });

  test('eight thousand generated files', () => {
    const files = samples(fc.tuple(fc.oneof(config, wild), texts), 8000);
    const answers = launcherAnswers(files.map(([bytes, triggers]) => ['scan', bytes, ...triggers]));
    const counts = { clear: 0, trigger: 0 };
    for (const [at, [bytes, triggers]] of files.entries()) {
      const answer = mayClaim(bytes, asRules(triggers)) ? 'trigger' : 'clear';
      counts[answer] += 1;
      expect({ text: bytes.toString('latin1'), triggers, answer: answers[at] }).toEqual({
        text: bytes.toString('latin1'),
        triggers,
        answer,
      });
    }
    expect(Math.min(counts.clear, counts.trigger)).toBeGreaterThan(1000);
  });

  // The launcher reads 64 KiB at a time.
  const BORDER = 64 * 1024;
  const across = [trigger, escaped('s'), '\\/', `\\\\${escaped('s')}`, '\\u0026', '\\\\u0073'];
  test.each(across)('%s at each place across the border of what is read at a time', (text) => {
    const places = Array.from({ length: 40 }, (_, index) => BORDER - 32 + index);
    const files = [1, 2].flatMap((times) =>
      places.map((at) =>
        Buffer.from(`${'x'.repeat(at + (times - 1) * (BORDER - 23))}${text}${'y'.repeat(9)}`),
      ),
    );
    const answers = launcherAnswers(files.map((bytes) => ['scan', bytes, trigger]));
    expect(new Set(answers)).toEqual(
      new Set([mayClaim(files[0] as Buffer, asRules([trigger])) ? 'trigger' : 'clear']),
    );
  });

  test('two megabytes are looked through', () => {
    const big = Buffer.alloc(2_000_000, '{"a":"b\\u0026\\n"}');
    expect(launcherAnswers([['scan', big, trigger]])).toEqual(['clear']);
    expect(launcherAnswers([['scan', Buffer.concat([big, Buffer.from(trigger)]), trigger]])).toEqual([
      'trigger',
    ]);
  });

  const plain = ['a', 'Z9 ._/:@=~+-', 'x'.repeat(256)];
  const notPlain = [
    '',
    'x'.repeat(257),
    'a&b',
    'a<b',
    'a"b',
    'a\\b',
    'é',
    'a\nb',
    'a\tb',
    'a,b',
    'a{',
    '\u2028',
    'a?',
  ];
  test.each([
    ...plain.map((text) => [shortened(text), text, true] as const),
    ...notPlain.map((text) => [shortened(text), text, false] as const),
  ])('whether %s can be searched for is the same question on both sides', (_, text, isPlain) => {
    expect(plainTriggers([{ triggers: [text] }]) !== undefined).toBe(isPlain);
    expect(launcherAnswers([['scan', '{}', text]])).toEqual([isPlain ? 'clear' : 'no plain trigger']);
  });
});

test('a handler is known by the same names', () => {
  const part = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.constantFrom(
        'oci-runtime-wrapper-',
        '/',
        'a',
        'gpu',
        '.',
        '-',
        '_',
        'é',
        ' ',
        'x'.repeat(60),
      ),
    },
    { weight: 1, arbitrary: fc.string({ maxLength: 3 }).map((text) => text.replaceAll('\0', '')) },
  );
  const path = fc
    .tuple(
      fc.constantFrom('', '/opt/ociwrap/bin/oci-runtime-wrapper-', 'oci-runtime-wrapper-'),
      fc.array(part, { maxLength: 4 }),
    )
    .map(([start, parts]) => `${start}${parts.join('')}`);
  const calls = samples(fc.tuple(path, path), 3000);
  const answers = launcherAnswers(calls.map(([argv0, execFn]) => ['handler', argv0, execFn]));
  const expected = calls.map(([invokedAs, execFn]) => handlerOf({ invokedAs, execFn }) ?? '');
  expect(answers.map((answer) => unhex(answer.split(' ')[1] ?? '').toString())).toEqual(expected);
  expect(new Set(expected).size).toBeGreaterThan(50);
});

describe('text is decoded and shown as JavaScript does it', () => {
  test('bytes that are no UTF-8', () => {
    const bytes = samples(
      fc.array(
        fc.oneof(
          fc.uint8Array({ maxLength: 3 }),
          fc.string({ unit: 'binary', maxLength: 2 }).map((text) => Buffer.from(text)),
        ),
        { maxLength: 6 },
      ),
      5000,
    ).map((parts) => Buffer.concat(parts));
    const answers = launcherAnswers(bytes.map((text) => ['decode', text]));
    for (const [at, text] of bytes.entries()) {
      expect(unhex(answers[at]?.split(' ')[1] ?? '')).toEqual(Buffer.from(text.toString()));
    }
  });
});

describe('a path is resolved as realpath(3) does it', () => {
  const folder = realpathSync(temporaryFolder());
  const links = {
    up: '..',
    here: '.',
    to: 'a/b',
    far: `${folder}/a`,
    long: 'a/../to/../b/./c',
    loop: 'loop2',
    loop2: 'loop',
    gone: 'nowhere',
  };

  beforeAll(() => {
    mkdirSync(join(folder, 'a/b/c'), { recursive: true });
    writeFileSync(join(folder, 'a/b/file'), '');
    for (const [name, target] of Object.entries(links)) {
      symlinkSync(target, join(folder, name));
      symlinkSync(target, join(folder, 'a/b', name));
    }
  });

  const expected = (path: string) => {
    try {
      return `found ${Buffer.from(realpathSync.native(path)).toString('hex')}`;
    } catch {
      return 'none';
    }
  };

  test('two thousand generated paths', () => {
    const names = fc.constantFrom('a', 'b', 'c', 'file', '..', '.', '', 'nowhere', ...Object.keys(links));
    const paths = samples(fc.array(names, { maxLength: 6 }), 2000).map((parts) =>
      [folder, ...parts].join('/'),
    );
    const answers = launcherAnswers(paths.map((path) => ['realpath', path]));
    const found = answers.filter((answer) => answer !== 'none').length;
    expect(Math.min(found, paths.length - found)).toBeGreaterThan(200);
    for (const [at, path] of paths.entries()) {
      // Below a file there is nothing, not even the file; no caller asks before stat(2) has said so.
      if (!path.includes('file/'))
        expect({ path, answer: answers[at] }).toEqual({ path, answer: expected(path) });
    }
  });

  test.each(
    [
      '/',
      '//',
      '/..',
      '/../..',
      '.',
      '..',
      './',
      'nowhere',
      '',
      '/proc/self/root',
      `/${'x'.repeat(5000)}`,
    ].map((path) => [shortened(path), path] as const),
  )('%s', (_, path) => {
    const [answer] = launcherAnswers([['realpath', path]]);
    expect(answer).toBe(expected(path));
  });
});
