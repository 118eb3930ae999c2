/** One call, as far as it is counted. */
export interface CountedCall {
  readonly verb: string | undefined;
  readonly decision: 'pass' | 'rewrite' | 'refuse';
  /** Of a refusal. */
  readonly code?: string | undefined;
  /** The rules that changed something. */
  readonly rules: readonly string[];
  /** From the start of the program to the start of the runtime, or to the refusal. */
  readonly milliseconds: number;
}

/** The samples of a file, each by the text before its value: `ociwrap_errors_total{code="ERR_X"}`. */
export type Samples = ReadonlyMap<string, string>;

/** Metrics of one name. */
export interface MetricFamily {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
}

const CALLS = 'ociwrap_calls_total';
const ERRORS = 'ociwrap_errors_total';
const REWRITES = 'ociwrap_rewrites_total';
const DURATION = 'ociwrap_call_duration_seconds';
const DROPPED = 'ociwrap_dropped_calls_total';
const BUILD = 'ociwrap_build_info';

/** In the order of the file. */
export const METRIC_FAMILIES: readonly MetricFamily[] = [
  { name: CALLS, type: 'counter', help: 'Calls of the runtime, by verb and decision.' },
  { name: ERRORS, type: 'counter', help: 'Calls that were refused, by code.' },
  { name: REWRITES, type: 'counter', help: 'Calls whose config.json was changed, by rule.' },
  {
    name: DURATION,
    type: 'histogram',
    help: 'Seconds from the start of the wrapper to the start of the runtime, or to the refusal.',
  },
  {
    name: DROPPED,
    type: 'counter',
    help: 'Calls that are in no other metric: others were counting, and a call does not wait.',
  },
  { name: BUILD, type: 'gauge', help: 'The version of the wrapper that made the last call.' },
];

/** Upper bounds, in milliseconds: a rewrite takes a few, a volume that is filled from its image may take seconds. */
const BOUNDS = [1, 2.5, 5, 10, 25, 50, 100, 250, 1000, 5000, 30_000] as const;

/** What runtimes are asked for; whoever calls the wrapper by hand can make no more label values than these. */
const VERBS = new Set([
  ...[
    'create',
    'run',
    'restore',
    'start',
    'state',
    'kill',
    'delete',
    'exec',
    'ps',
    'list',
    'pause',
    'resume',
  ],
  ...['update', 'events', 'checkpoint', 'features', 'spec'],
]);

/** Codes and rules come from a configuration, which someone may change every day. */
const MOST_OF_A_FAMILY = 200;

/** Adds a call. No value goes down. */
export function countedCall(before: Samples, call: CountedCall): Samples {
  const samples = new Map(before);
  const verb = call.verb !== undefined && VERBS.has(call.verb) ? call.verb : 'other';
  increase(samples, `${CALLS}${labels({ verb, decision: call.decision })}`);
  if (call.code !== undefined) increase(samples, bounded(samples, ERRORS, 'code', call.code));
  for (const rule of new Set(call.rules)) increase(samples, bounded(samples, REWRITES, 'rule', rule));
  countDuration(samples, call.milliseconds);
  return samples;
}

/** With what is known whoever calls. */
export function describedSamples(
  before: Samples,
  { version, dropped }: { readonly version: string; readonly dropped: bigint },
): Samples {
  const others = [...before].filter(([name]) => !name.startsWith(BUILD));
  return new Map([...others, [DROPPED, String(dropped)], [`${BUILD}${labels({ version })}`, '1']]);
}

/** All buckets, so that a reader finds each from the first call on. */
function countDuration(samples: Map<string, string>, milliseconds: number): void {
  for (const bound of BOUNDS) {
    const bucket = `${DURATION}_bucket${labels({ le: String(bound / 1000) })}`;
    increase(samples, bucket, milliseconds <= bound ? 1n : 0n);
  }
  increase(samples, `${DURATION}_bucket${labels({ le: '+Inf' })}`);
  // In whole microseconds, which do not lose what is small beside what is large.
  const sum = samples.get(`${DURATION}_sum`) ?? '0';
  const micros = Math.round(Number(sum) * 1e6) + Math.round(Math.max(0, milliseconds) * 1e3);
  samples.set(`${DURATION}_sum`, (micros / 1e6).toFixed(6));
  increase(samples, `${DURATION}_count`);
}

function increase(samples: Map<string, string>, name: string, by = 1n): void {
  samples.set(name, String(BigInt(samples.get(name) ?? '0') + by));
}

/** A label that a configuration has a say in: beyond so many values it is `other`. */
function bounded(samples: Samples, family: string, label: string, value: string): string {
  const name = `${family}${labels({ [label]: value })}`;
  const known = [...samples.keys()].filter((each) => each.startsWith(`${family}{`));
  return samples.has(name) || known.length < MOST_OF_A_FAMILY
    ? name
    : `${family}${labels({ [label]: 'other' })}`;
}

const MOST_OF_A_VALUE = 100;

/** As the text format escapes them (prometheus.io/docs/instrumenting/exposition_formats). */
function labels(values: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(values).map(([name, value]) => {
    const short = [...value].slice(0, MOST_OF_A_VALUE).join('');
    const escaped = short.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
    return `${name}="${escaped}"`;
  });
  return `{${pairs.join(',')}}`;
}
