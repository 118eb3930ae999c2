import { controlFamilies } from './control-families.js';
import { families } from './families.js';
import { StepCounter } from './step-counter.js';

// In a process of its own, since built-in functions are not what they were: prints what each family that is named ends with,
// and takes, at 1, 2 and 4 times its size.
const counter = new StepCounter(import.meta.url);
const all = { ...families, ...controlFamilies };
const rows = process.argv.slice(2).flatMap((name) => {
  const family = all[name];
  if (family === undefined) return [];
  const { size, work } = family;
  // Once before: what is made for good at the first use is not of this size.
  work(1)();
  const ends: unknown[] = [];
  const counts = [1, 2, 4].map((times) => {
    const run = work(size * times);
    return Object.fromEntries(counter.count(() => ends.push(run() ?? null)));
  });
  return [{ name, ends, counts }];
});
process.stdout.write(JSON.stringify(rows));
