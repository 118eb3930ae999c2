import { quoted } from '../../printable.js';
import { member, objectOf, textOf, textsOf } from '../json-view.js';
import type { LintTopic } from '../lint-topic.js';
import { lintOneOf } from '../one-of-lint.js';

// sched(7), sched_setattr(2), set_mempolicy(2); ISO is a name that the kernel keeps.
const POLICIES = named('SCHED_', ['OTHER', 'FIFO', 'RR', 'BATCH', 'ISO', 'IDLE', 'DEADLINE']);
const FLAGS = named('SCHED_FLAG_', [
  ...['RESET_ON_FORK', 'RECLAIM', 'DL_OVERRUN', 'KEEP_POLICY', 'KEEP_PARAMS'],
  ...['UTIL_CLAMP_MIN', 'UTIL_CLAMP_MAX'],
]);
const MEMORY_MODES = named('MPOL_', [
  ...['DEFAULT', 'BIND', 'INTERLEAVE', 'WEIGHTED_INTERLEAVE', 'PREFERRED', 'PREFERRED_MANY', 'LOCAL'],
]);

/** Where and when the process runs (config.md, "scheduler" and "execCPUAffinity"; config-linux.md, "Memory policy"). */
export const lintScheduler: LintTopic = (spec, report) => {
  const process = member(spec, 'process');
  const scheduler = member(process, 'scheduler');
  const path = ['process', 'scheduler'];
  lintOneOf(scheduler, 'policy', POLICIES, (message) =>
    report('LINT_SCHEDULER_POLICY', [...path, 'policy'], message),
  );
  const policy = textOf(member(scheduler, 'policy')) ?? '';
  const nice = member(scheduler, 'nice');
  if (typeof nice === 'number' && (nice < -20 || nice > 19)) {
    report('LINT_SCHEDULER_NICE', [...path, 'nice'], `${nice} is not in -20 to 19`);
  }
  // 0 is what Go makes of a member that is not there.
  const priority = member(scheduler, 'priority') ?? 0;
  const isStatic = policy === 'SCHED_FIFO' || policy === 'SCHED_RR';
  if (
    POLICIES.has(policy) &&
    typeof priority === 'number' &&
    isStatic !== (priority >= 1 && priority <= 99)
  ) {
    const wanted = isStatic ? 'wants a priority in 1 to 99' : 'takes no priority';
    report('LINT_SCHEDULER_PRIORITY', [...path, 'priority'], `${quoted(policy)} ${wanted}`);
  }
  for (const name of ['runtime', 'deadline', 'period'] as const) {
    const value = member(scheduler, name) ?? 0;
    if (value !== 0 && POLICIES.has(policy) && policy !== 'SCHED_DEADLINE') {
      report('LINT_SCHEDULER_DEADLINE', [...path, name], `${quoted(policy)} takes no ${name}`);
    }
  }
  for (const [index, flag] of textsOf(member(scheduler, 'flags'))) {
    if (!FLAGS.has(flag)) {
      report(
        'LINT_SCHEDULER_FLAG',
        [...path, 'flags', index],
        `${quoted(flag)} is not a flag of a scheduler`,
      );
    }
  }
  for (const name of ['initial', 'final'] as const) {
    const list = textOf(member(member(process, 'execCPUAffinity'), name)) ?? '';
    if (!/^[\d,\-\s]*$/.test(list)) {
      const message = `${quoted(list)} is not a list of numbers and ranges`;
      report('LINT_CPU_AFFINITY', ['process', 'execCPUAffinity', name], message);
    }
  }
  const linux = member(spec, 'linux');
  lintOneOf(member(linux, 'memoryPolicy'), 'mode', MEMORY_MODES, (message) =>
    report('LINT_MEMORY_POLICY', ['linux', 'memoryPolicy', 'mode'], message),
  );
  for (const clock of Object.keys(objectOf(member(linux, 'timeOffsets')))) {
    if (clock !== 'monotonic' && clock !== 'boottime') {
      report(
        'LINT_TIME_CLOCK',
        ['linux', 'timeOffsets', clock],
        `${quoted(clock)} is not a clock with an offset`,
      );
    }
  }
};

function named(prefix: string, names: readonly string[]): ReadonlySet<string> {
  return new Set(names.map((name) => prefix + name));
}
