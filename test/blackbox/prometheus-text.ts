/** A sample of a file in the text format: its name with its labels, and its value. */
export type PrometheusSamples = ReadonlyMap<string, number>;

const COMMENT = /^# (?:HELP ([a-z_]+) \S.*|TYPE ([a-z_]+) (counter|gauge|histogram)|(?!HELP|TYPE).*)$/;
const SAMPLE =
  /^([a-z_]+)(\{[a-z]+="(?:[^"\\\n]|\\["\\n])*"(?:,[a-z]+="(?:[^"\\\n]|\\["\\n])*")*\})? (\d+(?:\.\d+)?)$/;

/**
 * Reads a file as strictly as no reader does: every line is a comment or a sample, every sample stands below the HELP and TYPE of its
 * family, none stands there twice, buckets grow, and counts are whole.
 *
 * @throws Error with the line that is at fault
 */
export function readPrometheusText(text: string): PrometheusSamples {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const samples = new Map<string, number>();
  const described = new Set<string>();
  let family: { readonly name: string; readonly type: string } | undefined;
  let bucket = 0;
  for (const line of text.slice(0, -1).split('\n')) {
    const comment = COMMENT.exec(line);
    if (comment !== null) {
      const [, help, name, type] = comment;
      if (help !== undefined) described.add(help);
      if (name === undefined || type === undefined) continue;
      if (!described.has(name) || family?.name === name)
        throw new Error(`TYPE where it may not stand: ${line}`);
      family = { name, type };
      bucket = 0;
      continue;
    }
    const [, name = '', labels = '', number = ''] = SAMPLE.exec(line) ?? [];
    const value = Number(number);
    const suffix = family === undefined ? undefined : name.slice(family.name.length);
    const suffixes = family?.type === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
    if (family === undefined || !name.startsWith(family.name) || !suffixes.includes(suffix ?? ' ')) {
      throw new Error(`not a sample of its family: ${line}`);
    }
    if (samples.has(`${name}${labels}`)) throw new Error(`twice: ${line}`);
    if (suffix !== '_sum' && !Number.isInteger(value)) throw new Error(`not a whole number: ${line}`);
    if (suffix === '_bucket' && value < bucket) throw new Error(`a bucket that shrinks: ${line}`);
    if (suffix === '_bucket') bucket = value;
    if (suffix === '_count' && value !== bucket) throw new Error(`not what the last bucket has: ${line}`);
    samples.set(`${name}${labels}`, value);
  }
  return samples;
}

/** What the samples of a family are together. */
export function totalOf(samples: PrometheusSamples, family: string): number {
  return [...samples].reduce((sum, [name, value]) => sum + (name.startsWith(`${family}{`) ? value : 0), 0);
}
