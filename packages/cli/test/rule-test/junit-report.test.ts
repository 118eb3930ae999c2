import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { junitReport, xmlText } from '../../src/rule-test/junit-report.js';

test('the report of a folder', () => {
  const results = [
    { name: 'a/b', kind: 'passed' },
    { name: '.', kind: 'failed', message: 'say "x" & <y>', diff: '-a\n+\u001b[2J' },
  ] as const;
  expect(junitReport('rules', results)).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="2" failures="1" errors="0" skipped="0">
  <testsuite name="rules" tests="2" failures="1" errors="0" skipped="0">
    <testcase classname="a" name="b"/>
    <testcase classname="rules" name=".">
      <failure message="say &quot;x&quot; &amp; &lt;y&gt;">-a
+\\u001b[2J</failure>
    </testcase>
  </testsuite>
</testsuites>
`);
});

describe('any text', () => {
  // XML 1.0, production 2: Char.
  const isXml = (text: string) =>
    [...text].every((character) => {
      const code = character.codePointAt(0) ?? 0;
      const isPlain = code >= 0x20 && code <= 0xd7ff;
      return [9, 10, 13].includes(code) || isPlain || (code >= 0xe000 && code <= 0xfffd) || code > 0xffff;
    });

  test('becomes text that XML can hold, and nothing in it ends what it stands in', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        const written = xmlText(text);
        expect(isXml(written)).toBe(true);
        expect(written.replace(/&(?:amp|lt|gt|quot|apos);/g, '')).not.toMatch(/[&<>"']/);
      }),
    );
  });

  test.each([
    ['a lone surrogate', 'a\ud800b', 'a\\ud800b'],
    ['NUL', '\0', '\\u0000'],
    ['beyond the first plane', '\u{1f600}', '\u{1f600}'],
    ['a tab', '\t', '\t'],
  ])('%s', (_name, text, written) => expect(xmlText(text)).toBe(written));
});
