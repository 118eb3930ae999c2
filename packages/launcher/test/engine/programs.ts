// What engine.test.ts runs inside the engine: a bundle as the launcher has one, whose programs each end in another way.

import { engineSystem } from '../../../cli/src/system/engine-system.js';
import { OPEN } from '../../../cli/src/system/system.js';
import { realmAnswers } from './realm-answers.js';
import { scanAnswers, textAnswers } from './scan-answers.js';
import { systemAnswers } from './system-answers.js';

const system = engineSystem();
const decoder = new TextDecoder();

/** A NUL behind it tells it from what the program around the engine prints. */
function print(text: string): void {
  const bytes = new TextEncoder().encode(`${text}\0`);
  for (let at = 0; at < bytes.length; ) {
    const written = system.write(1, bytes.subarray(at));
    if (typeof written !== 'number') throw new Error(written.errno);
    at += written;
  }
}

/** The words behind the name of the program. */
const words = () =>
  system
    .argv()
    .slice(2)
    .map((word) => decoder.decode(word));

/** JavaScript's ways to call itself without an end. */
const RECURSIONS: Readonly<Record<string, () => unknown>> = {
  function: function again(): unknown {
    return [again()];
  },
  method: () => {
    const object = { call: (): unknown => object.call() };
    return object.call();
  },
  getter: () => {
    const object = {
      get member(): unknown {
        return object.member;
      },
    };
    return object.member;
  },
  text: () => {
    const object = { toString: (): string => `${object}` };
    return String(object);
  },
  json: () => {
    const object = { toJSON: (): unknown => JSON.stringify(object) };
    return JSON.stringify(object);
  },
  proxy: () => {
    const proxy: object = new Proxy({}, { get: (_, name) => Reflect.get(proxy, name) });
    return Reflect.get(proxy, 'x');
  },
  'chain of proxies': () => {
    let proxy = {};
    for (let i = 0; i < 100_000; i += 1) proxy = new Proxy(proxy, {});
    return Reflect.get(proxy, 'x');
  },
  sort: function again(): unknown {
    return [2, 1].sort(() => Number(again()));
  },
  replace: function again(): unknown {
    return 'aa'.replace(/a/g, () => String(again()));
  },
  map: function again(): unknown {
    return [1].map(() => again());
  },
  flat: () => {
    let list: unknown[] = [];
    for (let i = 0; i < 200_000; i += 1) list = [list];
    return list.flat(Number.POSITIVE_INFINITY);
  },
  spread: function again(): unknown {
    return Math.max(...[Number(again())]);
  },
  generator: () => {
    function* again(): Generator<unknown> {
      yield* again();
    }
    return [...again()];
  },
  construct: () => {
    class Again {
      readonly inner = new Again();
    }
    return new Again();
  },
  bind: () => {
    let bound: () => unknown = () => 1;
    for (let i = 0; i < 500; i += 1) bound = bound.bind(undefined);
    return bound();
  },
  apply: function again(): unknown {
    return Reflect.apply(again, undefined, []);
  },
  parse: () => JSON.parse('['.repeat(100_000) + ']'.repeat(100_000)),
  'parse objects': () => JSON.parse(`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`),
  revive: () => {
    const again = (): unknown => JSON.parse('[1]', again);
    return again();
  },
  stringify: () => {
    let list: unknown[] = [];
    for (let i = 0; i < 4000; i += 1) list = [list];
    return JSON.stringify(list);
  },
  'regular expression': () => new RegExp('('.repeat(100_000) + ')'.repeat(100_000)),
  'source text': () => compiled('['.repeat(100_000) + ']'.repeat(100_000)),
  'source of functions': () => compiled(`${'()=>'.repeat(100_000)}1`),
  unary: () => compiled(`${'!'.repeat(100_000)}1`),
};

/** Has the engine compile a text. */
function compiled(source: string): unknown {
  return new Function(`return ${source}`)();
}

/** Each gives what it is expected to give; a trap instead ends all of them. */
function recursionAnswers(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(RECURSIONS).map(([name, recurse]) => {
      try {
        recurse();
        return [name, 'ended'];
      } catch (error) {
        return [name, error instanceof Error ? 'caught' : 'odd'];
      }
    }),
  );
}

/** Each of them ends in another way; what it gives is the exit status. */
const PROGRAMS: Readonly<Record<string, () => unknown>> = {
  empty: () => 7,
  asynchronous: async () => {
    await undefined;
    return 11;
  },
  'rejected and handled': async () => {
    const rejected = Promise.reject(new Error('unseen'));
    await undefined;
    await rejected.catch(() => undefined);
    return 12;
  },
  'rejected and unseen': () => {
    Promise.reject(new Error('nobody looked'));
    return 0;
  },
  throws: () => {
    throw new TypeError('a message');
  },
  'throws what is no error': () => {
    throw { toString: () => 'its own text' };
  },
  'throws what cannot be told': () => {
    throw Object.create(null);
  },
  rejects: async () => {
    throw new RangeError('later');
  },
  waits: () => new Promise(() => undefined),
  'no status': () => 'zero',
  'uses all memory': () => {
    const taken: Uint8Array[] = [];
    for (;;) taken.push(new Uint8Array(1 << 20).fill(1));
  },
  recursion: () => {
    print(JSON.stringify(recursionAnswers()));
    return 0;
  },
  modules: async () => {
    print(JSON.stringify(await realmAnswers(system.modules)));
    return 0;
  },
  system: () => {
    print(JSON.stringify(systemAnswers(system, words()[0] ?? '')));
    return 0;
  },
  scans: () => {
    print(scanAnswers(system.scans, Number(words()[0])));
    return 0;
  },
  text: () => {
    print(textAnswers(Number(words()[0])));
    return 0;
  },
  process: () => {
    const { path, dev, ino } = system.exe();
    print(
      JSON.stringify({
        argv: words(),
        environ: system.environ().map((entry) => decoder.decode(entry)),
        execFn: decoder.decode(system.execFn()),
        exe: [decoder.decode(path), `${dev}`, `${ino}`],
        cwd: decoder.decode(system.cwd() ?? new Uint8Array(0)),
        pid: system.getpid(),
        euid: system.geteuid(),
        now: system.now(),
        date: Date.now(),
        uptime: system.uptime(),
      }),
    );
    return 0;
  },
  sleep: () => {
    const before = system.uptime();
    system.sleep(30);
    return system.uptime() - before >= 30 ? 0 : 1;
  },
  // Under a limit on the size of files; what it becomes tells of the limit and of the signals.
  'writes beyond a limit': () => {
    const [path = '', size] = words();
    const fd = system.open(path, OPEN.write + OPEN.create + OPEN.truncate);
    if (typeof fd !== 'number') return 1;
    const bytes = new Uint8Array(Number(size)).fill(0x61);
    // The kernel takes what still fits, and refuses the next write.
    for (let at = 0; at < bytes.length; ) {
      const written = system.write(fd, bytes.subarray(at));
      if (typeof written !== 'number') print(JSON.stringify(written));
      at += typeof written === 'number' ? written : bytes.length;
    }
    const argv = ['cat', '/proc/self/limits', '/proc/self/status'].map((word) =>
      new TextEncoder().encode(word),
    );
    system.execve('/bin/cat', argv, []);
    return 1;
  },
  // And becomes one that tells what it left: signals, and children that nobody has waited for.
  'runs a program': () => {
    const [milliseconds, path = '', ...argv] = words();
    const bytes = (text: string) => new TextEncoder().encode(text);
    const answer = system.runProgram(path, argv.map(bytes), [bytes('ONLY=this')], Number(milliseconds));
    print(JSON.stringify('errno' in answer ? answer : { ...answer, output: decoder.decode(answer.output) }));
    const told = ['cat', '/proc/self/status', '/proc/thread-self/children'];
    system.execve('/bin/cat', told.map(bytes), []);
    return 1;
  },
  // Which it tells before and after, so that the signals can be sent in between.
  'awaits signals': () => {
    const [milliseconds, most] = words().map(Number);
    print(`blocked ${JSON.stringify(system.awaitSignal(0) ?? 'none')}`);
    for (let count = 0; count < (most ?? 0); count += 1)
      print(`${system.awaitSignal(milliseconds ?? 0) ?? 'none'}`);
    return 0;
  },
  'changes its root': () => {
    const names = (path: string) => {
      const list = system.readdir(path);
      return 'errno' in list ? list.errno : list.map((name) => decoder.decode(name)).sort();
    };
    const [root = ''] = words();
    const failures = [`${root}/none`, `${root}/file`].map((path) => system.chroot(path));
    const done = system.chroot(root) ?? 'done';
    print(
      JSON.stringify({
        failures,
        done,
        cwd: decoder.decode(system.cwd()),
        here: names('.'),
        above: names('/..'),
      }),
    );
    return 0;
  },
  'becomes another': () => {
    const [path = '', ...argv] = words();
    const bytes = argv.map((word) => new TextEncoder().encode(word));
    // A write to a pipe that nobody reads, before it: the signal must not be left for the other program.
    system.write(Number(argv.at(-1)), new Uint8Array(1));
    const { errno } = system.execve(path, bytes, [new TextEncoder().encode('ONLY=this')]);
    print(errno);
    return 1;
  },
};

Object.assign(globalThis, { main: (name: string) => PROGRAMS[name]?.() });
