import { lstatSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { launcherAnswers, type Question, unhex } from '../../../launcher/test/launcher-answers.js';
import { launcherParts } from '../../../launcher/test/native-programs.js';
import {
  encodeTable,
  type FastPathTable,
  type FileStamp,
  plainTriggers,
} from '../../src/fast-path/fast-path-table.js';
import { temporaryFolder } from '../temporary-folder.js';

beforeAll(() => {
  launcherParts();
}, 120_000);

const folder = temporaryFolder();
const launcher: FileStamp = { dev: 65024n, ino: 12n, size: 880088n, ctimeNs: 1795357533758539390n };
const table: FastPathTable = { launcher, watched: [], triggers: ['sgs.snucse.org/os-volume', 'a b'] };

const stampText = ({ dev, ino, size, ctimeNs }: FileStamp) => `${dev} ${ino} ${size} ${ctimeNs}`;
const encoded = (changes: Partial<FastPathTable> = {}): Buffer => {
  const bytes = encodeTable({ ...table, ...changes });
  if (bytes === undefined) throw new Error('this table cannot be encoded');
  return Buffer.from(bytes);
};
const asked = (bytes: Uint8Array): Question => ['table', bytes, stampText(launcher)];

/** The triggers of a believed table; undefined for one that is not believed. */
function read(answer: string | undefined): string[] | undefined {
  if (answer === 'not believed') return undefined;
  const [, ...triggers] = (answer ?? '').split(' ');
  return triggers.map((trigger) => unhex(trigger).toString());
}
const believed = (bytes: Uint8Array) => read(launcherAnswers([asked(bytes)])[0]);

/** A table of these lines, with the sum that belongs to them. */
function withSum(text: string): Buffer {
  let sum = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(text)) sum = BigInt.asUintN(64, (sum ^ BigInt(byte)) * 0x100000001b3n);
  return Buffer.from(`${text}end ${sum}\n`);
}
const body = encoded()
  .toString()
  .replace(/end .*\n$/, '');

describe('a table that is believed', () => {
  test('gives the triggers that were written', () => {
    expect(believed(encoded())).toEqual(table.triggers);
  });

  test('may hold no trigger at all: no rule is active', () => {
    expect(believed(encoded({ triggers: [] }))).toEqual([]);
  });

  test('whatever the triggers are', () => {
    const trigger = fc.stringMatching(/^[A-Za-z0-9 ._/:@=~+-]{1,256}$/);
    const lists = fc.sample(fc.array(trigger, { maxLength: 20 }), 300);
    const answers = launcherAnswers(lists.map((triggers) => asked(encoded({ triggers }))));
    expect(answers.map(read)).toEqual(lists);
  });

  test('the sum of this test is that of the table', () => {
    expect(withSum(body)).toEqual(encoded());
  });
});

describe('a table that is not believed', () => {
  const [first, launcherLine, ...rest] = body.split('\n');
  const forged: readonly (readonly [string, Uint8Array])[] = [
    ['empty', Buffer.alloc(0)],
    ['of another version', withSum(body.replace('path 2', 'path 1'))],
    ['of another launcher', withSum(body.replace('65024 12 ', '65024 13 '))],
    ['of a launcher of another size', withSum(body.replace('880088', '880089'))],
    [
      'of a launcher that was changed since',
      withSum(body.replace('1795357533758539390', '1795357533758539391')),
    ],
    ['without its launcher', withSum([first, ...rest].join('\n'))],
    ['with a line of a kind unknown', withSum(`${body}colour blue\n`)],
    ['with an empty line', withSum(`${body}\n`)],
    ['with an empty trigger', withSum(`${body}trigger \n`)],
    ['with a trigger that cannot be searched for', withSum(`${body}trigger a&b\n`)],
    ['with a trigger that is too long', withSum(`${body}trigger ${'x'.repeat(257)}\n`)],
    ['with too many triggers', withSum(`${body}${'trigger x\n'.repeat(63)}`)],
    ['with a file that is gone', withSum(`${body}present 1 2 3 4 ${folder}/gone\n`)],
    ['with a file without a path', withSum(`${body}present 1 2 3 4\n`)],
    ['with a file that has come', withSum(`${body}absent ${folder}\n`)],
    ['with a path that is too long', withSum(`${body}absent /${'x'.repeat(5000)}\n`)],
    ['with a link that leads in a circle', withSum(`${body}absent ${folder}/circle\n`)],
    ['without an end', Buffer.from(body)],
    ['with another sum', Buffer.concat([Buffer.from(body), Buffer.from('end 1\n')])],
    ['with a sum in another spelling', Buffer.from(encoded().toString().replace('end ', 'end 0'))],
    ['with something behind its end', Buffer.concat([encoded(), Buffer.from('\n')])],
    ['written twice', Buffer.concat([encoded(), encoded()])],
  ];
  beforeAll(() => symlinkSync('circle', join(folder, 'circle')));

  test.each(forged)('%s', (_title, bytes) => {
    expect(believed(bytes)).toBeUndefined();
  });

  test('cut off at any byte', () => {
    const whole = encoded();
    const cut = Array.from({ length: whole.length }, (_, length) => asked(whole.subarray(0, length)));
    expect(new Set(launcherAnswers(cut))).toEqual(new Set(['not believed']));
  });

  test('with any byte changed', () => {
    const changed = [0x01, 0x20, 0x80].flatMap((flip) =>
      Array.from(encoded(), (byte, at) => {
        const bytes = Buffer.from(encoded());
        bytes[at] = byte ^ flip;
        return asked(bytes);
      }),
    );
    expect(new Set(launcherAnswers(changed))).toEqual(new Set(['not believed']));
  });

  test('that is garbage, with the right sum or without', () => {
    const lines = fc.constantFrom(first, launcherLine, 'trigger x', 'end 1', 'present 1 2', 'absent ');
    const garbage = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc
        .array(fc.oneof(lines, fc.string({ maxLength: 9 })), { maxLength: 8 })
        // With a whole head, what follows may make a table that is right.
        .filter((parts) => [first, launcherLine].some((line, at) => parts[at] !== line))
        .map((parts) => withSum(parts.map((line) => `${line}\n`).join(''))),
      fc.string().map((text) => withSum(`${first}\n${launcherLine}\n${text}\n`)),
    );
    const answers = launcherAnswers(fc.sample(garbage, 3000).map(asked));
    expect(new Set(answers)).toEqual(new Set(['not believed']));
  });
});

describe('a file that the rules depend on', () => {
  const path = join(folder, 'rules of mine.toml');
  const stampOf = (file: string): FileStamp => statSync(file, { bigint: true });

  test('is believed as it was, and not when it was written again', () => {
    writeFileSync(path, 'one');
    const bytes = encoded({ watched: [{ path, stamp: stampOf(path) }] });
    expect(believed(bytes)).toEqual(table.triggers);
    writeFileSync(path, 'two');
    expect(believed(bytes)).toBeUndefined();
  });

  test('that was not there is believed until it is', () => {
    const later = join(folder, 'later.toml');
    const bytes = encoded({ watched: [{ path: later }, { path: join(later, 'beneath') }] });
    expect(believed(bytes)).toEqual(table.triggers);
    writeFileSync(later, '');
    expect(believed(bytes)).toBeUndefined();
  });
});

test('a table for rules that look at every container is another than one of no trigger', () => {
  const { triggers: _, ...rest } = table;
  const text = Buffer.from(encodeTable({ ...rest, triggers: undefined }) ?? []).toString();
  expect(text).toContain('\nevery create\n');
  expect(text).not.toContain('\ntrigger ');
});

describe('a symlink that the rules depend on', () => {
  const kept = join(folder, 'kept');
  const link = join(folder, 'link');

  test('is believed as it was, whatever it leads to, and not when it is another', () => {
    symlinkSync(kept, link);
    const bytes = encoded({ watched: [{ path: link, stamp: lstatSync(link, { bigint: true }) }] });
    expect(believed(bytes)).toEqual(table.triggers);
    writeFileSync(kept, '');
    expect(believed(bytes)).toEqual(table.triggers);
    rmSync(link);
    symlinkSync(folder, link);
    expect(believed(bytes)).toBeUndefined();
  });

  test('that was not there has come, also if it leads nowhere', () => {
    const bytes = encoded({ watched: [{ path: join(folder, 'came') }] });
    symlinkSync('/nowhere', join(folder, 'came'));
    expect(believed(bytes)).toBeUndefined();
  });
});

describe('what no table can say', () => {
  test.each([
    ['a path of two lines', { watched: [{ path: '/a\nb' }] }],
    ['a relative path', { watched: [{ path: 'a' }] }],
    ['a path that is no UTF-8', { watched: [{ path: '/\ufffd' }] }],
    ['a path that is too long', { watched: [{ path: `/${'x'.repeat(4095)}` }] }],
    ['more triggers than the launcher has room for', { triggers: Array.from({ length: 65 }, () => 'x') }],
    ['more bytes than the launcher reads', { triggers: Array.from({ length: 64 }, () => 'x'.repeat(256)) }],
  ])('%s', (_title, changes) => {
    expect(encodeTable({ ...table, ...changes })).toBeUndefined();
  });

  test('a trigger that is found by what a slip in it leaves need not be searched for by itself', () => {
    const rules = [{ triggers: ['a.org/key'], slipTexts: ['a.org/', 'key', '&'] }, { triggers: ['b'] }];
    expect(plainTriggers(rules)).toEqual(['b', 'a.org/', 'key']);
    // Of a text that cannot be searched for only the warning is lost.
    expect(plainTriggers([{ triggers: ['b'], slipTexts: ['&'] }])).toEqual(['b']);
    // Where there are too many for a table, slips are left out.
    const many = Array.from({ length: 40 }, (_, index) => ({
      triggers: [`${index + 100}.org/key`],
      slipTexts: [`slip-${index + 100}`],
    }));
    expect(plainTriggers(many)).toEqual(many.flatMap(({ triggers }) => triggers));
    expect(plainTriggers([{ triggers: 'every-create', slipTexts: ['a'] }])).toBeUndefined();
  });

  test('rules that look at every container', () => {
    expect(plainTriggers([{ triggers: ['a'] }, { triggers: 'every-create' }])).toBeUndefined();
    expect(plainTriggers([{ triggers: ['a'] }, { triggers: ['b', 'c'] }])).toEqual(['a', 'b', 'c']);
  });
});
