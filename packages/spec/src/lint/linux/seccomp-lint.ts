import { quoted } from '../../printable.js';
import { elementsOf, isAbsent, member, textOf, textsOf } from '../json-view.js';
import type { LintTopic, Report } from '../lint-topic.js';

// libseccomp's names, seccomp_rule_add(3) and seccomp_arch_add(3).
const ACTIONS = new Set(
  ['KILL', 'KILL_PROCESS', 'KILL_THREAD', 'TRAP', 'ERRNO', 'TRACE', 'ALLOW', 'LOG', 'NOTIFY'].map(
    (name) => `SCMP_ACT_${name}`,
  ),
);
const OPERATORS = new Set(
  ['NE', 'LT', 'LE', 'EQ', 'GE', 'GT', 'MASKED_EQ'].map((name) => `SCMP_CMP_${name}`),
);
const ARCHITECTURES = new Set(
  [
    ...['X86', 'X86_64', 'X32', 'ARM', 'AARCH64', 'LOONGARCH64', 'M68K', 'MIPS', 'MIPS64', 'MIPS64N32'],
    ...['MIPSEL', 'MIPSEL64', 'MIPSEL64N32', 'PPC', 'PPC64', 'PPC64LE', 'S390', 'S390X', 'SH', 'SHEB'],
    ...['PARISC', 'PARISC64', 'RISCV64'],
  ].map((name) => `SCMP_ARCH_${name}`),
);
const FLAGS = new Set(
  ['TSYNC', 'LOG', 'SPEC_ALLOW', 'NEW_LISTENER', 'TSYNC_ESRCH', 'WAIT_KILLABLE_RECV'].map(
    (name) => `SECCOMP_FILTER_FLAG_${name}`,
  ),
);
/** A call has six arguments at most (syscall(2)). */
const LAST_ARGUMENT = 5;

/** Seccomp (config-linux.md, "Seccomp"). gVisor filters only where it is told to (`--oci-seccomp`). */
export const lintSeccomp: LintTopic = (spec, report) => {
  const seccomp = member(member(spec, 'linux'), 'seccomp');
  if (isAbsent(seccomp)) return;
  const path = ['linux', 'seccomp'];
  const defaultAction = member(seccomp, 'defaultAction');
  if (isAbsent(defaultAction)) {
    const code =
      elementsOf(member(seccomp, 'syscalls')).length > 0
        ? 'LINT_SECCOMP_RULES_DEFAULT'
        : 'LINT_SECCOMP_DEFAULT';
    report(code, [...path, 'defaultAction'], '"/linux/seccomp/defaultAction" is missing');
  }
  lintAction(defaultAction, [...path, 'defaultAction'], report);
  lintErrno(member(seccomp, 'defaultErrnoRet'), defaultAction, [...path, 'defaultErrnoRet'], report);
  for (const [index, name] of textsOf(member(seccomp, 'architectures'))) {
    if (!ARCHITECTURES.has(name)) {
      report(
        'LINT_SECCOMP_ARCH',
        [...path, 'architectures', index],
        `${quoted(name)} is not an architecture`,
      );
    }
  }
  for (const [index, name] of textsOf(member(seccomp, 'flags'))) {
    if (!FLAGS.has(name)) {
      report('LINT_SECCOMP_FLAG', [...path, 'flags', index], `${quoted(name)} is not a flag of seccomp(2)`);
    }
  }
  const rules = elementsOf(member(seccomp, 'syscalls'));
  for (const [index, rule] of rules.entries()) {
    lintRule(rule, [...path, 'syscalls', index], report);
  }
  const isNotified = rules.some((rule) => member(rule, 'action') === 'SCMP_ACT_NOTIFY');
  if (isNotified && (textOf(member(seccomp, 'listenerPath')) ?? '') === '') {
    const message = 'SCMP_ACT_NOTIFY without a listenerPath: nobody would answer';
    report('LINT_SECCOMP_LISTENER', [...path, 'listenerPath'], message);
  }
};

type Path = readonly (string | number)[];

function lintRule(rule: unknown, path: Path, report: Report): void {
  const names = member(rule, 'names');
  const action = member(rule, 'action');
  if (isAbsent(names)) {
    report('LINT_SECCOMP_NAMES_MISSING', [...path, 'names'], 'the rule has no list of system calls');
  } else if (elementsOf(names).length === 0) {
    report('LINT_SECCOMP_NAMES', [...path, 'names'], 'the rule names no system call');
  }
  for (const [index, name] of textsOf(names)) {
    const place = [...path, 'names', index];
    if (name === '') {
      report('LINT_SECCOMP_NAME_EMPTY', place, 'the name of a system call is empty');
    } else if (!/^[a-z_][\da-z_]*$/i.test(name)) {
      report('LINT_SECCOMP_NAME', place, `${quoted(name)} is not the name of a system call`);
    } else if (name === 'write' && action === 'SCMP_ACT_NOTIFY') {
      report('LINT_SECCOMP_NOTIFY_WRITE', place, 'the runtime itself writes after the filter is loaded');
    }
  }
  if (isAbsent(action)) {
    report('LINT_SECCOMP_ACTION', [...path, 'action'], 'the rule has no action');
  }
  lintAction(action, [...path, 'action'], report);
  lintErrno(member(rule, 'errnoRet'), action, [...path, 'errnoRet'], report);
  for (const [index, condition] of elementsOf(member(rule, 'args')).entries()) {
    const place = [...path, 'args', index];
    const operator = textOf(member(condition, 'op'));
    if (isAbsent(member(condition, 'op'))) {
      report('LINT_SECCOMP_OPERATOR', [...place, 'op'], 'the condition does not say how it compares');
    }
    if (operator !== undefined && !OPERATORS.has(operator)) {
      report('LINT_SECCOMP_OPERATOR', [...place, 'op'], `${quoted(operator)} is not a comparison`);
    }
    const argument = member(condition, 'index');
    if (typeof argument === 'number' && argument > LAST_ARGUMENT) {
      report('LINT_SECCOMP_ARGUMENT', [...place, 'index'], `no system call has an argument ${argument}`);
    }
  }
}

function lintAction(action: unknown, path: Path, report: Report): void {
  if (typeof action === 'string' && !ACTIONS.has(action)) {
    report('LINT_SECCOMP_ACTION', path, `${quoted(action)} is not an action`);
  }
}

/** Only two actions return one (config-linux.md, "Seccomp", `defaultErrnoRet` and `errnoRet`). */
function lintErrno(errno: unknown, action: unknown, path: Path, report: Report): void {
  const returnsOne = action === 'SCMP_ACT_ERRNO' || action === 'SCMP_ACT_TRACE';
  if (!isAbsent(errno) && typeof action === 'string' && !returnsOne) {
    report('LINT_SECCOMP_ERRNO', path, `${quoted(action)} returns no errno`);
  }
}
