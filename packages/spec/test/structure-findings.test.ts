import { describe, expect, test } from '@jest/globals';
import type { Finding, SpecDocument } from '../src/index.js';
import { bytesOf, documentOf } from './document-text.js';

const brief = (findings: readonly Finding[]): string[] =>
  findings.map(({ level, code, pointer, line, column }) => `${level} ${code} ${pointer} ${line}:${column}`);

describe('structureFindings', () => {
  const cases: [name: string, text: string | Uint8Array, expected: string[]][] = [
    ['nothing wrong', '{"root":{"path":"a"},"annotations":{"a":"1","A":"2"},"x":{"y":1,"Y":1}}', []],
    ['no object at all', '7', []],
    ['a duplicate at top level', '{"root":{},\n "root":{}}', ['error SPEC_DUPLICATE_KEY /root 2:2']],
    ['a name that occurs three times, once', '{"a":1,"a":2,"a":3}', ['error SPEC_DUPLICATE_KEY /a 1:8']],
    [
      'a duplicate in a map',
      '{"annotations":{"a/b":"1","a\\/b":"2"}}',
      ['error SPEC_DUPLICATE_KEY /annotations/a~1b 1:27'],
    ],
    [
      'a duplicate beneath an unknown member',
      '{"x":[1,{"y":1,"y":2}]}',
      ['error SPEC_DUPLICATE_KEY /x/1/y 1:16'],
    ],
    [
      'a duplicate that differs by escapes',
      '{"root":1,"r\\u006fot":2}',
      ['error SPEC_DUPLICATE_KEY /root 1:11'],
    ],
    [
      'names that Go reads as U+FFFD both',
      '{"x":{"\\ud800":1,"\\udfff":2}}',
      ['error SPEC_DUPLICATE_KEY /x/\udfff 1:18'],
    ],
    ['the same name in two objects', '{"mounts":[{"type":"a"},{"type":"a"}]}', []],
    ['another case at top level', '{"Root":{}}', ['error SPEC_FOLDED_KEY /Root 1:2']],
    ['another case beside the right one', '{"root":{},"ROOT":{}}', ['error SPEC_FOLDED_KEY /ROOT 1:12']],
    [
      'another case in a typed object',
      '{"mounts":[{},{"Source":"x"}]}',
      ['error SPEC_FOLDED_KEY /mounts/1/Source 1:16'],
    ],
    [
      'another case far down',
      '{"Linux":{"Resources":{"MEMORY":{"limit":1}}}}',
      [
        'error SPEC_FOLDED_KEY /Linux 1:2',
        'error SPEC_FOLDED_KEY /Linux/Resources 1:11',
        'error SPEC_FOLDED_KEY /Linux/Resources/MEMORY 1:24',
      ],
    ],
    ['a long s', '{"mount\u017f":[]}', ['error SPEC_FOLDED_KEY /mount\u017f 1:2']],
    ['a kelvin sign', '{"hoo\u212as":{}}', ['error SPEC_FOLDED_KEY /hoo\u212as 1:2']],
    ['a name that ends in a NUL for crun', '{"root\\u0000x":{}}', ['error SPEC_FOLDED_KEY /root\0x 1:2']],
    [
      'members of Object.prototype',
      '{"constructor":1,"Constructor":1,"__proto__":1,"x":{"__proto__":1}}',
      [],
    ],
    [
      'a byte that is no UTF-8',
      bytesOf('{"a":1,\n"b":["é', [0xff, 0xfe], '"]}'),
      ['error SPEC_INVALID_UTF8 /b/0 2:8'],
    ],
    ['a surrogate in UTF-8', bytesOf('{"a":"', [0xed, 0xa0, 0x80], '"}'), ['error SPEC_INVALID_UTF8 /a 1:7']],
    [
      'an overlong form in a name',
      bytesOf('{"x":{"', [0xc0, 0xaf], '":1}}'),
      ['error SPEC_INVALID_UTF8 /x/\ufffd\ufffd 1:8'],
    ],
    [
      'a cut-off character',
      bytesOf('{"a":"', [0xe2, 0x82], '","b":"', [0xf0, 0x9f], '"}'),
      ['error SPEC_INVALID_UTF8 /a 1:7', 'error SPEC_INVALID_UTF8 /b 1:15'],
    ],
  ];
  test.each(cases)('%s', (_name, text, expected) => {
    expect(brief(documentOf(text).structureFindings())).toStrictEqual(expected);
  });

  const both =
    '{"root":{"Path":1,"x":{"y":1,"y":2}},"mounts":[{"type":1,"type":2},{"SOURCE":1}],"a":1,"a":2}';
  test.each([
    ['no place: the top level', [], ['/a']],
    ['a whole subtree', ['/root'], ['/root/Path', '/root/x/y', '/a']],
    ['the objects above a place', ['/root/readonly'], ['/root/Path', '/a']],
    ['an element', ['/mounts/1'], ['/mounts/1/SOURCE', '/a']],
    [
      'several places',
      ['/mounts', '/mounts/0', '/root/path'],
      ['/root/Path', '/mounts/0/type', '/mounts/1/SOURCE', '/a'],
    ],
    ['a place that is not there', ['/linux/resources'], ['/a']],
  ])('in the scope of %s', (_name, scope, pointers) => {
    expect(
      documentOf(both)
        .structureFindings(scope)
        .map(({ pointer }) => pointer),
    ).toStrictEqual(pointers);
  });

  test('a scope takes in every reading of its place', () => {
    const document = documentOf('{"root":{"a":1,"a":2},"Root":{"b":1,"b":2},"linux":{"c":1,"c":2}}');
    expect(document.structureFindings(['/root']).map(({ pointer }) => pointer)).toStrictEqual([
      '/root/a',
      '/Root',
      '/Root/b',
    ]);
  });

  test('what is not UTF-8 is reported wherever it is', () => {
    const document = documentOf(bytesOf('{"linux":{"x":"', [0x80], '"}}'));
    expect(brief(document.structureFindings(['/root']))).toStrictEqual([
      'error SPEC_INVALID_UTF8 /linux/x 1:16',
    ]);
  });

  test('messages are on one line', () => {
    const [finding] = documentOf('{"x":{"a\\n\\u001b":1,"a\\n\\u001b":2}}').structureFindings();
    expect(finding?.message).toBe(
      '"/x/a\\u000a\\u001b" occurs more than once, and runtimes read different ones',
    );
  });

  test('a hostile document yields a bounded number', () => {
    const members = Array.from({ length: 3000 }, (_, i) => `"m${i}":1,"m${i}":2`);
    const document: SpecDocument = documentOf(`{${members.join(',')}}`);
    expect(document.structureFindings()).toHaveLength(1000);
  });
});
