import { describe, expect, test } from '@jest/globals';
import { printable } from '@opencontainers-ts/runtime-spec';
import fc from 'fast-check';
import { formatRecord, LOG_LEVELS, type LogRecord } from '../../src/log/format-record.js';

const time = new Date(Date.UTC(2026, 10, 5, 6, 7, 8, 9));

// time.Time of Go reads RFC 3339; containerd gives up on the whole log where it cannot.
const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

const anyRecord: fc.Arbitrary<LogRecord> = fc.record(
  {
    time: fc.constant(time),
    level: fc.constantFrom(...LOG_LEVELS),
    msg: fc.string({ unit: 'binary' }),
    id: fc.string({ unit: 'binary' }),
    reason: fc.constantFrom('', 'a\nb', 'a\r\u2028b', '"', '\\', 'level=error'),
    bundle: fc.string({ unit: 'binary' }),
    durationMs: fc.double({ noNaN: true, noDefaultInfinity: true }),
  },
  { requiredKeys: ['time', 'level', 'msg'] },
);

test('the time is that of toISOString', () => {
  fc.assert(
    fc.property(fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true }), (date) => {
      const line = formatRecord({ time: date, level: 'info', msg: 'm' }, 'json');
      expect(JSON.parse(line).time).toBe(date.toISOString());
    }),
  );
});

describe('json', () => {
  test('holds what containerd reads: time in RFC 3339, level, msg', () => {
    const line = formatRecord({ time, level: 'error', msg: 'no volume "x"' }, 'json');
    expect(line).toBe('{"time":"2026-11-05T06:07:08.009Z","level":"error","msg":"no volume \\"x\\""}\n');
  });

  test('leaves out fields that are not known', () => {
    const line = formatRecord({ time, level: 'info', msg: 'm', id: undefined, verb: 'create' }, 'json');
    expect(JSON.parse(line)).toEqual({ time: time.toISOString(), level: 'info', msg: 'm', verb: 'create' });
  });

  test('is one line that parses back to the record, whatever the fields', () => {
    fc.assert(
      fc.property(anyRecord, (record) => {
        const line = formatRecord(record, 'json');
        expect(line.indexOf('\n')).toBe(line.length - 1);
        const back = JSON.parse(line);
        expect(back.time).toMatch(RFC3339);
        const { durationMs, ...texts } = record;
        expect(back).toEqual({
          ...Object.fromEntries(
            Object.entries(texts).map(([name, value]) => [name, printable(String(value))]),
          ),
          time: time.toISOString(),
          ...(durationMs === undefined ? {} : { durationMs: JSON.parse(JSON.stringify(durationMs)) }),
        });
      }),
    );
  });
});

describe('text', () => {
  test.each<[string, Partial<LogRecord>, string]>([
    ['a message with blanks is quoted', { msg: 'no volume' }, 'level=error msg="no volume"'],
    ['a bare word is not', { msg: 'stopped' }, 'level=error msg=stopped'],
    ['a path is a bare word', { bundle: '/run/b-1' }, 'level=error msg=m bundle=/run/b-1'],
    ['quotes are escaped', { msg: 'a "b"' }, 'level=error msg="a \\"b\\""'],
    ['line feeds are escaped', { msg: 'a\nb' }, 'level=error msg="a\\\\u000ab"'],
    ['an equals sign is quoted', { msg: 'a=b' }, 'level=error msg="a=b"'],
    ['an empty text is quoted', { msg: '' }, 'level=error msg=""'],
  ])('%s', (_name, fields, expected) => {
    const line = formatRecord({ time, level: 'error', msg: 'm', ...fields }, 'text');
    expect(line).toBe(`time=2026-11-05T06:07:08.009Z ${expected}\n`);
  });

  test('is one line, whatever the fields', () => {
    fc.assert(
      fc.property(anyRecord, (record) => {
        const line = formatRecord(record, 'text');
        expect(line.indexOf('\n')).toBe(line.length - 1);
        expect(line).toMatch(/^time=\S+ level=(?:debug|info|warn|error) msg=/);
      }),
    );
  });
});

describe.each(['json', 'text'] as const)('%s: text from outside', (format) => {
  const hostile = '\u009b2J\u202e\u2028\u007f\ufeff\u200b\u001b\ud800\u{e0041}';
  const shown = '\\\\u009b2J\\\\u202e\\\\u2028\\\\u007f\\\\ufeff\\\\u200b\\\\u001b\\\\ud800\\\\u{e0041}';

  test.each([
    'msg',
    'id',
    'verb',
    'reason',
    'code',
    'rule',
    'bundle',
    'volume',
    'destination',
    'newRoot',
    'cdiDevices',
    'runtime',
    'factOfSomeRule',
  ])('in %s is made printable', (name) => {
    const line = formatRecord({ time, level: 'info', msg: 'm', [name]: `/a${hostile}` }, format);
    expect(line).toContain(`"/a${shown}"`);
    expect(printable(line.slice(0, -1))).toBe(line.slice(0, -1));
  });

  test('in a name that a rule gave its fact, too, and it begins no other member', () => {
    const line = formatRecord(
      { time, level: 'info', msg: 'm', [`a b=c"${hostile}`]: 'x' } as LogRecord,
      format,
    );
    expect(printable(line.slice(0, -1))).toBe(line.slice(0, -1));
    if (format === 'text') expect(line.split(' ')).toHaveLength(4);
  });
});
