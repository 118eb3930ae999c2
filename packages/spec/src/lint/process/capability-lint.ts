import { quoted } from '../../printable.js';
import { member, textsOf } from '../json-view.js';
import type { LintTopic } from '../lint-topic.js';

/** capabilities(7), up to Linux 5.9, which added the latest. */
const CAPABILITIES = new Set(
  [
    ...['AUDIT_CONTROL', 'AUDIT_READ', 'AUDIT_WRITE', 'BLOCK_SUSPEND', 'BPF', 'CHECKPOINT_RESTORE'],
    ...['CHOWN', 'DAC_OVERRIDE', 'DAC_READ_SEARCH', 'FOWNER', 'FSETID', 'IPC_LOCK', 'IPC_OWNER', 'KILL'],
    ...['LEASE', 'LINUX_IMMUTABLE', 'MAC_ADMIN', 'MAC_OVERRIDE', 'MKNOD', 'NET_ADMIN', 'NET_BIND_SERVICE'],
    ...['NET_BROADCAST', 'NET_RAW', 'PERFMON', 'SETFCAP', 'SETGID', 'SETPCAP', 'SETUID', 'SYSLOG'],
    ...['SYS_ADMIN', 'SYS_BOOT', 'SYS_CHROOT', 'SYS_MODULE', 'SYS_NICE', 'SYS_PACCT', 'SYS_PTRACE'],
    ...['SYS_RAWIO', 'SYS_RESOURCE', 'SYS_TIME', 'SYS_TTY_CONFIG', 'WAKE_ALARM'],
  ].map((name) => `CAP_${name}`),
);

const SETS = ['bounding', 'effective', 'permitted', 'inheritable', 'ambient'] as const;

/** The capability sets of the process (config.md, "Linux Process"). */
export const lintCapabilities: LintTopic = (spec, report) => {
  const capabilities = member(member(spec, 'process'), 'capabilities');
  const path = ['process', 'capabilities'];
  if (Array.isArray(capabilities)) {
    report('LINT_CAPABILITIES_LIST', path, '"/process/capabilities" is a list, not an object of five lists');
    return;
  }
  for (const set of SETS) {
    for (const [index, name] of textsOf(member(capabilities, set))) {
      if (!CAPABILITIES.has(name)) {
        const message = `${quoted(name)} is not a capability of Linux`;
        report('LINT_CAPABILITY_UNKNOWN', [...path, set, index], message);
      }
    }
  }
  const namesIn = (set: string) => textsOf(member(capabilities, set));
  const permitted = new Set(namesIn('permitted').map(([, name]) => name));
  const inheritable = new Set(namesIn('inheritable').map(([, name]) => name));
  for (const [index, name] of namesIn('effective')) {
    // An unknown one is left out by the runtime.
    if (CAPABILITIES.has(name) && !permitted.has(name)) {
      const message = `${quoted(name)} is effective but not permitted, which the kernel refuses`;
      report('LINT_CAPABILITY_EFFECTIVE', [...path, 'effective', index], message);
    }
  }
  const bounding = new Set(namesIn('bounding').map(([, name]) => name));
  for (const [index, name] of namesIn('inheritable')) {
    if (CAPABILITIES.has(name) && !bounding.has(name)) {
      const message = `${quoted(name)} is inheritable but not in the bounding set, which the kernel refuses`;
      report('LINT_CAPABILITY_INHERITABLE', [...path, 'inheritable', index], message);
    }
  }
  for (const [index, name] of namesIn('ambient')) {
    if (CAPABILITIES.has(name) && (!permitted.has(name) || !inheritable.has(name))) {
      const message = `${quoted(name)} is ambient, but not both permitted and inheritable`;
      report('LINT_CAPABILITY_AMBIENT', [...path, 'ambient', index], message);
    }
  }
};
