import { describe, expect, test } from '@jest/globals';
import { memoryHost } from '@opencontainers-ts/rootfs-rewriter/testing';
import fc from 'fast-check';

import { readContainerSpec, readContainerState } from '../../src/index.js';

const bytes = (text: string | Uint8Array) => (typeof text === 'string' ? Buffer.from(text) : text);

function stateOf(...pieces: readonly (string | Uint8Array)[]) {
  const rest = pieces.map(bytes);
  return readContainerState(() => rest.shift());
}

function specOf(text: string | Uint8Array) {
  return readContainerSpec('/b', '/', memoryHost({ files: { '/b/config.json': text } }));
}

describe('a state that Go reads', () => {
  test.each([
    ['{"pid":7,"bundle":"/b"}', 7n, '/b'],
    ['{"pid":7,"bundlePath":"/old"}', 7n, '/old'],
    ['{"bundle":"","bundlePath":"/old"}', 0n, '/old'],
    ['{"bundle":"/b","bundlePath":"/old"}', 0n, '/b'],
    ['{}', 0n, ''],
    ['null', 0n, ''],
    ['{"pid":null,"bundle":null}', 0n, ''],
    ['{"pid":1}x', 1n, ''],
    [' \n{"pid":1} {"pid":2}', 1n, ''],
    ['{"PID":3,"BUNDLE":"x","\u017ftatus":1}', 3n, 'x'],
    ['{"pid":1,"Pid":2}', 2n, ''],
    ['{"pid":-0}', 0n, ''],
    ['{"pid":-9223372036854775808}', -9223372036854775808n, ''],
    ['{"bundle":"\\ud800"}', 0n, '\ufffd'],
    ['{"bundle":"\\ud83d\\ude00\\n\\"\\/"}', 0n, '\ud83d\ude00\n"/'],
    ['{"extra":[1,-2.5e+3,true,false,null,{"a":[]}],"pid":4}', 4n, ''],
  ])('%s', (text, pid, bundle) => {
    expect(stateOf(text)).toEqual({ pid, bundle });
  });

  test('nothing is waited for once it is whole', () => {
    const pieces = ['{"pid":', '5}'].map(bytes);
    const state = readContainerState(() => {
      const piece = pieces.shift();
      if (piece === undefined) throw new Error('read on');
      return piece;
    });
    expect(state).toEqual({ pid: 5n, bundle: '' });
  });

  test('it may come in any pieces, also within a character', () => {
    const text = bytes('{"bundle":"/b\u00e4\u6f22","pid":12}');
    fc.assert(
      fc.property(fc.array(fc.nat(text.length), { maxLength: 4 }), (cuts) => {
        const ends = [...cuts.sort((a, b) => a - b), text.length];
        const pieces = ends.map((end, index) => text.subarray(ends[index - 1] ?? 0, end));
        expect(stateOf(...pieces)).toEqual({ pid: 12n, bundle: '/b\u00e4\u6f22' });
      }),
    );
  });
});

describe('a state that Go does not read, in its words', () => {
  test.each([
    ['', 'EOF'],
    [' \t', 'EOF'],
    ['{', 'unexpected EOF'],
    ['{"pid"', 'unexpected EOF'],
    ['{"pid":1', 'unexpected EOF'],
    ['nul', 'unexpected EOF'],
    ['-', 'unexpected EOF'],
    ['1.', 'unexpected EOF'],
    ['"', 'unexpected EOF'],
    ['{x', "invalid character 'x' looking for beginning of object key string"],
    ['{"a"x', "invalid character 'x' after object key"],
    ['{"a":1x', "invalid character 'x' after object key:value pair"],
    ['{"pid":01}', "invalid character '1' after object key:value pair"],
    ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
    ['[1x', "invalid character 'x' after array element"],
    ['[1,]', "invalid character ']' looking for beginning of value"],
    ['x', "invalid character 'x' looking for beginning of value"],
    ["'", "invalid character '\\'' looking for beginning of value"],
    ['\\', "invalid character '\\\\' looking for beginning of value"],
    ['\ufeff{}', "invalid character '\u00ef' looking for beginning of value"],
    ['nulx', "invalid character 'x' in literal null (expecting 'l')"],
    ['trux', "invalid character 'x' in literal true (expecting 'e')"],
    ['"a\nb"', "invalid character '\\n' in string literal"],
    ['"\\x"', "invalid character 'x' in string escape code"],
    ['"\\u12g4"', "invalid character 'g' in \\u hexadecimal character escape"],
    ['-x', "invalid character 'x' in numeric literal"],
    ['1.x', "invalid character 'x' after decimal point in numeric literal"],
    ['1ex', "invalid character 'x' in exponent of numeric literal"],
    ['1e+x', "invalid character 'x' in exponent of numeric literal"],
    ['[]', 'json: cannot unmarshal array into Go value of type main.HookState'],
    ['7', 'json: cannot unmarshal number into Go value of type main.HookState'],
    ['{"pid":"1"}', 'json: cannot unmarshal string into Go struct field HookState.pid of type int'],
    ['{"pid":1.5}', 'json: cannot unmarshal number 1.5 into Go struct field HookState.pid of type int'],
    ['{"pid":1e3}', 'json: cannot unmarshal number 1e3 into Go struct field HookState.pid of type int'],
    [
      '{"pid":9223372036854775808}',
      'json: cannot unmarshal number 9223372036854775808 into Go struct field HookState.pid of type int',
    ],
    ['{"bundle":7}', 'json: cannot unmarshal number into Go struct field HookState.bundle of type string'],
    [`${'['.repeat(1001)}`, 'exceeded max depth'],
  ])('%j', (text, message) => {
    expect(() => stateOf(text)).toThrow(
      expect.objectContaining({
        code: 'ERR_NVIDIA_STATE',
        message: `could not decode container state: ${message}`,
      }),
    );
  });
});

test('an input that cannot be read is no state', () => {
  const readMore = () => {
    throw Object.assign(new Error('why'), { code: 'EISDIR' });
  };
  expect(() => readContainerState(readMore)).toThrow(
    expect.objectContaining({
      code: 'ERR_NVIDIA_STATE',
      message: 'could not decode container state: read /dev/stdin: is a directory',
    }),
  );
});

describe('a config.json', () => {
  const whole = '"ociVersion":"1.2.0","process":{},"root":{"path":"r"}';
  const plain = { ociVersion: '1.2.0', process: { env: [] }, root: { path: 'r' }, mounts: [] };

  test.each<[text: string | Uint8Array, spec: object]>([
    [`{${whole}}`, plain],
    [`{${whole}} and more`, plain],
    [`{${whole},"mountſ":[{"ſource":"/s"}]}`, { ...plain, mounts: [{ destination: '', source: '/s' }] }],
    [`{${whole},"unknown":1}`, plain],
    [`{${whole.replace('"path":"r"', '')}}`, { ...plain, root: { path: '' } }],
    [`{${whole.replace('1.2.0', '')}}`, { ...plain, ociVersion: '' }],
    [
      '{"OCIVersion":"1","Process":{"ENV":["A=1"]},"Root":{"Path":"q"}}',
      expect.objectContaining({ ociVersion: '1', process: { env: ['A=1'] }, root: { path: 'q' } }),
    ],
    [`{${whole},"process":{"env":["A=1"]}}`, { ...plain, process: { env: ['A=1'] } }],
    [`{"process":{"env":["A=1"]},${whole}}`, { ...plain, process: { env: ['A=1'] } }],
    [`{${whole},"process":{"env":["A=1",null]}}`, { ...plain, process: { env: ['A=1', ''] } }],
    [`{${whole},"process":{"env":["A"],"env":null}}`, plain],
    [`{${whole},"process":{"capabilities":null}}`, plain],
    [
      `{${whole},"process":{"capabilities":{"bounding":["a"]}}}`,
      { ...plain, process: { env: [], capabilities: { bounding: ['a'] } } },
    ],
    [
      `{${whole},"mounts":[{"destination":"/d","source":"/s"},{}]}`,
      {
        ...plain,
        mounts: [
          { destination: '/d', source: '/s' },
          { destination: '', source: '' },
        ],
      },
    ],
    [
      Buffer.from(`{${whole},"process":{"env":["A=\xff"]}}`, 'latin1'),
      { ...plain, process: { env: ['A=\ufffd'] } },
    ],
  ])('%s', (text, spec) => {
    expect(specOf(text)).toEqual(spec);
  });

  const decode = 'could not decode OCI spec: ';
  test.each([
    ['', `${decode}EOF`],
    ['{', `${decode}unexpected EOF`],
    ['[]', `${decode}json: cannot unmarshal array into Go value of type main.Spec`],
    ['null', 'Version is empty in OCI spec'],
    ['{"process":{},"root":{}}', 'Version is empty in OCI spec'],
    ['{"ociVersion":"1","root":{}}', 'Process is empty in OCI spec'],
    [`{${whole},"process":null}`, 'Process is empty in OCI spec'],
    ['{"ociVersion":"1","process":{}}', 'Root is empty in OCI spec'],
    [
      '{"ociVersion":1}',
      `${decode}json: cannot unmarshal number into Go struct field Spec.ociVersion of type string`,
    ],
    [
      '{"process":[]}',
      `${decode}json: cannot unmarshal array into Go struct field Spec.process of type main.Process`,
    ],
    [
      '{"process":{"env":"x"}}',
      `${decode}json: cannot unmarshal string into Go struct field Process.process.env of type []string`,
    ],
    [
      '{"process":{"env":[1]}}',
      `${decode}json: cannot unmarshal number into Go struct field Process.process.env of type string`,
    ],
    [
      '{"root":"x"}',
      `${decode}json: cannot unmarshal string into Go struct field Spec.root of type main.Root`,
    ],
    [
      '{"root":{"path":1}}',
      `${decode}json: cannot unmarshal number into Go struct field Root.root.path of type string`,
    ],
    [
      '{"mounts":{}}',
      `${decode}json: cannot unmarshal object into Go struct field Spec.mounts of type []main.Mount`,
    ],
    [
      '{"mounts":[1]}',
      `${decode}json: cannot unmarshal number into Go struct field Spec.mounts of type main.Mount`,
    ],
    [
      '{"mounts":[{"source":1}]}',
      `${decode}json: cannot unmarshal number into Go struct field Mount.mounts.source of type string`,
    ],
  ])('%j is refused', (text, message) => {
    expect(() => specOf(text)).toThrow(expect.objectContaining({ code: 'ERR_NVIDIA_SPEC', message }));
  });

  test.each([
    ['/b', '/', { failures: { '/b/config.json': 'EACCES' } }, 'open /b/config.json: permission denied'],
    ['/b', '/', {}, 'open /b/config.json: no such file or directory'],
    ['', '/b', {}, 'open config.json: no such file or directory'],
    ['x/../b/', '/', { directories: ['/b/config.json'] }, 'open b/config.json: is a directory'],
    ['/b', '/', { failures: { '/b/config.json': 'ESTALE' } }, 'open /b/config.json: ESTALE'],
  ])('%j in %s that cannot be read', (bundle, cwd, options, message) => {
    const host = memoryHost({ directories: ['/b'], ...options });
    expect(() => readContainerSpec(bundle, cwd, host)).toThrow(
      expect.objectContaining({ code: 'ERR_NVIDIA_SPEC', message: `could not open OCI spec: ${message}` }),
    );
  });

  test('without a bundle it is the one of the working directory', () => {
    const host = memoryHost({ files: { '/b/config.json': `{${whole}}` } });
    expect(readContainerSpec('', '/b', host)).toEqual(plain);
  });

  test('every JSON text is read as JSON.parse reads it', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'grapheme' }), (value) => {
        const text = `{${whole},"process":{"capabilities":${JSON.stringify(value)}}}`;
        const { capabilities } = specOf(text).process;
        expect(capabilities).toEqual(value === null ? undefined : JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});
