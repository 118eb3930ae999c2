import { describe, expect, test } from '@jest/globals';

import { discardedName, removeDiscarded } from '../../src/roots/upper-removal.js';
import { beginReset, finishReset, isKeepable, takeUpReset } from '../../src/roots/upper-reset.js';
import { isFailure, OPEN } from '../../src/system/system.js';
import {
  type Folder,
  Killed,
  type Made,
  type MemoryMachine,
  memoryMachine,
  opaque,
  symlink,
  whiteout,
  withAttributes,
} from './memory-machine.js';

const UPPER = {
  etc: opaque({ ssh: { key: 'k' }, passwd: 'p', deep: { a: { b: 'b' } } }),
  home: { me: { file: 'mine' } },
  usr: { lib: { a: 'a' } },
  motd: whiteout,
};
const RECORDS = { 'image.json': '{}', 'use.json': '{}' };
const OVERLAY: Folder = {
  upper: UPPER,
  work: { work: {}, index: {} },
  '.ociwrap': RECORDS,
  'lost+found': {},
};

function volumeOf(content: Made): { machine: MemoryMachine; top: () => number } {
  const machine = memoryMachine();
  machine.make('/v', content);
  const top = () => {
    const fd = machine.system.open('/v', OPEN.directory);
    if (isFailure(fd)) throw new Error(fd.errno);
    return fd;
  };
  return { machine, top };
}

const KEEP = ['home/me', 'etc/ssh', 'etc/ssh/key'];
/** What is left of the upper, with the records of it. */
const OVER_AGAIN = {
  upper: { etc: { ssh: { key: 'k' } }, home: { me: { file: 'mine' } } },
  work: {},
  '.ociwrap': { 'use.json': '{}' },
  'lost+found': {},
};

function reset({ machine, top }: ReturnType<typeof volumeOf>, keep: readonly string[]) {
  const { system } = machine;
  const volume = top();
  beginReset(system, volume, keep);
  finishReset(system, volume);
  const ours = system.open('/v/.ociwrap', OPEN.directory) as number;
  const removal = removeDiscarded(system, ours);
  for (const fd of [ours, volume]) system.close(fd);
  return removal;
}

describe('a reset', () => {
  test('leaves what is kept, where it is, and the folders that lead there', () => {
    const volume = volumeOf(OVERLAY);
    const { machine } = volume;
    const [etc, key] = ['/v/upper/etc', '/v/upper/etc/ssh/key'].map((path) => machine.at(path));
    expect(reset(volume, KEEP)).toEqual({ removed: 10, isComplete: true, failures: [] });
    expect(machine.tree('/v')).toEqual(OVER_AGAIN);
    expect([machine.at('/v/upper/etc'), machine.at('/v/upper/etc/ssh/key')]).toEqual([etc, key]);
    // It hides nothing of the image any longer.
    expect(etc?.attributes.size).toBe(0);
    expect(machine.openDescriptors).toBe(0);
  });

  test('keeps what is kept as a whole, whatever else is named below it', () => {
    const volume = volumeOf(OVERLAY);
    reset(volume, ['etc/ssh', 'etc', 'etc/passwd']);
    expect(volume.machine.tree('/v/upper')).toEqual({
      etc: { ssh: { key: 'k' }, passwd: 'p', deep: { a: { b: 'b' } } },
    });
    // Kept whole, it stays as it was.
    expect(volume.machine.at('/v/upper/etc')?.attributes.size).toBe(1);
  });

  test('follows nothing', () => {
    const volume = volumeOf({
      upper: { etc: symlink('/outside'), file: 'f' },
      work: {},
    });
    volume.machine.make('/outside', { ssh: 'mine' });
    reset(volume, ['etc/ssh', 'file/below']);
    expect(volume.machine.tree('/v/upper')).toEqual({});
    expect(volume.machine.tree('/outside')).toEqual({ ssh: 'mine' });
  });

  test('that is killed at any call is finished by the next start, or was not begun', () => {
    const whole = volumeOf(OVERLAY);
    reset(whole, KEEP);
    const { calls } = whole.machine;
    expect(calls).toBeGreaterThan(50);
    const seen = new Set<string>();
    for (let at = 1; at <= calls; at += 1) {
      const volume = volumeOf(OVERLAY);
      const { machine, top } = volume;
      const before = machine.tree('/v');
      const kept = machine.at('/v/upper/home/me/file');
      machine.killBefore = at;
      expect(() => reset(volume, KEEP)).toThrow(Killed);
      machine.restart();
      expect(machine.at('/v/upper/home/me/file')).toBe(kept);
      const start = top();
      const note = takeUpReset(machine.system, start);
      const { '.ociwrap': ours, ...rest } = machine.tree('/v') as Record<string, object>;
      const records = Object.keys(ours ?? {}).filter((name) => !/^old-|\.new$/.test(name));
      const { '.ociwrap': oursAfter, ...restAfter } = OVER_AGAIN as Record<string, object>;
      const { '.ociwrap': oursBefore, ...restBefore } = before as Record<string, object>;
      const isNew = records.length === Object.keys(oursAfter ?? {}).length;
      expect(rest).toEqual(isNew ? restAfter : restBefore);
      if (!isNew) expect(records).toEqual(Object.keys(oursBefore ?? {}));
      seen.add(`${isNew ? 'new' : 'old'} ${note === undefined ? 'as it was' : 'taken up'}`);
      // And another one comes to the end.
      machine.restart();
      reset(volume, KEEP);
      expect(machine.tree('/v')).toEqual(OVER_AGAIN);
    }
    expect([...seen].sort()).toEqual(['new as it was', 'new taken up', 'old as it was']);
  });

  test('a start removes no more than it has time for', () => {
    const many = Object.fromEntries(Array.from({ length: 10_500 }, (_, index) => [`f${index}`, 'x']));
    const { machine, top } = volumeOf({ upper: { many }, work: {} });
    const volume = top();
    beginReset(machine.system, volume, []);
    expect(takeUpReset(machine.system, volume)).toBe(
      'a reset that had not come to its end was finished; `ociwrap volume reset` removes what is left in .ociwrap',
    );
    expect(machine.tree('/v/upper')).toEqual({});
    expect(machine.at('/v/.ociwrap/old-1/1')?.children.size).toBe(500);
    expect(takeUpReset(machine.system, volume)).toBeUndefined();
  });

  test.each<[string, Made]>([
    ['another version', '{"version":2,"keep":[]}'],
    ['nothing to keep', '{"version":1}'],
    ['a way out', '{"version":1,"keep":["../x"]}'],
    ['no texts', '{"version":1,"keep":[1]}'],
    ['null', 'null'],
    ['no JSON', '{'],
  ])('does not act on a record with %s', (_, record) => {
    const { machine, top } = volumeOf({ ...OVERLAY, '.ociwrap': { 'reset.json': record } });
    const before = machine.tree('/v');
    expect(() => finishReset(machine.system, top())).toThrow(
      expect.objectContaining({ code: 'ERR_VOLUME_RECORD' }),
    );
    expect(machine.tree('/v')).toEqual(before);
  });
});

test.each<[unknown, boolean]>([
  ['home', true],
  ['etc/ssh', true],
  ['...', true],
  [Array.from({ length: 100 }, () => 'a').join('/'), true],
  [Array.from({ length: 101 }, () => 'a').join('/'), false],
  ['', false],
  ['/home', false],
  ['home/', false],
  ['a//b', false],
  ['a/../b', false],
  ['.', false],
  ['a\0', false],
  [1, false],
  [undefined, false],
])('%j can be kept: %s', (path, can) => {
  expect(isKeepable(path)).toBe(can);
});

describe('what is to be deleted', () => {
  const machineWith = (content: Made, name = discardedName(3)) => {
    const machine = memoryMachine();
    machine.make('/o', { [name]: content, other: {} });
    const ours = machine.system.open('/o', OPEN.directory) as number;
    return { machine, ours };
  };

  test('is removed however deep it is, with a handful of descriptors', () => {
    let deep: Folder = { end: 'x' };
    for (let level = 0; level < 1500; level += 1) deep = { d: deep, f: 'x', '7': {} };
    const { machine, ours } = machineWith(deep);
    expect(removeDiscarded(machine.system, ours)).toEqual({
      removed: 4501,
      isComplete: true,
      failures: [],
    });
    expect(machine.tree('/o')).toEqual({ other: {} });
    expect(machine.mostDescriptors).toBe(3);
  });

  test('stays where it cannot go, and all else goes', () => {
    const { machine, ours } = machineWith({ a: { b: { c: 'c' }, fixed: 'x' }, d: { e: 'e' } });
    machine.failures.set('unlink fixed', 'EPERM');
    const { failures, isComplete } = removeDiscarded(machine.system, ours);
    expect(isComplete).toBe(false);
    expect(failures).toEqual([{ errno: 'EPERM', syscall: 'unlink', name: 'old-3/a' }]);
    expect(machine.tree('/o/old-3')).toEqual({ a: { fixed: 'x' } });
    machine.failures.clear();
    expect(removeDiscarded(machine.system, ours)).toMatchObject({ isComplete: true, failures: [] });
    expect(machine.tree('/o')).toEqual({ other: {} });
  });

  test('may be a link that a container has put there, or a file', () => {
    const { machine, ours } = machineWith(symlink('/outside'));
    machine.make('/outside', { file: 'x' });
    machine.make('/o/old-4', 'x');
    machine.make('/o/old-x', {});
    machine.make('/o/old-5', { '99999999999999999999': { a: { b: {} } } });
    expect(removeDiscarded(machine.system, ours)).toMatchObject({ isComplete: true });
    expect(machine.tree('/o')).toEqual({ other: {}, 'old-x': {} });
    expect(machine.tree('/outside')).toEqual({ file: 'x' });
  });
});

test('attributes of other kinds on the way to what is kept stay', () => {
  const volume = volumeOf({
    upper: { etc: withAttributes({ ssh: 's', other: 'o' }, { 'security.selinux': 'label' }) },
    work: {},
  });
  reset(volume, ['etc/ssh']);
  expect([...(volume.machine.at('/v/upper/etc')?.attributes.keys() ?? [])]).toEqual(['security.selinux']);
});
