import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { environmentForRuntime, readEnvironment } from '../../src/call/runtime-environment.js';

const bytes = (text: string) => Buffer.from(text, 'latin1');
const entries = (env: readonly Uint8Array[]) => env.map((entry) => Buffer.from(entry).toString('latin1'));

describe('readEnvironment', () => {
  test.each([
    ['a variable', ['A=b'], { A: 'b' }],
    ['a value with an equals sign', ['A=b=c'], { A: 'b=c' }],
    ['an empty value', ['A='], { A: '' }],
    ['an entry without an equals sign is no variable', ['A'], {}],
    ['the first of duplicate entries counts, as for getenv(3)', ['A=1', 'A=2'], { A: '1' }],
    ['a name that starts with an equals sign', ['=A=b'], { '=A': 'b' }],
    ['an empty entry', [''], {}],
  ])('%s', (_name, env, expected) => {
    expect(readEnvironment(env.map(bytes))).toEqual(expected);
  });
});

describe('environmentForRuntime', () => {
  test.each([
    ['the depth is added', ['A=1', 'B=2'], 1, ['A=1', 'B=2', 'OCIWRAP_DEPTH=1']],
    ['the old one goes', ['OCIWRAP_DEPTH=1', 'A=1'], 2, ['A=1', 'OCIWRAP_DEPTH=2']],
    ['so do duplicates', ['OCIWRAP_DEPTH=1', 'OCIWRAP_DEPTH=9'], 2, ['OCIWRAP_DEPTH=2']],
    ['longer names stay', ['OCIWRAP_DEPTHS=1'], 2, ['OCIWRAP_DEPTHS=1', 'OCIWRAP_DEPTH=2']],
    [
      'entries without an equals sign stay',
      ['OCIWRAP_DEPTH', ''],
      1,
      ['OCIWRAP_DEPTH', '', 'OCIWRAP_DEPTH=1'],
    ],
    ['bytes that are not UTF-8 stay', ['\xff=\xfe'], 1, ['\xff=\xfe', 'OCIWRAP_DEPTH=1']],
  ])('%s', (_name, env, depth, expected) => {
    expect(entries(environmentForRuntime(env.map(bytes), { depth }))).toEqual(expected);
  });

  test("the configuration of NVIDIA's runtime is named once, where there is one to name", () => {
    const env = ['NVIDIA_CTK_CONFIG_FILE_PATH=', 'A=1', 'OCIWRAP_DEPTH=1'].map(bytes);
    expect(entries(environmentForRuntime(env, { depth: 2, nvidiaConfig: '/t/c' }))).toEqual([
      'A=1',
      'NVIDIA_CTK_CONFIG_FILE_PATH=/t/c',
      'OCIWRAP_DEPTH=2',
    ]);
    expect(entries(environmentForRuntime(env, { depth: 2 }))).toEqual([
      'NVIDIA_CTK_CONFIG_FILE_PATH=',
      'A=1',
      'OCIWRAP_DEPTH=2',
    ]);
  });

  test('everything else is handed on byte for byte, in order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 30 })),
        fc.integer({ min: 1, max: 4 }),
        (env, depth) => {
          const others = entries(env).filter((entry) => !entry.startsWith('OCIWRAP_DEPTH='));
          expect(entries(environmentForRuntime(env, { depth }))).toEqual([
            ...others,
            `OCIWRAP_DEPTH=${depth}`,
          ]);
        },
      ),
    );
  });
});
