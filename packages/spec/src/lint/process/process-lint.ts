import { quoted } from '../../printable.js';
import { elementsOf, isAbsent, member, textOf, textsOf, type UncheckedObject } from '../json-view.js';
import type { LintTopic, Report } from '../lint-topic.js';
import { lintOneOf } from '../one-of-lint.js';
import { isAbsolutePath } from '../platform.js';

/** The resources of getrlimit(2) that Linux has. */
const RLIMITS = new Set(
  [
    ...['AS', 'CORE', 'CPU', 'DATA', 'FSIZE', 'LOCKS', 'MEMLOCK', 'MSGQUEUE'],
    ...['NICE', 'NOFILE', 'NPROC', 'RSS', 'RTPRIO', 'RTTIME', 'SIGPENDING', 'STACK'],
  ].map((name) => `RLIMIT_${name}`),
);

/** ioprio_set(2). */
const IO_CLASSES = new Set(['RT', 'BE', 'IDLE'].map((name) => `IOPRIO_CLASS_${name}`));

/** The process (config.md, "Process"). */
export const lintProcess: LintTopic = (spec, report, source) => {
  const process = member(spec, 'process');
  if (isAbsent(process)) {
    // The specification lets a bundle go without one until it is started; no runtime creates it.
    report('LINT_PROCESS_MISSING', ['process'], '"/process" is missing');
    return;
  }
  lintArgs(process, report);
  lintCwd(process, spec, report);
  lintEnv(process, report);
  lintRlimits(process, report, source);

  const isTerminal = member(process, 'terminal') === true;
  if (!isTerminal && !isAbsent(member(process, 'consoleSize'))) {
    const path = ['process', 'consoleSize'];
    report('LINT_CONSOLE_SIZE', path, '"/process/consoleSize" has no effect without a terminal');
  }
  lintOneOf(member(process, 'ioPriority'), 'class', IO_CLASSES, (message) =>
    report('LINT_IO_PRIORITY_CLASS', ['process', 'ioPriority', 'class'], message),
  );
  const priority = member(member(process, 'ioPriority'), 'priority');
  if (typeof priority === 'number' && (priority < 0 || priority > 7)) {
    report('LINT_IO_PRIORITY', ['process', 'ioPriority', 'priority'], `${priority} is not in 0 to 7`);
  }
  const oomScoreAdj = member(process, 'oomScoreAdj');
  if (typeof oomScoreAdj === 'number' && Math.abs(oomScoreAdj) > 1000) {
    report('LINT_OOM_SCORE_ADJ', ['process', 'oomScoreAdj'], `${oomScoreAdj} is not in -1000 to 1000`);
  }
  if ((textOf(member(process, 'selinuxLabel')) ?? '') !== '') {
    report('LINT_SELINUX_LABEL', ['process', 'selinuxLabel'], 'gVisor has no SELinux');
  }
};

function lintArgs(process: unknown, report: Report): void {
  const args = member(process, 'args');
  const path = ['process', 'args'];
  // On Windows a command line can stand in its place.
  if (isAbsent(args) && isAbsent(member(process, 'commandLine'))) {
    report('LINT_ARGS_MISSING', path, '"/process/args" is missing');
  } else if (Array.isArray(args) && args.length === 0) {
    report('LINT_ARGS_EMPTY', path, '"/process/args" names no program');
  } else if (elementsOf(args)[0] === '') {
    report('LINT_ARGS_BLANK', [...path, 0], 'the program to start is ""');
  }
}

function lintCwd(process: unknown, spec: UncheckedObject, report: Report): void {
  const cwd = member(process, 'cwd');
  if (isAbsent(cwd) || cwd === '') {
    report('LINT_CWD_EMPTY', ['process', 'cwd'], '"/process/cwd" names no folder');
  } else if (typeof cwd === 'string' && !isAbsolutePath(cwd, spec)) {
    report('LINT_CWD_RELATIVE', ['process', 'cwd'], `${quoted(cwd)} is not an absolute path`);
  }
}

function lintEnv(process: unknown, report: Report): void {
  for (const [index, entry] of textsOf(member(process, 'env'))) {
    const path = ['process', 'env', index];
    if (!entry.includes('=')) {
      report('LINT_ENV_FORM', path, `${quoted(entry)} is not of the form NAME=value`);
    } else if (entry.startsWith('=')) {
      report('LINT_ENV_NAME', path, `${quoted(entry)} has no name`);
    }
    if (entry.includes('\0')) {
      report('LINT_ENV_NUL', path, `${quoted(entry)} holds a NUL, where it would end`);
    }
  }
}

function lintRlimits(
  process: unknown,
  report: Report,
  source: (pointer: string) => string | undefined,
): void {
  const seen = new Map<string, string>();
  for (const [index, rlimit] of elementsOf(member(process, 'rlimits')).entries()) {
    const type = textOf(member(rlimit, 'type'));
    if (type === undefined) continue;
    const path = ['process', 'rlimits', index];
    if (!RLIMITS.has(type)) {
      report('LINT_RLIMIT_UNKNOWN', [...path, 'type'], `${quoted(type)} is not a resource that Linux limits`);
    }
    const [soft, hard] = ['soft', 'hard'].map((name) => source(`/process/rlimits/${index}/${name}`));
    if (isAbove(soft, hard)) {
      report('LINT_RLIMIT_ORDER', [...path, 'soft'], `the soft limit ${soft} is above the hard one, ${hard}`);
    }
    const limits = `${soft} ${hard}`;
    const before = seen.get(type);
    if (before !== undefined) {
      const code = before === limits ? 'LINT_RLIMIT_TWICE' : 'LINT_RLIMIT_CONFLICT';
      report(code, [...path, 'type'], `${quoted(type)} is limited more than once`);
    }
    seen.set(type, limits);
  }
}

/** Compares as integers of any length: RLIM_INFINITY is beyond what a number holds. */
function isAbove(one: string | undefined, other: string | undefined): boolean {
  const plain = /^\d+$/;
  return one !== undefined && other !== undefined && plain.test(one) && plain.test(other)
    ? BigInt(one) > BigInt(other)
    : false;
}
