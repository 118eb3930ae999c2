import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@jest/globals';

import { paintFor } from '../../src/commands/output.js';
import { formatRecord, type LogRecord } from '../../src/log/format-record.js';
import { ociwrap } from '../../src/main/ociwrap.js';
import { nodeSystem } from '../../src/system/node-system.js';
import type { System } from '../../src/system/system.js';
import { temporaryFolder } from '../temporary-folder.js';
import { sgsSettings, testWorld } from './world.js';

const folder = temporaryFolder();
const NOON = Date.UTC(2026, 0, 31, 12);

const records: readonly LogRecord[] = [
  {
    time: new Date(NOON - 7200_000),
    level: 'debug',
    msg: 'passed through',
    id: '0123456789abcdef',
    verb: 'create',
    decision: 'pass',
  },
  {
    time: new Date(NOON - 3600_000),
    level: 'info',
    msg: 'config.json rewritten',
    id: 'b',
    verb: 'create',
    decision: 'rewrite',
    namespace: 'shop',
    pod: 'web-0',
    container: 'main',
    rules: 'pvc-rootfs',
    newRoot: '/pv',
  },
  {
    time: new Date(NOON - 60_000),
    level: 'warn',
    msg: 'did you mean it?',
    id: 'c',
    verb: 'create',
    namespace: 'lab',
    pod: 'web-0',
  },
  {
    time: new Date(NOON),
    level: 'error',
    msg: 'no volume',
    id: 'd',
    verb: 'run',
    decision: 'refuse',
    code: 'ERR_X',
    hint: 'make one',
    namespace: 'shop',
    pod: 'web-1',
    container: 'main',
  },
];

const LINES = [
  '2026-01-31T10:00:00.000Z  passed   0123456789abc  create  passed through',
  '2026-01-31T11:00:00.000Z  changed  shop/web-0 main  create  config.json rewritten; by pvc-rootfs; root /pv',
  '2026-01-31T11:59:00.000Z  warning  lab/web-0  create  did you mean it?',
  '2026-01-31T12:00:00.000Z  refused  shop/web-1 main  run  no volume [ERR_X]: make one',
];

const file = join(folder, 'log');
writeFileSync(
  `${file}.1`,
  records
    .slice(0, 2)
    .map((record) => formatRecord(record, 'text'))
    .join(''),
);
writeFileSync(
  file,
  `torn {"time\n${records
    .slice(2)
    .map((record) => formatRecord(record, 'json'))
    .join('')}`,
);

async function logs(args: readonly string[], { log = file, colour = false } = {}) {
  let written = '';
  const system: System = {
    ...nodeSystem(),
    now: () => NOON,
    write: (_fd, bytes) => {
      written += Buffer.from(bytes).toString();
      return bytes.length;
    },
  };
  const settings = { ...sgsSettings(), log: { ...sgsSettings().log, file: log } };
  const { world } = testWorld({ system, settings, paint: paintFor(colour) });
  return { ...(await ociwrap(['logs', ...args], world)), written };
}

test.each<[string[], number[]]>([
  [[], [0, 1, 2, 3]],
  [['--pod', 'shop/web-0'], [1]],
  [
    ['--pod', 'web-0'],
    [1, 2],
  ],
  [
    ['--container', 'main'],
    [1, 3],
  ],
  [
    ['--level', 'warn'],
    [2, 3],
  ],
  [
    ['--since', '90m'],
    [1, 2, 3],
  ],
  [['--since', '30s'], [3]],
  [
    ['--since', '2026-01-31T12:30:00+01:00'],
    [2, 3],
  ],
  [['--pod', 'web-0', '--level', 'warn'], [2]],
])('%j shows the records %j', async (args, expected) => {
  const { status, written, stderr } = await logs(args);
  expect(written).toBe(expected.map((index) => `${LINES[index]}\n`).join(''));
  expect({ status, stderr }).toEqual({ status: 0, stderr: 'ociwrap: 1 lines are no records\n' });
});

test('as JSON, a record a line, whatever form it was written in', async () => {
  const { written } = await logs(['--json']);
  const read = written
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(read).toEqual(records.map((record) => ({ ...record, time: record.time.toISOString() })));
});

test('on a terminal what happened has a colour', async () => {
  expect((await logs(['--level', 'error'], { colour: true })).written).toContain(
    '\u001b[31mrefused\u001b[0m',
  );
});

test('what acts on a terminal is shown as an escape', async () => {
  const log = join(folder, 'hostile');
  writeFileSync(
    log,
    '{"time":"2026-01-31T10:00:00.000Z","level":"info","msg":"\\u001b[2J","pod":"\\u202e"}\n',
  );
  for (const args of [[], ['--json']]) {
    const { written } = await logs(args, { log });
    expect(['\u001b', '\u202e'].filter((character) => written.includes(character))).toEqual([]);
  }
});

test('without a log there is nothing to show', async () => {
  const { status, written, stderr } = await logs([], { log: join(folder, 'none') });
  expect({ status, written }).toEqual({ status: 0, written: '' });
  expect(stderr).toContain('there is no log yet');
});

test.each([
  [['--since', 'yesterday'], 'ERR_USAGE'],
  [['--since', '2026-01-31'], 'ERR_USAGE'],
  [['--pod', 'a/b/c'], 'ERR_USAGE'],
  [['--level', 'loud'], 'ERR_USAGE'],
])('%j cannot be asked for', async (args, code) => {
  const { status, stderr } = await logs(args);
  expect({ status, isCode: stderr?.includes(code) }).toEqual({ status: 2, isCode: true });
});

test('a log that cannot be read is a failure', async () => {
  const { status, stderr } = await logs([], { log: join(file, 'below') });
  expect(status).toBe(1);
  expect(stderr).toContain('[ERR_INPUT_UNREADABLE]');
});
