import { describe, expect, test } from '@jest/globals';

import type { CliError } from '../../src/cli-error.js';
import { type Seed, seedVolume } from '../../src/roots/seed-volume.js';
import { type Failure, isFailure, OPEN, type System } from '../../src/system/system.js';
import { bytesOf } from '../../src/system/text.js';
import { noTreeCalls, type TreeCalls, type TreeProgress } from '../../src/system/tree-calls.js';
import {
  type Entry,
  Killed,
  type Made,
  type MemoryMachine,
  memoryMachine,
  symlink,
} from './memory-machine.js';

const IMAGE = { name: 'app', fingerprint: 'f' };
const FILES = { etc: 'e', usr: 'u', var: 'v' };
const OURS = '.ociwrap';
const record = (state: string, bootId = 'boot', image: object = IMAGE) =>
  JSON.stringify({ version: 1, state, bootId, image });
const FILLED = `${record('filled')}\n`;

/** A machine whose trees are copied an entry at a time; it may be killed in between, as anywhere else. */
function machineWith(
  volume: Made,
  { fails }: { readonly fails?: (task: string, at: number) => Failure | undefined } = {},
) {
  const machine = memoryMachine();
  machine.make('/image', FILES);
  machine.make('/v', volume);
  let time = 0;
  const said: string[] = [];
  const system: System = {
    ...machine.system,
    ...trees(machine, fails),
    uptime: () => (time += 1),
    sleep: (milliseconds) => {
      machine.system.sleep(milliseconds);
      time += milliseconds;
    },
  };
  const folder = (path: string) => {
    const fd = machine.system.open(path, OPEN.directory);
    if (isFailure(fd)) throw new Error(fd.errno);
    return fd;
  };
  const start = (is: Partial<Seed> = {}, changed: Partial<System> = {}) => {
    const [image, top] = [folder('/image'), folder('/v')];
    const seed = {
      image,
      volume: top,
      imageIdentity: IMAGE,
      bootId: 'boot',
      tell: (line: string) => void said.push(line),
      ...is,
    };
    try {
      return seedVolume({ ...system, ...changed }, seed);
    } finally {
      if (machine.killBefore === 0) for (const fd of [image, top]) machine.system.close(fd);
    }
  };
  return { machine, system, start, said };
}

function trees(
  machine: MemoryMachine,
  fails: (task: string, at: number) => Failure | undefined = () => undefined,
): TreeCalls {
  let task = 'measure';
  let at = 0;
  const progress = (isDone: boolean): TreeProgress => ({
    isDone,
    entries: BigInt(at),
    bytes: BigInt(at) * 1000n,
    inodes: BigInt(at),
    found: 0n,
  });
  const image = () => machine.at('/image') as Entry;
  const volume = () => machine.at('/v') as Entry;
  return {
    beginTree: (next) => {
      task = next;
      at = 0;
      return undefined;
    },
    continueTree: () => {
      machine.system.isRunning(1); // a call like any other, before which the process can be killed
      const failure = fails(task, at);
      if (failure !== undefined) return failure;
      const from = [...image().children];
      const there = [...volume().children.keys()].filter((name) => name !== OURS && name !== 'lost+found');
      if (task === 'clear') {
        for (const name of there.slice(0, 1)) volume().children.delete(name);
        return progress(there.length <= 1);
      }
      const next = from[at];
      at += 1;
      if (task === 'copy' && next !== undefined) volume().children.set(...next);
      return progress(at >= from.length);
    },
    treeNotes: () => ({
      path: bytesOf('usr/bin/é'),
      untaken: task === 'copy' ? [{ name: 'user.a', path: bytesOf('usr') }] : [],
    }),
    endTree: () => undefined,
  };
}

function refusal(act: () => unknown): CliError {
  try {
    act();
  } catch (error) {
    return error as CliError;
  }
  throw new Error('nothing was refused');
}

describe('a volume', () => {
  test('that is empty is filled, and recorded last', () => {
    const { machine, start, said } = machineWith({ 'lost+found': {} });
    expect(start()).toBe('fill');
    expect(machine.tree('/v')).toEqual({ ...FILES, 'lost+found': {}, [OURS]: { 'seed.json': FILLED } });
    expect(machine.at(`/v/${OURS}`)?.mode).toBe(0o700);
    expect(said).toEqual([
      'the volume is filled from the image: 3 files, 2.9 KiB',
      `the volume's file system does not take the attribute "user.a", which is left out: "/usr" has it`,
      expect.stringMatching(/^the volume is filled: 3 files, 2\.9 KiB in \d\.\d s, .* a second$/),
    ]);
    expect(machine.openDescriptors).toBe(0);
    expect(start()).toBe('use');
  });

  test.each([
    ['somebody has filled', { home: 'mine' }],
    ['was filled', { home: 'mine', [OURS]: { 'seed.json': FILLED } }],
  ])('that %s is left as it is', (_, content) => {
    const { machine, start, said } = machineWith(content);
    expect(start()).toBe('use');
    expect(machine.tree('/v')).toEqual(content);
    expect(said).toEqual([]);
    expect(machine.openDescriptors).toBe(0);
  });

  test.each([
    ['of this boot goes on', record('filling'), 'go-on', ['mine']],
    ['of an earlier boot begins anew', record('filling', 'before'), 'begin-anew', []],
    [
      'of another image begins anew',
      record('filling', 'boot', { ...IMAGE, fingerprint: 'g' }),
      'begin-anew',
      [],
    ],
  ])('whose filling %s', (_, json, decision, left) => {
    const { machine, start } = machineWith({ mine: 'm', [OURS]: { 'seed.json': json } });
    expect(start()).toBe(decision);
    const { [OURS]: ours, ...files } = machine.tree('/v') as Record<string, unknown>;
    expect(files).toEqual({ ...FILES, ...Object.fromEntries(left.map((name) => [name, 'm'])) });
    expect(ours).toEqual({ 'seed.json': FILLED });
  });

  // Every call of a start, before which it is killed, is one of its own; after a fall of the machine, the boot is another one.
  test.each(['boot', 'the next boot'])(
    'is filled by the start after one that was killed anywhere: %s',
    (bootId) => {
      for (const content of [{}, { mine: 'm', [OURS]: { 'seed.json': record('filling', 'before') } }]) {
        let isOver = false;
        for (let call = 1; !isOver; call += 1) {
          const { machine, start } = machineWith(content);
          machine.restart();
          machine.killBefore = call;
          try {
            start();
            isOver = true;
          } catch (error) {
            expect(error).toBeInstanceOf(Killed);
          }
          machine.restart();
          start({ bootId });
          const { [OURS]: ours, ...files } = machine.tree('/v') as Record<string, unknown>;
          const { 'seed.json': json } = ours as Record<string, string>;
          expect({ call, files }).toEqual({ call, files: FILES });
          // Of one that was killed at its very end the lock stays: nobody asks for it any more.
          expect(Object.keys(ours as object).filter((name) => name !== 'seed.lock')).toEqual(['seed.json']);
          expect(JSON.parse(json ?? '')).toMatchObject({ state: 'filled' });
          expect(machine.openDescriptors).toBe(0);
        }
      }
    },
  );
});

describe('a start', () => {
  test('waits for another that fills the volume, and finds it filled', () => {
    const { machine, system, start, said } = machineWith({});
    let tries = 0;
    const tryLock = (fd: number) => {
      tries += 1;
      if (tries < 250) return false;
      if (tries === 250) machine.make('/v/usr', 'u');
      if (tries === 250) machine.make(`/v/${OURS}`, { 'seed.json': FILLED });
      return system.tryLock(fd);
    };
    expect(start({}, { tryLock })).toBe('use');
    expect(said).toEqual(
      [0, 10, 20].map((seconds) => `another start fills the volume: waiting for it since ${seconds} s`),
    );
    expect(machine.openDescriptors).toBe(0);
  });

  test('says every ten seconds how far it is', () => {
    const { start, said } = machineWith({});
    let time = 0;
    expect(start({}, { uptime: () => (time += 4000) })).toBe('fill');
    expect(said.filter((line) => line.startsWith('the volume is being filled'))).toEqual([
      'the volume is being filled: 3 files, 2.9 KiB of 3 files, 2.9 KiB',
    ]);
  });
});

describe('a refusal', () => {
  test.each([
    ['is no JSON', '{', 'ERR_VOLUME_RECORD'],
    ['is another JSON', '{"version":1}', 'ERR_VOLUME_RECORD'],
    ['is a link', symlink('/etc/passwd'), 'ERR_VOLUME_RECORD'],
    ['is a folder', {}, 'ERR_VOLUME_RECORD'],
    ['is longer than any of ours', ' '.repeat(70_000), 'ERR_VOLUME_RECORD'],
  ])('for a record that %s', (_, json, code) => {
    const { machine, start } = machineWith({ [OURS]: { 'seed.json': json } });
    expect(refusal(() => start())).toMatchObject({ code });
    expect(machine.openDescriptors).toBe(0);
  });

  test.each([
    ['a link', symlink('/dev/watchdog')],
    ['a folder', {}],
  ])('for %s in place of the lock', (_, lock) => {
    const { machine, start } = machineWith({ [OURS]: { 'seed.lock': lock } });
    expect(refusal(() => start())).toMatchObject({ code: expect.stringMatching(/ERR_VOLUME_(RECORD|FILL)/) });
    expect(machine.openDescriptors).toBe(0);
  });

  test('for a volume that is too small says how much is needed, and leaves it as it is', () => {
    const { machine, start } = machineWith({});
    const small = { ...machine.system.statfs('/v'), freeBlocks: 0n } as ReturnType<System['statfs']>;
    const { code, message, details } = refusal(() => start({}, { statfs: () => small }));
    expect({ code, message, details }).toEqual({
      code: 'ERR_VOLUME_FULL',
      message: 'the image does not fit on the volume: the image has 2.9 KiB, and 0 bytes are free',
      details: { bytes: '3000', inodes: '3' },
    });
    expect(machine.at(`/v/${OURS}/seed.json`)).toBeUndefined();
  });

  test.each([
    [
      'ENOSPC',
      'write',
      'ERR_VOLUME_FULL',
      'the volume is full at "/usr/bin/é", with 1.0 MiB and 50 inodes free',
    ],
    [
      'EDQUOT',
      'mkdirat',
      'ERR_VOLUME_FULL',
      'the volume is full at "/usr/bin/é", with 1.0 MiB and 50 inodes free',
    ],
    [
      'ENOSPC',
      'fsetxattr',
      'ERR_VOLUME_FILL',
      'the volume cannot be filled: fsetxattr failed with ENOSPC at "/usr/bin/é", attribute "user.a"',
    ],
    ['EIO', 'read', 'ERR_VOLUME_FILL', 'the volume cannot be filled: read failed with EIO at "/usr/bin/é"'],
  ])('for %s of %s, after which the next start goes on', (errno, syscall, code, message) => {
    let isBroken = true;
    const fails = (task: string, at: number) =>
      isBroken && task === 'copy' && at === 2 ? { errno, syscall } : undefined;
    const { machine, start } = machineWith({}, { fails });
    expect(refusal(() => start())).toMatchObject({ code, message });
    expect(machine.openDescriptors).toBe(0);
    isBroken = false;
    expect(start()).toBe('go-on');
    expect(machine.tree('/v')).toMatchObject({ ...FILES, [OURS]: { 'seed.json': FILLED } });
  });

  test('for what does not reach the disk, after which the next start begins anew', () => {
    const { start } = machineWith({});
    const syncfs = () => ({ errno: 'EIO', syscall: 'syncfs' });
    expect(refusal(() => start({}, { syncfs }))).toMatchObject({
      code: 'ERR_VOLUME_FILL',
      details: { errno: 'EIO' },
    });
    expect(start()).toBe('begin-anew');
  });

  test('where there is no means', () => {
    const { start } = machineWith({});
    expect(refusal(() => start({}, noTreeCalls()))).toMatchObject({
      code: 'ERR_VOLUME_FILL',
      details: { errno: 'ENOSYS' },
    });
  });

  test('for a system call that fails outside the copy', () => {
    const { machine, start } = machineWith({});
    machine.failures.set('mkdir .ociwrap', 'EROFS');
    expect(refusal(() => start())).toMatchObject({
      code: 'ERR_VOLUME_FILL',
      message: 'the volume cannot be filled: mkdir failed with EROFS at ".ociwrap"',
    });
    expect(machine.openDescriptors).toBe(0);
  });
});
