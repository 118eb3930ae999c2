import { METRIC_FAMILIES, type Samples } from './metric-families.js';

/** Tells a file of ours from one that somebody else has there. */
const FIRST_LINE = '# Written by ociwrap. What is changed by hand is lost.';

/** The samples in the text format that Prometheus reads, in the order of {@link METRIC_FAMILIES}. */
export function metricsText(samples: Samples): string {
  const lines = METRIC_FAMILIES.flatMap(({ name, type, help }) => {
    const own = [...samples].filter(([sample]) => isOf(name, sample));
    const ordered = type === 'histogram' ? own : own.sort(([one], [other]) => (one < other ? -1 : 1));
    return [
      `# HELP ${name} ${help}`,
      `# TYPE ${name} ${type}`,
      ...ordered.map(([sample, value]) => `${sample} ${value}`),
    ];
  });
  return [FIRST_LINE, ...lines, ''].join('\n');
}

/**
 * The samples of a file that {@link metricsText} has written.
 *
 * @returns undefined if it is another's
 */
export function readMetrics(text: string): Samples | undefined {
  if (text === '') return new Map();
  const [first, ...lines] = text.split('\n');
  if (first !== FIRST_LINE) return undefined;
  const samples = new Map<string, string>();
  for (const line of lines) {
    const at = line.lastIndexOf(' ');
    const [name, value] = [line.slice(0, at), line.slice(at + 1)];
    // A sample of an older version, or one that was changed by hand, counts from the start.
    if (METRIC_FAMILIES.some((family) => isOf(family.name, name)) && isValue(name, value)) {
      samples.set(name, value);
    }
  }
  return samples;
}

function isOf(family: string, sample: string): boolean {
  return (
    sample.startsWith(family) && /^(?:_bucket|_sum|_count)?(?:\{.*\})?$/.test(sample.slice(family.length))
  );
}

/** A count, or the sum of durations. */
function isValue(name: string, value: string): boolean {
  return (name.endsWith('_sum') ? /^\d{1,12}\.\d{6}$/ : /^\d{1,18}$/).test(value);
}
