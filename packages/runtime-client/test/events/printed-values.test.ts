import { describe, expect, test } from '@jest/globals';

import { readState } from '../../src/events/container-state.js';
import { readList, readPids } from '../../src/events/listed-container.js';
import { readEvent } from '../../src/events/runtime-event.js';

const STATE = {
  ociVersion: '1.0.2',
  id: 'c',
  status: 'running',
  pid: 5,
  bundle: '/b',
  annotations: { a: '1' },
};

describe('a state', () => {
  test.each([
    [STATE, STATE],
    [{ ...STATE, rootfs: '/r', created: 'x' }, STATE],
    [
      { ...STATE, status: 'pausing', annotations: null },
      { status: 'pausing', annotations: {} },
    ],
  ])('%j', (value, state) => expect(readState(value)).toMatchObject(state));

  test.each([0, -1, undefined])('pid %s is none', (pid) => {
    expect(readState({ ...STATE, status: 'stopped', pid })).not.toHaveProperty('pid');
  });

  test.each([
    [null, 'it is not an object'],
    [[STATE], 'it is not an object'],
    ['x', 'it is not an object'],
    [{ ...STATE, ociVersion: 1 }, 'ociVersion is no text'],
    [{ ...STATE, id: undefined }, 'id is no text'],
    [{ ...STATE, bundle: 'b' }, 'bundle is no absolute path'],
    [{ ...STATE, status: 'run\nning' }, 'status is "run\\u000aning", which is none that is known'],
    [{ ...STATE, status: 5 }, 'status is number, which is none that is known'],
    [{ ...STATE, pid: -2 }, 'pid is no process id'],
    [{ ...STATE, pid: '5' }, 'pid is no process id'],
    [{ ...STATE, annotations: { a: 1 } }, 'annotations are no map of texts'],
    [{ ...STATE, annotations: ['a'] }, 'annotations are no map of texts'],
  ])('%j is none', (value, why) => expect(readState(value)).toBe(why));
});

describe('a list', () => {
  const item = { id: 'c', status: 'stopped', pid: 0, bundle: '/b' };
  test.each([
    [null, []],
    [[], []],
    [[{ ...item, owner: 'root' }], [{ id: 'c', status: 'stopped', bundle: '/b' }]],
    [[{ ...item, pid: 7 }], [{ ...item, pid: 7 }]],
  ])('%j', (value, list) => expect(readList(value)).toEqual(list));

  test.each([
    [{}],
    ['x'],
    [[item, null]],
    [[{ ...item, status: 'gone' }]],
    [[{ ...item, id: 1 }]],
    [[{ id: 'c' }]],
  ])('%j is none', (value) => expect(typeof readList(value)).toBe('string'));
});

test.each([
  [null, []],
  [
    [1, 22],
    [1, 22],
  ],
  [['1'], 'it is no list of process ids'],
  [[1.5], 'it is no list of process ids'],
  [{}, 'it is no list of process ids'],
])('process ids %j', (value, pids) => expect(readPids(value)).toEqual(pids));

test.each([
  [
    { type: 'stats', id: 'c', data: { cpu: 1 } },
    { type: 'stats', id: 'c', data: { cpu: 1 } },
  ],
  [
    { type: 'oom', id: 'c', data: null },
    { type: 'oom', id: 'c' },
  ],
  [
    { type: 'oom', id: 'c', more: 1 },
    { type: 'oom', id: 'c' },
  ],
  [{ id: 'c' }, 'type is no text'],
  [{ type: 'oom', id: 5 }, 'id is no text'],
  [[], 'it is not an object'],
  [null, 'it is not an object'],
])('event %j', (value, event) => expect(readEvent(value)).toEqual(event));
