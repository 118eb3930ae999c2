import { expect, test } from '@jest/globals';

import { capabilitiesOf, hasFeatures } from '../../src/capabilities/capabilities.js';
import { parseRuntimeVersion } from '../../src/dialects/runtime-version.js';

const of = (text: string) => parseRuntimeVersion(`${text}\n`);

test.each([
  ['runc version 1.1.15', true, ['events', 'update', 'checkpoint', 'features'], []],
  ['crun version 1.21', true, ['update', 'features'], ['events', 'checkpoint', 'restore']],
  ['crun version 1.21\n+CRIU', true, ['checkpoint', 'restore'], ['events']],
  ['crun version 1.8.1', false, ['update'], ['events', 'features']],
  ['runsc version 0.0~20240729.0', false, ['events', 'checkpoint'], ['update', 'features']],
  ['runsc version release-20260520.0', true, ['update', 'features'], []],
  ['other version 1', false, ['create', 'start', 'state', 'kill', 'delete'], ['run', 'exec', 'list']],
])('%s', (text, features, has, lacks) => {
  const runtime = of(text);
  const { commands, checkpoint, isKnown, isTold } = capabilitiesOf(runtime, undefined);
  expect(hasFeatures(runtime)).toBe(features);
  expect(commands).toEqual(expect.arrayContaining(has));
  expect(commands.filter((command) => (lacks as string[]).includes(command))).toEqual([]);
  expect(checkpoint).toBe(commands.includes('checkpoint'));
  expect([isKnown, isTold]).toEqual([runtime.dialect !== 'unknown', false]);
});

test('what the runtime says of itself comes before the table', () => {
  const features = {
    ociVersionMin: '1.0.0',
    ociVersionMax: '1.2.0',
    hooks: ['prestart'],
    linux: { namespaces: ['pid'] },
    potentiallyUnsafeConfigAnnotations: ['a.'],
  };
  expect(capabilitiesOf(of('runc version 1.2.0'), features)).toMatchObject({
    isTold: true,
    hooks: ['prestart'],
    namespaces: ['pid'],
    potentiallyUnsafeConfigAnnotations: ['a.'],
  });
  const { namespaces, hooks } = capabilitiesOf(of('runc version 1.2.0'), {
    ...features,
    hooks: [],
    linux: {},
  });
  expect([hooks, namespaces.length]).toEqual([[], 7]);
});
