import type { LintRow } from './lint-row.js';

/** Codes about the document, its root and its process. */
export const PROCESS_LINT_CODES = {
  LINT_VERSION_MISSING: {
    summary: 'The document does not say which version of the specification it follows.',
    hint: 'add an ociVersion such as "1.0.2"',
    rejectedBy: ['crun'],
  },
  LINT_VERSION_FORM: {
    summary: 'The version of the specification is not of the form that Semantic Versioning gives it.',
    hint: 'write three numbers, such as "1.2.0"',
    rejectedBy: ['crun'],
  },
  LINT_VERSION_UNKNOWN: {
    summary: 'There is no specification of this version.',
    hint: 'write the version that the configuration was made for, such as "1.2.0"',
    rejectedBy: ['crun'],
  },
  LINT_ROOT_MISSING: {
    summary: 'The container has no root file system.',
    hint: 'add a root with the path of its folder',
    rejectedBy: ['runc', 'crun', 'runsc'],
  },
  LINT_ROOT_PATH_EMPTY: {
    summary: 'The root file system has no path.',
    hint: 'give the folder, absolute or relative to the bundle',
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
    rejectedBy: ['runc', 'crun', 'runsc'],
  },
  LINT_ARGS_MISSING: {
    summary: 'The process has no arguments, and so no program.',
    hint: 'add args; the first one is the program',
    rejectedBy: ['runc', 'runsc'],
  },
  LINT_ARGS_EMPTY: {
    summary: 'The list of arguments is empty, and so there is no program.',
    hint: 'name the program as the first argument',
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
    rejectedBy: ['runc', 'crun'],
  },
  LINT_CWD_RELATIVE: {
    summary: 'The working directory of the process is a relative path.',
    hint: 'give an absolute path: it is resolved in the container',
    rejectedBy: ['runc'],
  },
  LINT_ENV_FORM: {
    summary: 'An entry of the environment is not of the form `NAME=value`.',
    hint: 'write `NAME=value`, or remove the entry',
    rejectedBy: ['runc', 'runsc'],
  },
  LINT_ENV_NAME: {
    summary: 'An entry of the environment has no name.',
    hint: 'put a name in front of the "=", or remove the entry',
    rejectedBy: ['runc'],
  },
  LINT_ENV_NUL: {
    summary: 'An entry of the environment holds a NUL character, at which it would end.',
    hint: 'remove the character',
    rejectedBy: ['runc'],
  },
  LINT_RLIMIT_UNKNOWN: {
    summary: 'A resource limit has a type that Linux does not have.',
    hint: 'use a type of getrlimit(2), such as RLIMIT_NOFILE',
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
    rejectedBy: ['runc', 'crun'],
  },
  LINT_RLIMIT_TWICE: {
    summary: 'A resource is limited twice, with the same values.',
    hint: 'keep one of the two',
    rejectedBy: [],
  },
  LINT_CAPABILITY_UNKNOWN: {
    summary: 'A capability is none that Linux has; most runtimes leave it out without a word.',
    hint: 'use a name of capabilities(7), in capitals and with CAP_',
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
  LINT_CONSOLE_SIZE: {
    summary: 'The size of a console is given for a process without a terminal.',
    hint: 'remove consoleSize, or set terminal',
    rejectedBy: [],
  },
  LINT_IO_PRIORITY: {
    summary: 'An I/O priority is not in 0 to 7.',
    hint: 'use a level in 0 (highest) to 7',
    rejectedBy: ['runc'],
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
