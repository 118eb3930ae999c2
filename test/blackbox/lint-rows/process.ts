import { add, type LintRow, remove, replace } from './row.js';

/** Documents, roots and processes. */
export const PROCESS_ROWS: readonly LintRow[] = [
  { name: 'the container that all others are made from', verdicts: '---', patch: [] },
  { code: 'LINT_ROOT_MISSING', name: 'no root', verdicts: 'rcs', patch: [remove('/root')] },
  {
    code: 'LINT_ROOT_PATH_EMPTY',
    name: 'a root without a path',
    verdicts: 'rcs',
    patch: [replace('/root/path', '')],
  },
  { code: 'LINT_VERSION_MISSING', name: 'no version', verdicts: '-c-', patch: [remove('/ociVersion')] },
  {
    code: 'LINT_VERSION_FORM',
    name: 'a version that is none',
    verdicts: '-c-',
    patch: [replace('/ociVersion', 'zzz')],
  },
  {
    code: 'LINT_VERSION_FORM',
    name: 'a version of two numbers',
    verdicts: '-c-',
    patch: [replace('/ociVersion', '1.2')],
  },
  {
    code: 'LINT_VERSION_UNKNOWN',
    name: 'a version that nobody has written',
    verdicts: '-c-',
    patch: [replace('/ociVersion', '2.0.0')],
  },
  {
    name: 'a version that is newer than the runtimes',
    verdicts: '-c-',
    patch: [replace('/ociVersion', '1.2.0')],
    differs: {
      crun: 'crun 1.8 knows 1.0 and 1.1 only; later releases start containers of containerd 2, which writes 1.2',
    },
  },
  { name: 'a version before a release', verdicts: '---', patch: [replace('/ociVersion', '1.0.2-dev')] },
  {
    code: 'LINT_OTHER_PLATFORM',
    name: 'something for Solaris',
    verdicts: '--s',
    patch: [add('/solaris', {})],
  },
  { code: 'LINT_PROCESS_MISSING', name: 'no process', verdicts: 'rcs', patch: [remove('/process')] },
  { code: 'LINT_ARGS_MISSING', name: 'no arguments', verdicts: 'r-s', patch: [remove('/process/args')] },
  {
    code: 'LINT_ARGS_EMPTY',
    name: 'an empty list of arguments',
    verdicts: 'rcs',
    patch: [replace('/process/args', [])],
  },
  {
    code: 'LINT_ARGS_BLANK',
    name: 'an empty program',
    verdicts: 'rc-',
    patch: [replace('/process/args', [''])],
  },
  { code: 'LINT_CWD_EMPTY', name: 'no working directory', verdicts: 'rc-', patch: [remove('/process/cwd')] },
  {
    code: 'LINT_CWD_EMPTY',
    name: 'an empty working directory',
    verdicts: 'rc-',
    patch: [replace('/process/cwd', '')],
  },
  {
    code: 'LINT_CWD_RELATIVE',
    name: 'a relative working directory',
    verdicts: 'r--',
    patch: [replace('/process/cwd', 'tmp')],
  },
  {
    code: 'LINT_ENV_FORM',
    name: 'a variable without a value',
    verdicts: 'r-s',
    patch: [add('/process/env/-', 'NAME')],
  },
  {
    code: 'LINT_ENV_NAME',
    name: 'a variable without a name',
    verdicts: 'r--',
    patch: [add('/process/env/-', '=value')],
  },
  {
    code: 'LINT_ENV_NUL',
    name: 'a variable with a NUL',
    verdicts: 'r--',
    patch: [add('/process/env/-', 'A=b\u0000c')],
  },
  {
    code: 'LINT_RLIMIT_CONFLICT',
    name: 'two different limits of one resource',
    verdicts: 'rc-',
    patch: [
      add('/process/rlimits', [
        { type: 'RLIMIT_NOFILE', soft: 64, hard: 64 },
        { type: 'RLIMIT_NOFILE', soft: 128, hard: 128 },
      ]),
    ],
  },
  {
    code: 'LINT_RLIMIT_TWICE',
    name: 'one limit twice',
    verdicts: '---',
    patch: [
      add('/process/rlimits', [
        { type: 'RLIMIT_NOFILE', soft: 64, hard: 64 },
        { type: 'RLIMIT_NOFILE', soft: 64, hard: 64 },
      ]),
    ],
  },
  {
    code: 'LINT_RLIMIT_UNKNOWN',
    name: 'a limit that Linux does not have',
    verdicts: 'rcs',
    patch: [add('/process/rlimits', [{ type: 'RLIMIT_FOO', soft: 1, hard: 1 }])],
  },
  {
    code: 'LINT_RLIMIT_ORDER',
    name: 'a soft limit above the hard one',
    verdicts: 'rc-',
    patch: [add('/process/rlimits', [{ type: 'RLIMIT_CORE', soft: 2, hard: 1 }])],
  },
  {
    code: 'LINT_CAPABILITY_UNKNOWN',
    name: 'a capability that Linux does not have',
    verdicts: '--s',
    patch: [add('/process/capabilities', { bounding: ['CAP_FOO'] })],
  },
  {
    code: 'LINT_CAPABILITY_UNKNOWN',
    name: 'a capability in small letters',
    verdicts: '--s',
    patch: [add('/process/capabilities', { bounding: ['cap_chown'] })],
  },
  {
    code: 'LINT_CAPABILITY_EFFECTIVE',
    name: 'effective, not permitted',
    verdicts: 'rc-',
    patch: [
      add('/process/capabilities', { bounding: ['CAP_CHOWN'], effective: ['CAP_CHOWN'], permitted: [] }),
    ],
  },
  {
    code: 'LINT_CAPABILITY_AMBIENT',
    name: 'ambient, not inheritable',
    verdicts: '---',
    patch: [
      add('/process/capabilities', {
        bounding: ['CAP_CHOWN'],
        permitted: ['CAP_CHOWN'],
        ambient: ['CAP_CHOWN'],
      }),
    ],
  },
  {
    code: 'LINT_CONSOLE_SIZE',
    name: 'a console without a terminal',
    verdicts: '---',
    patch: [add('/process/consoleSize', { height: 10, width: 10 })],
  },
  {
    code: 'LINT_IO_PRIORITY',
    name: 'an I/O priority of 9',
    verdicts: '---',
    patch: [add('/process/ioPriority', { class: 'IOPRIO_CLASS_BE', priority: 9 })],
    differs: { runc: 'runc 1.1 does not know ioPriority; 1.2 and later refuse it' },
  },
  {
    code: 'LINT_OOM_SCORE_ADJ',
    name: 'an adjustment of 2000',
    verdicts: 'rc-',
    patch: [add('/process/oomScoreAdj', 2000)],
  },
  {
    code: 'LINT_SELINUX_LABEL',
    name: 'an SELinux label; runc and crun ask the machine',
    verdicts: '??s',
    patch: [add('/process/selinuxLabel', 'system_u:system_r:container_t:s0')],
  },
];
