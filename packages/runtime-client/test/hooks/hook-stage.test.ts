import { expect, test } from '@jest/globals';

import { HOOK_STAGES, type HookStage, hookFailure, isHookStage } from '../../src/hooks/hook-stage.js';

test('the stages are those of the specification, in its order', () => {
  expect(Object.keys(HOOK_STAGES)).toEqual([
    'prestart',
    'createRuntime',
    'createContainer',
    'startContainer',
    'poststart',
    'poststop',
  ]);
  expect(['prestart', 'postStart', 'toString', ''].map(isHookStage)).toEqual([true, false, false, false]);
});

test.each<[HookStage, string, 'stop' | 'warn']>([
  ['prestart', '1.0.0', 'stop'],
  ['createRuntime', '1.0.0', 'stop'],
  ['createContainer', '1.0.2', 'stop'],
  ['startContainer', '1.0.2', 'stop'],
  ['poststart', '0.5.0', 'warn'],
  ['poststart', '1.0.2-dev', 'warn'],
  ['poststart', '1.2.1', 'warn'],
  ['poststart', '1.3.0-rc.1', 'stop'],
  ['poststart', '1.3.0', 'stop'],
  ['poststart', '1.10.0', 'stop'],
  ['poststart', '2.0.0', 'stop'],
  ['poststart', 'none', 'stop'],
  ['poststop', '1.3.0', 'warn'],
  ['poststop', 'none', 'warn'],
])('a %s that fails under %s: %s', (stage, version, effect) =>
  expect(hookFailure(stage, version)).toBe(effect),
);
