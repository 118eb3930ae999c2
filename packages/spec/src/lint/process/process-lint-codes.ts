import type { LintRow } from '../lint-row.js';

/** Codes about the document, its root and its process. */
export const PROCESS_LINT_CODES = {
  LINT_VERSION_MISSING: {
    summary: 'The document does not say which version of the specification it follows.',
    hint: 'add an ociVersion such as "1.0.2"',
    spec: 'error',
    rejectedBy: ['crun'],
  },
  LINT_VERSION_FORM: {
    summary: 'The version of the specification is not of the form that Semantic Versioning gives it.',
    hint: 'write three numbers, such as "1.2.0"',
    spec: 'error',
    rejectedBy: [{ runtime: 'crun', before: '1.14.3' }],
  },
  LINT_MEMBER_MISSPELT: {
    summary:
      'A member that the specification does not have differs little from one that it has; runtimes ignore it.',
    hint: 'spell the member as the message says, or give it a name that cannot be mistaken, such as "x-mine"',
    spec: 'warn',
    rejectedBy: [],
  },
  LINT_VERSION_NEWER: {
    summary: 'crun before 1.14.3 refuses versions that it does not know: it knows 1.0 and 1.1.',
    hint: 'write "1.1.0" if the configuration uses nothing newer, or use a newer crun',
    rejectedBy: [{ runtime: 'crun', before: '1.14.3' }],
  },
  LINT_VERSION_UNKNOWN: {
    summary: 'There is no specification of this version.',
    hint: 'write the version that the configuration was made for, such as "1.2.0"',
    spec: 'warn',
    rejectedBy: [{ runtime: 'crun', before: '1.14.3' }],
  },
  LINT_ROOT_MISSING: {
    summary: 'The container has no root file system.',
    hint: 'add a root with the path of its folder',
    spec: 'error',
    rejectedBy: ['runc', 'crun', 'runsc'],
  },
  LINT_ROOT_FOR_LINUX: {
    summary:
      'The container has no root file system, as only those of Hyper-V may; runtimes on Linux want one.',
    hint: 'add a root with the path of its folder, unless the configuration is for Windows',
    rejectedBy: ['runc', 'crun', 'runsc'],
  },
  LINT_ROOT_PATH_EMPTY: {
    summary: 'The root file system has no path.',
    hint: 'give the folder, absolute or relative to the bundle',
    spec: 'error',
    rejectedBy: ['runc', 'crun', 'runsc'],
  },
  LINT_OTHER_PLATFORM: {
    summary: 'A member is there for another operating system than Linux.',
    hint: 'remove the member',
    rejectedBy: ['runsc'],
  },
  LINT_PROCESS_MISSING: {
    summary: 'There is no process to start.',
    hint: 'add a process with args and cwd',
    rejectedBy: ['runc', { runtime: 'crun', before: '1.21' }, 'runsc'],
  },
  LINT_ARGS_MISSING: {
    summary: 'The process has no arguments, and so no program.',
    hint: 'add args; the first one is the program',
    spec: 'warn',
    rejectedBy: ['runc', 'runsc'],
  },
  LINT_ARGS_EMPTY: {
    summary: 'The list of arguments is empty, and so there is no program.',
    hint: 'name the program as the first argument',
    spec: 'error',
    rejectedBy: ['runc', 'crun', 'runsc'],
  },
  LINT_ARGS_BLANK: {
    summary: 'The program to start is an empty text.',
    hint: 'name the program as the first argument',
    rejectedBy: ['runc', 'crun'],
  },
  LINT_CWD_EMPTY: {
    summary: 'The process has no working directory.',
    hint: 'give an absolute path, such as "/"',
    spec: 'error',
    rejectedBy: ['runc', 'crun'],
  },
  LINT_CWD_RELATIVE: {
    summary: 'The working directory of the process is a relative path.',
    hint: 'give an absolute path: it is resolved in the container',
    spec: 'error',
    rejectedBy: ['runc'],
  },
  LINT_ENV_FORM: {
    summary: 'An entry of the environment is not of the form `NAME=value`.',
    hint: 'write `NAME=value`, or remove the entry',
    spec: 'warn',
    rejectedBy: ['runc', 'runsc'],
  },
  LINT_ENV_NAME: {
    summary: 'An entry of the environment has no name.',
    hint: 'put a name in front of the "=", or remove the entry',
    spec: 'warn',
    rejectedBy: ['runc'],
  },
  LINT_ENV_NUL: {
    summary: 'An entry of the environment holds a NUL character, at which it would end.',
    hint: 'remove the character',
    spec: 'warn',
    rejectedBy: ['runc'],
  },
  LINT_RLIMIT_UNKNOWN: {
    summary: 'A resource limit has a type that Linux does not have.',
    hint: 'use a type of getrlimit(2), such as RLIMIT_NOFILE',
    spec: 'error',
    rejectedBy: ['runc', 'crun', 'runsc'],
  },
  LINT_RLIMIT_ORDER: {
    summary: 'A soft resource limit is above the hard one.',
    hint: 'lower the soft limit, or raise the hard one',
    rejectedBy: ['runc', 'crun'],
  },
  LINT_RLIMIT_CONFLICT: {
    summary: 'A resource is limited twice, with different values.',
    hint: 'keep one of the two',
    spec: 'error',
    rejectedBy: ['runc', 'crun'],
  },
  LINT_RLIMIT_TWICE: {
    summary: 'A resource is limited twice, with the same values.',
    hint: 'keep one of the two',
    spec: 'error',
    rejectedBy: [],
  },
  LINT_CAPABILITIES_LIST: {
    summary:
      'The capabilities are a list, as they were before version 1.0: crun takes it and gives none of them.',
    hint: 'write an object with the lists bounding, effective, permitted, inheritable and ambient',
    spec: 'error',
    rejectedBy: ['runc', 'runsc'],
  },
  LINT_CAPABILITY_UNKNOWN: {
    summary: 'A capability is none that Linux has; most runtimes leave it out without a word.',
    hint: 'use a name of capabilities(7), in capitals and with CAP_',
    spec: 'warn',
    rejectedBy: ['runsc'],
  },
  LINT_CAPABILITY_EFFECTIVE: {
    summary: 'A capability is effective but not permitted, which the kernel refuses.',
    hint: 'add it to the permitted set, or take it out of the effective one',
    rejectedBy: ['runc', 'crun'],
  },
  LINT_CAPABILITY_AMBIENT: {
    summary: 'A capability is ambient, but not both permitted and inheritable: it has no effect.',
    hint: 'add it to both sets, or take it out of the ambient one',
    rejectedBy: [],
  },
  LINT_CAPABILITY_INHERITABLE: {
    summary: 'A capability is inheritable but not in the bounding set, which the kernel refuses.',
    hint: 'add it to the bounding set, or take it out of the inheritable one',
    rejectedBy: ['runc', 'crun'],
  },
  LINT_CONSOLE_SIZE: {
    summary: 'The size of a console is given for a process without a terminal.',
    hint: 'remove consoleSize, or set terminal',
    rejectedBy: [],
  },
  LINT_IO_PRIORITY: {
    summary: 'An I/O priority is not in 0 to 7.',
    hint: 'use a level in 0 (highest) to 7',
    spec: 'error',
    rejectedBy: [
      { runtime: 'runc', since: '1.2' },
      { runtime: 'crun', since: '1.8.6' },
    ],
  },
  LINT_IO_PRIORITY_CLASS: {
    summary: 'An I/O priority has no class that Linux has.',
    hint: 'use IOPRIO_CLASS_RT, IOPRIO_CLASS_BE or IOPRIO_CLASS_IDLE',
    spec: 'error',
    rejectedBy: [
      { runtime: 'runc', since: '1.2' },
      { runtime: 'crun', since: '1.8.6' },
    ],
  },
  LINT_SCHEDULER_POLICY: {
    summary: 'A scheduler has no policy that Linux has.',
    hint: 'use a policy of sched(7), such as SCHED_BATCH',
    spec: 'error',
    rejectedBy: [
      { runtime: 'runc', since: '1.2' },
      { runtime: 'crun', since: '1.8.5' },
    ],
  },
  LINT_SCHEDULER_NICE: {
    summary: 'A nice value is not in -20 to 19.',
    hint: 'use a number in that range',
    spec: 'error',
    rejectedBy: [{ runtime: 'runc', since: '1.2' }],
  },
  LINT_SCHEDULER_PRIORITY: {
    summary: 'A static priority does not fit the policy: SCHED_FIFO and SCHED_RR want one, all others none.',
    hint: 'give a priority in 1 to 99 for these two, and none otherwise',
    rejectedBy: [
      { runtime: 'runc', since: '1.2' },
      { runtime: 'crun', since: '1.8.5' },
    ],
  },
  LINT_SCHEDULER_DEADLINE: {
    summary: 'Runtime, deadline or period are given for a policy other than SCHED_DEADLINE.',
    hint: 'remove them, or use SCHED_DEADLINE',
    rejectedBy: [{ runtime: 'runc', since: '1.2' }],
  },
  LINT_SCHEDULER_FLAG: {
    summary: 'A flag of the scheduler is none that Linux has.',
    hint: 'use a flag of sched_setattr(2), such as SCHED_FLAG_RESET_ON_FORK',
    spec: 'error',
    rejectedBy: [
      { runtime: 'runc', since: '1.2' },
      { runtime: 'crun', since: '1.8.5' },
    ],
  },
  LINT_CPU_AFFINITY: {
    summary: 'The CPUs for a process that exec adds are not a list of numbers and ranges.',
    hint: 'write numbers and ranges, such as "0-3,8"',
    spec: 'error',
    rejectedBy: [{ runtime: 'runc', since: '1.3' }],
  },
  LINT_OOM_SCORE_ADJ: {
    summary: 'The adjustment for the out-of-memory killer is not in -1000 to 1000.',
    hint: 'use a number in that range',
    rejectedBy: ['runc', 'crun'],
  },
  LINT_SELINUX_LABEL: {
    summary: 'The process has an SELinux label, which gVisor refuses.',
    hint: 'remove the label for containers of gVisor',
    rejectedBy: ['runsc'],
  },
} as const satisfies Readonly<Record<string, LintRow>>;
