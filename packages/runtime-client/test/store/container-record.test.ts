import { expect, test } from '@jest/globals';

import { type ContainerRecord, parseRecord, recordText } from '../../src/store/container-record.js';

const RECORD: ContainerRecord = {
  id: 'web',
  bundle: '/bundles/web',
  runtime: 'runc',
  runtimeRoot: '/run/own',
  runtimeArgs: ['--network=none', ''],
  step: 'created',
  createdAt: '2026-01-02T03:04:05.678Z',
  init: { pid: 7, startTime: 18446744073709551615n, bootId: 'b0' },
  cgroups: ['/sys/fs/cgroup/web'],
};

const { runtimeRoot: _runtimeRoot, runtimeArgs: _runtimeArgs, init: _init, ...LEAST } = RECORD;

test.each([RECORD, LEAST])('what is written is read', (record) => {
  expect(parseRecord(recordText(record), '/f', 'web')).toEqual(record);
});

test('members that are not known are kept out', () => {
  const text = recordText(RECORD)
    .replace('"pid"', '"more": 1, "pid"')
    .replace('"id"', '"__proto__": {"a": 1}, "id"');
  expect(JSON.parse(text).init.more).toBe(1);
  expect(parseRecord(text, '/f', 'web')).toEqual(RECORD);
});

const members = (more: object): string => JSON.stringify({ ...JSON.parse(recordText(RECORD)), ...more });

const broken: readonly (readonly [title: string, text: string, told: string])[] = [
  ['an empty file', '', 'is not JSON'],
  ['half of it', recordText(RECORD).slice(0, 60), 'is not JSON'],
  ['a list', '[]', 'is not an object'],
  ['null', 'null', 'is not an object'],
  ['no version', members({ version: undefined }), 'is of version "none"'],
  ['a later version', members({ version: 2 }), 'is of version "2"'],
  ['another id', members({ id: 'other' }), 'is the record of another container'],
  ['a relative bundle', members({ bundle: 'bundles/web' }), 'has no usable "bundle"'],
  ['a NUL in a path', members({ bundle: '/a\0b' }), 'has no usable "bundle"'],
  ['no runtime', members({ runtime: '' }), 'has no usable "runtime"'],
  ['a root that is no text', members({ runtimeRoot: 7 }), 'has no usable "runtimeRoot"'],
  ['arguments that are no list', members({ runtimeArgs: '--debug' }), 'has no usable "runtimeArgs"'],
  ['a NUL in an argument', members({ runtimeArgs: ['--a\0b'] }), 'has no usable "runtimeArgs"'],
  ['another step', members({ step: 'toString' }), 'has no usable "step"'],
  ['no cgroups', members({ cgroups: undefined }), 'has no usable "cgroups"'],
  ['a relative cgroup', members({ cgroups: ['/a', '../b'] }), 'has no usable "cgroups"'],
  ['an init that is none', members({ init: 7 }), 'has a member "init." of another type'],
  [
    'pid 0, which would be our own group',
    members({ init: { ...RECORD.init, pid: 0, startTime: '1' } }),
    'has no usable "init.pid"',
  ],
  [
    'pid -1, which would be every process',
    members({ init: { ...RECORD.init, pid: -1, startTime: '1' } }),
    'has no usable "init.pid"',
  ],
  [
    'a start time that is a number',
    members({ init: { ...RECORD.init, startTime: 1 } }),
    'has no usable "init.startTime"',
  ],
  [
    'a start time below 0',
    members({ init: { ...RECORD.init, startTime: '-1' } }),
    'has no usable "init.startTime"',
  ],
];

test.each(broken)('refused: %s', (_title, text, told) => {
  expect(() => parseRecord(text, '/f', 'web')).toThrow(
    expect.objectContaining({
      code: 'ERR_CONTAINER_RECORD',
      message: expect.stringContaining(`"/f" ${told}`),
    }),
  );
});
