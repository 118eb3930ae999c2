import { readFileSync } from 'node:fs';

import { describe, expect, test } from '@jest/globals';
import { handlerOf } from '../../src/config/handler-name.js';
import { dropInFaults } from '../../src/config/lint/drop-in-faults.js';
import { FILE, settingsOf } from './config-text.js';

const RULE = '[[rule]]\nname = "mark"\nwhen.annotation = { key = "a.b/mark" }\nthen.env.set = { A = "1" }\n';
const tried = async (text: string) => {
  const { settings } = await settingsOf(text);
  return settings.rules.map(({ name, audit = false }) => [name, audit]);
};

describe('what is only tried', () => {
  test.each<[text: string, rules: readonly (readonly [name: string, isTried: boolean])[]]>([
    [
      RULE,
      [
        ['pvc-rootfs', false],
        ['mark', false],
      ],
    ],
    [
      `${RULE}mode = "audit"\n`,
      [
        ['pvc-rootfs', false],
        ['mark', true],
      ],
    ],
    [
      `mode = "audit"\ncdi.enabled = true\n${RULE}mode = "enforce"\n`,
      [
        ['pvc-rootfs', true],
        ['mark', true],
        ['cdi-devices', true],
      ],
    ],
    [
      '[[rule]]\nuse = "pvc-rootfs"\nmode = "audit"\nwhen.verb = "create"\n[[rule]]\nuse = "cdi-devices"\nmode = "enforce"',
      [
        ['pvc-rootfs', true],
        ['cdi-devices', false],
      ],
    ],
  ])('%j', async (text, rules) => {
    expect(await tried(text)).toEqual(rules);
  });

  test('a rule module', async () => {
    const module = `export default () => ({
      name: 'mine', triggers: ['a.b/mine'], reads: [], claims: () => true, evaluate: () => ({ kind: 'pass', reason: 'r' }),
    });`;
    const read = () => Buffer.from(module);
    const text = 'profile = "none"\n[[rule]]\nmodule = "/m.mjs"\nmode = "audit"';
    const { settings } = await settingsOf(text, {}, read);
    expect(settings.rules).toMatchObject([{ name: 'mine', audit: true }]);
  });

  test('is not among the triggers of the last good configuration: nothing was refused for it', async () => {
    const { lastGood } = await settingsOf(
      `${RULE}mode = "audit"\n[[rule]]\nuse = "pvc-rootfs"\nmode = "audit"`,
    );
    expect(lastGood).toMatchObject({ triggers: [], tried: ['pvc-rootfs'] });
    expect((await settingsOf(RULE)).lastGood).toMatchObject({ triggers: ['a.b/mark'] });
  });
});

describe('a drop-in', () => {
  const faultsOf = (table: Record<string, string | boolean>) =>
    dropInFaults({ path: '/etc/ociwrap/conf.d/1.toml', text: '', table }, FILE).length;

  test.each([
    [{ mode: 'audit' }, 1],
    [{ mode: 'enforce' }, 1],
    [{ required: true }, 0],
    [{ required: false }, 1],
  ])('with %j has %d faults', (table, faults) => {
    expect(faultsOf(table)).toBe(faults);
  });

  test('may have a rule that is only tried, of its own', async () => {
    const { settings } = await settingsOf({
      [FILE]: 'profile = "none"',
      '/etc/ociwrap/conf.d/1.toml': `${RULE}mode = "audit"`,
    });
    expect(settings.rules).toMatchObject([{ name: 'mark', audit: true }]);
  });
});

describe('a handler', () => {
  test('may have every key of the main file, but for handlers', () => {
    const schema = JSON.parse(
      readFileSync(new URL('../../src/config/config-file.schema.json', import.meta.url), 'utf8'),
    );
    const { handler: _, ...others } = schema.properties;
    expect(Object.keys(schema.$defs.Handler.properties)).toEqual(Object.keys(others));
  });

  test.each<[invokedAs: string, execFn: string | undefined, handler: string | undefined]>([
    ['/opt/ociwrap/bin/oci-runtime-wrapper-gpu', undefined, 'gpu'],
    ['oci-runtime-wrapper-v1.2_x-y', undefined, 'v1.2_x-y'],
    ['runc', '/opt/ociwrap/bin/oci-runtime-wrapper-gpu', 'gpu'],
    ['oci-runtime-wrapper-one', '/opt/ociwrap/bin/oci-runtime-wrapper-two', 'one'],
    ['oci-runtime-wrapper', '/opt/ociwrap/bin/runc', undefined],
    ['oci-runtime-wrapper-', undefined, undefined],
    ['oci-runtime-wrapper-.x', undefined, undefined],
    [`oci-runtime-wrapper-${'x'.repeat(64)}`, undefined, undefined],
    ['/oci-runtime-wrapper-gpu/runc', undefined, undefined],
  ])('of %s, executed as %s: %s', (invokedAs, execFn, handler) => {
    expect(handlerOf({ invokedAs, ...(execFn === undefined ? {} : { execFn }) })).toBe(handler);
  });
});
