import { describe, expect, test } from '@jest/globals';

import { planHook } from '../../src/hooks/planned-hook.js';

describe('what is started for a hook', () => {
  test.each([
    [{ path: '/bin/x' }, { path: '/bin/x', argv: ['/bin/x'], env: {}, timeoutMs: undefined }],
    [
      { path: '/bin/x', args: null, env: null, timeout: null },
      { path: '/bin/x', argv: ['/bin/x'], env: {}, timeoutMs: undefined },
    ],
    [{ path: '/bin/x', args: [] }, { argv: ['/bin/x'] }],
    [{ path: '/bin/x', args: ['other', '', 'b'] }, { argv: ['other', '', 'b'] }],
    [{ path: '/bin/x', args: [''] }, { argv: [''] }],
    [{ path: '/bin/x', env: ['A=1', 'B=', 'C=x=y', 'A=2'] }, { env: { A: '2', B: '', C: 'x=y' } }],
    [{ path: '/bin/x', timeout: 3 }, { timeoutMs: 3000 }],
  ])('%j', (hook, plan) => expect(planHook(hook)).toMatchObject(plan));

  test('a name that every object has is one like others', () => {
    const plan = planHook({ path: '/x', env: ['__proto__=1'] });
    expect(Object.entries('env' in plan ? plan.env : {})).toEqual([['__proto__', '1']]);
  });
});

test.each([
  [undefined, 'it is not an object'],
  [[], 'it is not an object'],
  [{}, 'its path is not a text'],
  [{ path: '' }, 'its path is blank'],
  [{ path: ' \t' }, 'its path is blank'],
  [{ path: 'bin/x' }, 'its path "bin/x" is not absolute'],
  [{ path: '/a\0b' }, 'its path "/a\\u0000b" has a null byte in it'],
  [{ path: '/x', args: 'x' }, 'its args is not an array'],
  [{ path: '/x', args: ['x', 5] }, 'args[1] is not a text'],
  [{ path: '/x', args: ['a\0'] }, 'args[0] is a text with a null byte in it'],
  [{ path: '/x', env: ['A=1', 'B'] }, '"B" in its env is not of the form NAME=value'],
  [{ path: '/x', env: ['=1'] }, '"=1" in its env is not of the form NAME=value'],
  [{ path: '/x', env: ['A=\0'] }, 'env[0] is a text with a null byte in it'],
  [{ path: '/x', timeout: 0 }, 'its timeout is 0, and must be greater than zero'],
  [{ path: '/x', timeout: -1 }, 'its timeout is -1, and must be greater than zero'],
  [{ path: '/x', timeout: 0.5 }, 'its timeout is not a whole number'],
  [{ path: '/x', timeout: '5' }, 'its timeout is not a whole number'],
])('%j is no hook', (hook, fault) => expect(planHook(hook)).toEqual({ fault }));
