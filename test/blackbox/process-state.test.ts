import { beforeAll, expect, test } from '@jest/globals';

import {
  type CallResult,
  call,
  comparable,
  type RuntimeRecord,
} from '../../packages/cli/test/recorded-call.js';
import { type ProcessStateCase, processStates } from './process-states.js';
import { describeWith } from './programs.js';
import { OwnBundle, type SideBySide, sideBySide } from './side-by-side.js';

/** The ways through the wrapper: past the engine because of the verb, past it because of the file, and through it. */
const ways = ['kill', 'untriggered create', 'triggered create'] as const;

describeWith(['busybox'], 'the runtime finds the same process state behind the wrapper', () => {
  let place: SideBySide;
  let count = 0;
  beforeAll(() => {
    place = sideBySide();
  });

  const bothCalls = (state: ProcessStateCase, way: (typeof ways)[number]) => {
    const user = Number(state.instructions?.find((text) => text.startsWith('user='))?.slice(5) ?? 0);
    count += 1;
    const name = Buffer.concat([Buffer.from(`${count}-`), state.bundle ?? Buffer.from('bundle')]);
    const bundle = new OwnBundle(place, name, way === 'triggered create', user);
    const verb = way === 'kill' ? ['kill', 'c1', '9'] : ['create', '--preserve-fds', '2'];
    const named = way === 'kill' || state.inBundle ? [] : ['--bundle', bundle.dir];
    const argv = [
      'runc.real',
      '--root',
      state.root ?? '/run/x',
      ...verb,
      ...named,
      ...(way === 'kill' ? [] : ['c1']),
    ];
    const cwd = state.inBundle ? [`cwdhex=${bundle.dir.toString('hex')}`] : [];
    const whole = { argv, env: state.env ?? [], instructions: [...cwd, ...(state.instructions ?? [])] };
    const bare = call(place, place.runtime, whole);
    const wrapped = call(place, place.wrapped, whole);
    return { bare, wrapped, bundle };
  };

  test.each(processStates().flatMap((state) => ways.map((way) => [state.title, way, state] as const)))(
    '%s, %s',
    (_title, way, state) => {
      const { bare, wrapped, bundle } = bothCalls(state, way);
      expect(bare).toMatchObject({ status: 0, signal: null, stdout: '', stderr: '' });
      expect(wrapped).toMatchObject({ status: 0, signal: null, stdout: '', stderr: '' });
      expect(bare.record).toBeDefined();
      const found = { ...comparable(bare), env: environmentBehind(bare) };
      // Who is not root can mount nothing.
      const isRoot = !state.instructions?.some((text) => text.startsWith('user='));
      const isMounted = way === 'triggered create' && isRoot;
      expect(comparable(wrapped)).toEqual(isMounted ? inItsNamespace(found, wrapped) : found);
      expect(wrapped.record?.pid).toBe(wrapped.pid);
      expect(bundle.isRewritten).toBe(way === 'triggered create');
    },
  );
});

const NAMESPACE = '/proc/self/ns/mnt';

/** The same in another mount namespace, whichever: that of the call, in which the root is mounted. */
function inItsNamespace<T extends object>(found: T, wrapped: CallResult): T {
  const { links } = found as Pick<RuntimeRecord, 'links'>;
  const own = wrapped.record?.links[NAMESPACE];
  expect(own).toMatch(/^mnt:\[\d+\]$/);
  expect(own).not.toBe(links[NAMESPACE]);
  return { ...found, links: { ...links, [NAMESPACE]: own } };
}

/** The one addition. */
function environmentBehind(bare: CallResult): readonly string[] {
  const env = bare.record?.env ?? [];
  const depth = env.find((entry) => entry.startsWith('OCIWRAP_DEPTH=')) === undefined ? 1 : 2;
  return [...env.filter((entry) => !entry.startsWith('OCIWRAP_DEPTH=')), `OCIWRAP_DEPTH=${depth}`];
}
