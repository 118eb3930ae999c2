// What is told of many rounds of one measurement.

/** The value below which that share of the values lies. */
export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

export const median = (values) => quantile(values, 0.5);

/** The median, and the quarters around it. */
export const spreadOf = (values) => ({
  low: quantile(values, 0.25),
  median: median(values),
  high: quantile(values, 0.75),
});

/** The median over the rounds of the ratio within one round: what the machine does meets both sides of it. */
export const ratioOf = (values, base) => median(values.map((value, round) => value / base[round]));

/**
 * Calls each case once a round, in turn, so that the machine's noise meets all alike; every other round goes backwards, so
 * that none is always the one behind a certain other. What comes before the first round warms up. Gives each case's
 * results, by round.
 */
export async function interleave(cases, rounds, warmUp = 3) {
  const forward = Object.entries(cases);
  const backward = forward.toReversed();
  const results = Object.fromEntries(forward.map(([name]) => [name, []]));
  for (let round = -warmUp; round < rounds; round++) {
    for (const [name, once] of round % 2 === 0 ? forward : backward) {
      const result = await once();
      if (round >= 0) results[name].push(result);
    }
  }
  return results;
}
