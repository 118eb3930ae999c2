import { quoted } from '../../printable.js';
import { member, textOf } from '../json-view.js';
import type { LintTopic } from '../lint-topic.js';

/** Limits that contradict each other or the kernel (config-linux.md, "Control groups"). */
export const lintResources: LintTopic = (spec, report) => {
  const resources = member(member(spec, 'linux'), 'resources');
  const path = ['linux', 'resources'];
  const [limit, swap, swappiness] = ['limit', 'swap', 'swappiness'].map((name) =>
    member(member(resources, 'memory'), name),
  );
  if (typeof swappiness === 'number' && swappiness > 100) {
    report('LINT_SWAPPINESS', [...path, 'memory', 'swappiness'], `${swappiness} is not in 0 to 100`);
  }
  // 0 and -1 mean no limit.
  if (typeof limit === 'number' && typeof swap === 'number' && swap > 0 && swap < limit) {
    const message = `memory and swap together are limited to ${swap}, memory alone to ${limit}`;
    report('LINT_SWAP_BELOW_LIMIT', [...path, 'memory', 'swap'], message);
  }
  for (const name of ['cpus', 'mems'] as const) {
    const list = textOf(member(member(resources, 'cpu'), name)) ?? '';
    if (!/^[\d,\-\s:/]*$/.test(list)) {
      report('LINT_CPU_LIST', [...path, 'cpu', name], `${quoted(list)} is not a list of numbers and ranges`);
    }
  }
};
