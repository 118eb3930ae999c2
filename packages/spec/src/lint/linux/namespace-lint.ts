import { quoted } from '../../printable.js';
import { elementsOf, isAbsent, member, textOf, type UncheckedObject } from '../json-view.js';
import type { LintTopic, Report } from '../lint-topic.js';
import { isForLinux } from '../platform.js';

const KINDS: ReadonlySet<string> = new Set([
  ...['pid', 'network', 'mount', 'ipc', 'uts', 'user', 'cgroup', 'time'],
]);

/** The namespaces that a container has of its own: those in the list. */
export function namespaceKinds(spec: UncheckedObject): ReadonlySet<string> {
  const list = elementsOf(member(member(spec, 'linux'), 'namespaces'));
  return new Set(list.map((namespace) => textOf(member(namespace, 'type')) ?? ''));
}

/** Namespaces, and the fields that need one (config-linux.md, "Namespaces", "User namespace mappings", "Offset for Time Namespace"). */
export const lintNamespaces: LintTopic = (spec, report) => {
  const linux = member(spec, 'linux');
  lintList(linux, report);
  const kinds = namespaceKinds(spec);
  if (!kinds.has('mount') && isForLinux(spec)) {
    const message = 'without a mount namespace, the mounts of the container are made on the machine';
    report('LINT_MOUNT_NAMESPACE', ['linux', 'namespaces'], message);
  }
  for (const name of ['hostname', 'domainname'] as const) {
    const text = textOf(member(spec, name)) ?? '';
    // uname(2): 64 and a NUL.
    if (new TextEncoder().encode(text).length > 64) {
      report('LINT_HOSTNAME_LONG', [name], `"/${name}" has more than 64 bytes`);
    }
    if (text !== '' && !kinds.has('uts')) {
      const code = name === 'hostname' ? 'LINT_UTS_NAMESPACE' : 'LINT_DOMAINNAME_NAMESPACE';
      report(code, [name], `"/${name}" needs a uts namespace`);
    }
  }
  const offsets = member(linux, 'timeOffsets');
  if (!isAbsent(offsets) && !kinds.has('time')) {
    report('LINT_TIME_NAMESPACE', ['linux', 'timeOffsets'], '"/linux/timeOffsets" needs a time namespace');
  }
  lintMappings(linux, kinds, report);
};

function lintList(linux: unknown, report: Report): void {
  const seen = new Set<string>();
  for (const [index, namespace] of elementsOf(member(linux, 'namespaces')).entries()) {
    const place = ['linux', 'namespaces', index];
    const type = textOf(member(namespace, 'type')) ?? '';
    if (!KINDS.has(type)) {
      report('LINT_NAMESPACE_UNKNOWN', [...place, 'type'], `${quoted(type)} is not a kind of namespace`);
    } else if (seen.has(type)) {
      report('LINT_NAMESPACE_TWICE', [...place, 'type'], `${quoted(type)} stands in the list before`);
    }
    if (type === 'time') {
      report(
        'LINT_NAMESPACE_TIME',
        [...place, 'type'],
        'older releases of runc and crun know no time namespaces',
      );
    }
    seen.add(type);
    const path = textOf(member(namespace, 'path')) ?? '';
    if (path !== '' && !path.startsWith('/')) {
      report('LINT_NAMESPACE_PATH', [...place, 'path'], `${quoted(path)} is not an absolute path`);
    }
  }
}

function lintMappings(linux: unknown, kinds: ReadonlySet<string>, report: Report): void {
  const user = elementsOf(member(linux, 'namespaces')).find(
    (namespace) => textOf(member(namespace, 'type')) === 'user',
  );
  // A namespace that is joined has its mappings already.
  const isNew = user !== undefined && (textOf(member(user, 'path')) ?? '') === '';
  for (const name of ['uidMappings', 'gidMappings'] as const) {
    const hasSome = elementsOf(member(linux, name)).length > 0;
    if (isNew && !hasSome) {
      report('LINT_USER_MAPPINGS', ['linux', name], `a new user namespace needs ${name}`);
    }
    if (hasSome && !kinds.has('user')) {
      report('LINT_USER_NAMESPACE', ['linux', name], `"/linux/${name}" needs a user namespace`);
    }
  }
}
