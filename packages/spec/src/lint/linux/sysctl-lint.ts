import { quoted } from '../../printable.js';
import { member, objectOf } from '../json-view.js';
import type { LintTopic } from '../lint-topic.js';
import { namespaceKinds } from './namespace-lint.js';

/** Those of ipc_namespaces(7). */
const OF_IPC: ReadonlySet<string> = new Set(
  ['msgmax', 'msgmnb', 'msgmni', 'sem', 'shmall', 'shmmax', 'shmmni', 'shm_rmid_forced'].map(
    (name) => `kernel.${name}`,
  ),
);

/** Kernel parameters, each of which belongs to a kind of namespace or to the whole machine (config-linux.md, "Sysctl"). */
export const lintSysctls: LintTopic = (spec, report) => {
  const kinds = namespaceKinds(spec);
  for (const key of Object.keys(objectOf(member(member(spec, 'linux'), 'sysctl')))) {
    const path = ['linux', 'sysctl', key];
    // sysctl(8) takes both separators; the first one that occurs is meant.
    const name = /^[^./]*\//.test(key) ? key.replaceAll('/', '.') : key;
    if (name === 'kernel.hostname') {
      report('LINT_SYSCTL_HOSTNAME', path, `${quoted(key)} is what "/hostname" is for`);
      continue;
    }
    const kind = kindOf(name);
    if (kind === undefined) {
      report('LINT_SYSCTL_OF_MACHINE', path, `${quoted(key)} is a setting of the whole machine`);
    } else if (!kinds.has(kind)) {
      report(
        'LINT_SYSCTL_NAMESPACE',
        path,
        `${quoted(key)} needs ${kind === 'ipc' ? 'an' : 'a'} ${kind} namespace`,
      );
    }
  }
};

function kindOf(name: string): string | undefined {
  if (name.startsWith('net.')) return 'network';
  if (OF_IPC.has(name) || name.startsWith('fs.mqueue.')) return 'ipc';
  return name === 'kernel.domainname' ? 'uts' : undefined;
}
