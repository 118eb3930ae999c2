import { expect, test } from '@jest/globals';

import {
  type CountedCall,
  countedCall,
  describedSamples,
  type Samples,
} from '../../src/metrics/metric-families.js';
import { metricsText, readMetrics } from '../../src/metrics/metrics-text.js';

const NONE: Samples = new Map();

function call(changes: Partial<CountedCall> = {}): CountedCall {
  return {
    verb: 'create',
    decision: 'pass',
    rules: [],
    milliseconds: 3,
    ...changes,
  };
}

const counted = (...calls: readonly CountedCall[]) =>
  describedSamples(calls.reduce(countedCall, NONE), {
    version: '1.2.3',
    dropped: 4n,
  });

test('the file of two calls', () => {
  const rewrite = call({
    decision: 'rewrite',
    rules: ['pvc-rootfs', 'cdi-devices', 'cdi-devices'],
    milliseconds: 12.25,
  });
  const refusal = call({
    verb: 'run',
    decision: 'refuse',
    code: 'ERR_VOLUME_NOT_FOUND',
    milliseconds: 40_000,
  });
  expect(metricsText(counted(rewrite, refusal))).toMatchInlineSnapshot(`
   "# Written by ociwrap. What is changed by hand is lost.
   # HELP ociwrap_calls_total Calls of the runtime, by verb and decision.
   # TYPE ociwrap_calls_total counter
   ociwrap_calls_total{verb="create",decision="rewrite"} 1
   ociwrap_calls_total{verb="run",decision="refuse"} 1
   # HELP ociwrap_errors_total Calls that were refused, by code.
   # TYPE ociwrap_errors_total counter
   ociwrap_errors_total{code="ERR_VOLUME_NOT_FOUND"} 1
   # HELP ociwrap_rewrites_total Calls whose config.json was changed, by rule.
   # TYPE ociwrap_rewrites_total counter
   ociwrap_rewrites_total{rule="cdi-devices"} 1
   ociwrap_rewrites_total{rule="pvc-rootfs"} 1
   # HELP ociwrap_call_duration_seconds Seconds from the start of the wrapper to the start of the runtime, or to the refusal.
   # TYPE ociwrap_call_duration_seconds histogram
   ociwrap_call_duration_seconds_bucket{le="0.001"} 0
   ociwrap_call_duration_seconds_bucket{le="0.0025"} 0
   ociwrap_call_duration_seconds_bucket{le="0.005"} 0
   ociwrap_call_duration_seconds_bucket{le="0.01"} 0
   ociwrap_call_duration_seconds_bucket{le="0.025"} 1
   ociwrap_call_duration_seconds_bucket{le="0.05"} 1
   ociwrap_call_duration_seconds_bucket{le="0.1"} 1
   ociwrap_call_duration_seconds_bucket{le="0.25"} 1
   ociwrap_call_duration_seconds_bucket{le="1"} 1
   ociwrap_call_duration_seconds_bucket{le="5"} 1
   ociwrap_call_duration_seconds_bucket{le="30"} 1
   ociwrap_call_duration_seconds_bucket{le="+Inf"} 2
   ociwrap_call_duration_seconds_sum 40.012250
   ociwrap_call_duration_seconds_count 2
   # HELP ociwrap_dropped_calls_total Calls that are in no other metric: others were counting, and a call does not wait.
   # TYPE ociwrap_dropped_calls_total counter
   ociwrap_dropped_calls_total 4
   # HELP ociwrap_build_info The version of the wrapper that made the last call.
   # TYPE ociwrap_build_info gauge
   ociwrap_build_info{version="1.2.3"} 1
   "
  `);
});

test('what is written is read again, and read again it counts on', () => {
  const text = metricsText(counted(call(), call({ decision: 'refuse', code: 'ERR_X' })));
  const read = readMetrics(text) ?? NONE;
  expect(metricsText(read)).toBe(text);
  const more = countedCall(read, call());
  expect(more.get('ociwrap_calls_total{verb="create",decision="pass"}')).toBe('2');
  expect(more.get('ociwrap_call_duration_seconds_sum')).toBe('0.009000');
});

test.each([
  ['of somebody else', '# HELP up\nup 1\n', undefined],
  ['that is empty, after a crash of the machine', '', NONE],
])('a file %s', (_title, text, expected) => {
  expect(readMetrics(text)).toEqual(expected);
});

test.each([
  'ociwrap_calls_total{verb="create",decision="pass"} -1',
  'ociwrap_calls_total{verb="create",decision="pass"} 1.5',
  'ociwrap_calls_total{verb="create",decision="pass"} many',
  'ociwrap_calls_total_of_others 7',
  'up 1',
  'half a li',
])('a line that was changed by hand counts for nothing: %s', (line) => {
  const [first] = metricsText(NONE).split('\n');
  expect(readMetrics(`${first}\n${line}\n`)).toEqual(NONE);
});

test.each([
  ['create', 'create'],
  ['\u001b[31m"\n', 'other'],
  [undefined, 'other'],
])('the verb %j counts as %s', (verb, expected) => {
  expect([...countedCall(NONE, call({ verb })).keys()]).toContain(
    `ociwrap_calls_total{verb="${expected}",decision="pass"}`,
  );
});

test('what a configuration names is escaped, cut, and of no more than 200 values', () => {
  const strange = countedCall(NONE, call({ rules: ['a"b\\c\nd', 'x'.repeat(500)] }));
  expect([...strange.keys()]).toEqual(
    expect.arrayContaining([
      'ociwrap_rewrites_total{rule="a\\"b\\\\c\\nd"}',
      `ociwrap_rewrites_total{rule="${'x'.repeat(100)}"}`,
    ]),
  );
  const many = Array.from({ length: 300 }, (_, index) => call({ decision: 'refuse', code: `ERR_${index}` }));
  const samples = many.reduce(countedCall, NONE);
  const errors = [...samples].filter(([name]) => name.startsWith('ociwrap_errors_total'));
  expect(errors).toHaveLength(201);
  expect(samples.get('ociwrap_errors_total{code="other"}')).toBe('100');
});
