import { beforeAll, expect, test } from '@jest/globals';

import { type CallResult, call } from '../../packages/cli/test/recorded-call.js';
import { describeWith } from './programs.js';
import { OwnBundle, type SideBySide, sideBySide } from './side-by-side.js';
import { duringCall, duringEngine } from './traced-call.js';

const names: Readonly<Record<number, string>> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  3: 'SIGQUIT',
  6: 'SIGABRT',
  10: 'SIGUSR1',
  11: 'SIGSEGV',
  12: 'SIGUSR2',
  13: 'SIGPIPE',
  14: 'SIGALRM',
  15: 'SIGTERM',
  17: 'SIGCHLD',
  18: 'SIGCONT',
  20: 'SIGTSTP',
  21: 'SIGTTIN',
  22: 'SIGTTOU',
  23: 'SIGURG',
  24: 'SIGXCPU',
  25: 'SIGXFSZ',
  27: 'SIGPROF',
  28: 'SIGWINCH',
  29: 'SIGIO',
  32: 'SIGRT_0',
  33: 'SIGRT_1',
  34: 'SIGRT_2',
  40: 'SIGRT_8',
  64: 'SIGRT_32',
};
const ways = ['default', 'ignore', 'block'] as const;

// The runtime called directly gets the signal just before its first instruction, the wrapper as the engine starts.
describeWith(
  ['busybox', 'strace'],
  'a signal that arrives while the engine works acts as on the bare runtime',
  () => {
    let place: SideBySide;
    let count = 0;
    beforeAll(() => {
      place = sideBySide();
    });

    // Some stop by default, and strace cannot end by the signals that libc keeps for itself.
    const shows = (way: string, number: number) =>
      way !== 'default' || ![20, 21, 22, 32, 33].includes(number);
    const cases = Object.entries(names).flatMap(([number, name]) =>
      ways.filter((way) => shows(way, Number(number))).map((way) => [name, way, Number(number)] as const),
    );
    function sendDuring(under: readonly string[], state: readonly string[], number: number): void {
      count += 1;
      const bundle = new OwnBundle(place, Buffer.from(`signal-${count}`), true, 0);
      const argv = ['runc.real', 'create', '--bundle', bundle.dir, 'c1'];
      const instructions = ['limit=4:0', ...state];
      const bare = call(place, place.runtime, { argv, instructions: [...instructions, `raise=${number}`] });
      const wrapped = call(place, place.wrapped, { argv, instructions }, under);
      expect(outcomeOf(wrapped)).toEqual(outcomeOf(bare));
      expect(bundle.isRewritten || wrapped.record === undefined).toBe(true);
    }

    test.each(cases)('%s, %s', (_name, way, number) => {
      sendDuring(duringEngine(number), way === 'default' ? [] : [`${way}=${number}`], number);
    });

    // While the bundle runs, which has the one disposition that is another then. The file is flushed by it.
    test.each([
      [[]],
      [['ignore=11']],
      [['block=11']],
      [['ignore=11', 'block=11']],
      [['block=11', 'raise=11']],
    ])('SIGSEGV, in the midst of it, %s', (state) => {
      sendDuring(duringCall('fsync', 11), state, 11);
    });
  },
);

function outcomeOf({ status, signal, stdout, stderr, record }: CallResult) {
  const { signalMask, pendingSignals, ignoredSignals } = record ?? {};
  return { status, signal, stdout, stderr, signalMask, pendingSignals, ignoredSignals };
}
