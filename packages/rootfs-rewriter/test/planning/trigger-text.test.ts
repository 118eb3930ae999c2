import { describe, expect, test } from '@jest/globals';
import { mayClaim, type Rule } from '@opencontainers-ts/rootfs-rewriter';
import fc from 'fast-check';

const bytes = (text: string) => new TextEncoder().encode(text);
const rule = (triggers: Rule['triggers']): Rule => ({
  name: 'r',
  triggers,
  reads: [],
  claims: () => true,
  evaluate: () => ({ kind: 'pass', reason: 'test' }),
});

describe('mayClaim', () => {
  const trigger = 'sgs.snucse.org/os-volume';
  test.each<[string, string, boolean]>([
    ['the trigger text occurs', `{"annotations":{"${trigger}":"v"}}`, true],
    ['it occurs in a place that no rule looks at', `{"hostname":"${trigger}"}`, true],
    ['it occurs in what is no JSON', `{"${trigger}`, true],
    ['it does not occur', '{"annotations":{"sgs.snucse.org/os-volum":"v"}}', false],
    ['a letter of it is escaped', String.raw`{"annotations":{"\u0073gs.snucse.org/os-volume":"v"}}`, true],
    ['in capital digits', String.raw`{"annotations":{"sgs.snucse.org\u002Fos-volume":"v"}}`, true],
    ['its slash has the short escape', String.raw`{"annotations":{"sgs.snucse.org\/os-volume":"v"}}`, true],
    ['what Go escapes', String.raw`{"a":"\u0026\u003c\u003e\u2028\u2029"}`, false],
    ['the short escapes of characters that it lacks', String.raw`{"a":"\"\\\b\f\n\r\t"}`, false],
    ['an escaped backslash before a u', String.raw`{"a":"\\u0073"}`, false],
    ['an escaped backslash before an escape', String.raw`{"a":"\\\u0073"}`, true],
    ['an escape cut short', String.raw`{"a":"\u00`, false],
    ['a backslash at the end', '{"a":"\\', false],
    ['an empty file', '', false],
  ])('%s', (_, text, expected) => {
    expect(mayClaim(bytes(text), [rule([trigger])])).toBe(expected);
  });

  test.each<[string, string, string, boolean]>([
    ['a trigger with &', 'a&b', String.raw`{"x":"a\u0026b"}`, true],
    ['a trigger with a quote', 'a"b', String.raw`{"x":"a\"b"}`, true],
    ['a trigger beyond the BMP', '😀', String.raw`{"x":"\ud83d\ude00"}`, true],
    ['a trigger with the replacement character', 'a\ufffdb', '{"x":"y"}', true],
  ])('%s', (_, trigger, text, expected) => {
    expect(mayClaim(bytes(text), [rule([trigger])])).toBe(expected);
  });

  test('any of the triggers of any of the rules is enough, and no rule none', () => {
    const text = bytes('{"a":"two"}');
    expect(mayClaim(text, [rule(['one']), rule(['three', 'two'])])).toBe(true);
    expect(mayClaim(text, [rule(['one']), rule(['three'])])).toBe(false);
    expect(mayClaim(text, [rule('every-create')])).toBe(true);
    expect(mayClaim(text, [])).toBe(false);
  });

  test('no way of escaping a key hides it', () => {
    const escapeSome = (flags: readonly boolean[]) =>
      [...trigger]
        .map((character, at) =>
          flags[at] ? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}` : character,
        )
        .join('');
    fc.assert(
      fc.property(
        fc.array(fc.boolean(), { minLength: trigger.length, maxLength: trigger.length }),
        fc.json(),
        (flags, other) => {
          const text = `{"x":${other},"annotations":{"${escapeSome(flags)}":"v"}}`;
          return mayClaim(bytes(text), [rule([trigger])]);
        },
      ),
    );
  });
});
