import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { beforeAll, describe, expect, test } from '@jest/globals';

import { describeWith, program, wrapper } from './programs.js';
import {
  type FindingRuntime,
  type Found,
  findingRuntime,
  IMAGE_ROOT,
  leftOf,
  type Mounted,
  ROOT_FOLDER,
  type RootedBundle,
  rootedBundle,
} from './rooted-bundle.js';
import { type Ended, runProgram } from './run-program.js';
import { scratchFolder } from './scratch.js';

/** A system call of a start: strace(1) finds it again by its name and by how many of that name come before it. */
interface TracedCall {
  readonly name: string;
  readonly when: number;
}

/** Which puts the umask back: the root is put together. */
const ROOT_IS_READY: TracedCall = { name: 'umask', when: 2 };
/** The wrapper becomes the runtime. */
const HANDED_OVER: TracedCall = { name: 'execve', when: 1 };

/** A start that something happens to. */
class Scene {
  readonly strategy: Mounted;
  readonly rooted: RootedBundle;
  readonly #runtime: FindingRuntime;
  readonly #env: Readonly<Record<string, string>>;
  readonly #trace = join(scratchFolder('trace'), 'calls');

  constructor(strategy: Mounted) {
    this.strategy = strategy;
    this.rooted = rootedBundle(strategy);
    this.#runtime = findingRuntime(this.rooted.bundle);
    this.#env = { SGS_RUNC_PATH: this.#runtime.path, OCIWRAP_LOG_FILE: '/dev/null' };
  }

  start(options?: readonly string[]): Ended & { readonly found: Found | undefined } {
    const call = [wrapper, 'create', '--bundle', this.rooted.bundle, 'x'];
    const traced = options === undefined ? [] : [program('strace'), '-qq', ...options];
    const [file = '', ...args] = [...traced, ...call];
    return { ...runProgram(file, args, { env: this.#env }), found: this.#runtime.found() };
  }

  /** The runtime by itself, in the state that the wrapper is started in. */
  bare(): Found | undefined {
    runProgram(this.#runtime.path, [], { env: this.#env });
    return this.#runtime.found();
  }

  /**
   * The calls of a first start, from the one before the first that changes anything: the wrapper's own `umask`.
   *
   * @param last - the last of them
   */
  calls(last: TracedCall): readonly TracedCall[] {
    this.rooted.anew();
    expect(this.start(['-o', this.#trace])).toMatchObject({ status: 0, stderr: '' });
    const counts = new Map<string, number>();
    const calls = readFileSync(this.#trace, 'utf8')
      .split('\n')
      .slice(1) // the one that starts the wrapper is not its own
      .flatMap((line) => /^(\w+)\(/.exec(line)?.[1] ?? [])
      .map((name): TracedCall => {
        const when = (counts.get(name) ?? 0) + 1;
        counts.set(name, when);
        return { name, when };
      });
    const isFirst = ({ name }: TracedCall) => name === 'umask';
    const isLast = ({ name, when }: TracedCall) => name === last.name && when === last.when;
    return calls.slice(calls.findIndex(isFirst), calls.findIndex(isLast) + 1);
  }

  /** What is wrong with what a start has left, whatever became of it. */
  faults(): readonly string[] {
    const { bundle, volume, text } = this.rooted;
    const config = readFileSync(join(bundle, 'config.json'), 'utf8');
    const isWhole = config === text || [ROOT_FOLDER, volume.path].includes(JSON.parse(config).root.path);
    return [
      ...(isWhole ? [] : [`config.json is neither the old nor a new one: ${config}`]),
      ...leftOf(this.rooted),
      ...(this.strategy === 'overlay' ? upperFaults(volume.disk) : []),
    ];
  }

  /** What is on the volume that no start but one that was killed leaves there. */
  litter(): readonly string[] {
    const { bundle, volume } = this.rooted;
    const ours = join(volume.disk, '.ociwrap');
    return [
      ...readdirSync(bundle).filter((name) => !['config.json', 'rootfs'].includes(name)),
      ...(existsSync(ours) ? readdirSync(ours) : []).filter((name) => !RECORDS.includes(name)),
    ];
  }
}

const RECORDS = ['image.json', 'use.json'];

function upperFaults(disk: string): readonly string[] {
  const [upper, ours] = [join(disk, 'upper'), join(disk, '.ociwrap')];
  const others = readdirSync(disk).filter((name) => !['.ociwrap', 'upper', 'work'].includes(name));
  const records = existsSync(ours) ? readdirSync(ours).filter((name) => RECORDS.includes(name)) : [];
  return [
    ...others.map((name) => `"${name}" on the volume`),
    ...(existsSync(upper) && !isLikeImage(upper) ? ['the upper is not as the root of the image is'] : []),
    ...records.filter((name) => !isRecord(join(ours, name))).map((name) => `${name} is no record`),
  ];
}

function isLikeImage(upper: string): boolean {
  const { mode, uid, gid } = statSync(upper);
  return (mode & 0o7777) === IMAGE_ROOT.mode && uid === IMAGE_ROOT.uid && gid === IMAGE_ROOT.gid;
}

function isRecord(file: string): boolean {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).version === 1;
  } catch {
    return false;
  }
}

/** What a runtime finds after a whole start. */
const WHOLE: Readonly<Record<Mounted, Partial<Found>>> = {
  replace: { root: ROOT_FOLDER, origin: 'volume' },
  overlay: { root: ROOT_FOLDER, origin: 'image', mode: '757', owner: '7:8' },
};

const ERRORS = ['EPERM', 'ENOSYS', 'ENOMEM', 'EIO', 'EINVAL'];

/** All of them, as docs/reliability.md counts them, take minutes: a run kills at each third call, and each fails with one error in turn. */
const ALL_INTERRUPTIONS = process.env['OCIWRAP_ALL_INTERRUPTIONS'] !== undefined;
const STEP = ALL_INTERRUPTIONS ? 1 : 3;

/** These have no way to fail, or their failure is no answer of theirs. */
const CANNOT_FAIL = ['umask', 'getpid', 'clock_gettime', 'close'];

/** What a start may be refused with that the kernel keeps from its root. */
const CODES = [
  'ERR_ROOT_MOUNT',
  'ERR_ROOT_NAMESPACE',
  'ERR_VOLUME_NO_UPPER',
  'ERR_VOLUME_RECORD',
  'ERR_HOST_CHANGED',
];

describeWith(['busybox', 'strace'], 'a start on a volume, interrupted', () => {
  describe.each<Mounted>(['replace', 'overlay'])('%s', (strategy) => {
    let scene: Scene;
    beforeAll(() => {
      scene = new Scene(strategy);
      scene.start(); // writes the table of the fast path, which later ones read
    });

    test('the runtime finds its root, and of the wrapper nothing else', () => {
      scene.rooted.anew();
      const { status, stderr, found } = scene.start();
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      scene.rooted.writeConfig();
      const { umask, descriptors } = scene.bare() ?? {};
      expect(descriptors).toContain('2=');
      expect(found).toMatchObject({ ...WHOLE[strategy], umask, descriptors });
      expect([...scene.faults(), ...scene.litter()]).toEqual([]);
    });

    test('killed at system calls: nothing is torn, nothing is left, the next start works', () => {
      const calls = scene.calls(HANDED_OVER);
      const faults: string[] = [];
      for (const { name, when } of calls.filter((_, index) => index % STEP === 0)) {
        const told = (what: string) => faults.push(`${name} ${when}: ${what}`);
        scene.rooted.anew();
        const killed = scene.start(['-o', '/dev/null', `--inject=${name}:signal=KILL:when=${when}`]);
        if (killed.signal !== 'SIGKILL' || killed.found !== undefined) told('was not killed');
        scene.faults().forEach(told);
        // The same container again, and then another one.
        for (const prepare of [() => undefined, scene.rooted.writeConfig]) {
          prepare();
          const next = scene.start();
          if (next.status !== 0) told(`then ${next.stderr}`);
          else expect(next.found).toMatchObject(WHOLE[strategy]);
        }
        [...scene.faults(), ...scene.litter()].map((what) => `then ${what}`).forEach(told);
      }
      expect(faults).toEqual([]);
      expect(calls.length).toBeGreaterThan(40);
    }, 600_000);

    test('a call of the kernel that fails: refused with a code, or started on the same volume', () => {
      const calls = scene.calls(ROOT_IS_READY).filter(({ name }) => !CANNOT_FAIL.includes(name));
      const faults: string[] = [];
      const roots = new Set<string>();
      const failing = calls.flatMap((call, index) =>
        ERRORS.filter((_, place) => ALL_INTERRUPTIONS || place === index % ERRORS.length).map((error) => ({
          ...call,
          error,
        })),
      );
      for (const { name, when, error } of failing) {
        const told = (what: string) => faults.push(`${name} ${when}, ${error}: ${what}`);
        scene.rooted.anew();
        const inject = `--inject=${name}:error=${error}:when=${when}`;
        const { status, stderr, found } = scene.start(['-o', '/dev/null', inject]);
        if (status === 0 && found !== undefined) roots.add(found.root);
        const code = /\[(ERR_\w+)\]/.exec(stderr)?.[1] ?? 'none';
        if (status !== 0 && !CODES.includes(code)) told(stderr);
        if (status !== 0 && found !== undefined) told('the runtime was started');
        if (status === 0 && !isSameRoot(scene, found)) told(`started on ${JSON.stringify(found)}`);
        scene.faults().forEach(told);
      }
      expect(faults).toEqual([]);
      const byPath = strategy === 'replace' ? [scene.rooted.volume.path] : [];
      expect([...roots].sort()).toEqual([ROOT_FOLDER, ...byPath].sort());
    }, 600_000);
  });
});

function isSameRoot({ strategy, rooted }: Scene, found: Found | undefined): boolean {
  if (found === undefined) return false;
  if (strategy === 'overlay') return found.root === ROOT_FOLDER && found.origin === 'image';
  const { dev, ino } = statSync(rooted.volume.disk);
  return (
    [ROOT_FOLDER, rooted.volume.path].includes(found.root) &&
    found.origin === 'volume' &&
    found.inode === `${dev}:${ino}`
  );
}
