import { quoted } from '../printable.js';
import { isAbsent, member, textOf } from './json-view.js';
import type { LintTopic } from './lint-topic.js';

/** Semantic Versioning 2.0.0, as `ociVersion` must be. */
const SEMVER =
  /^(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)\.(?:0|[1-9]\d*)(?:-[\da-z-]+(?:\.[\da-z-]+)*)?(?:\+[\da-z-]+(?:\.[\da-z-]+)*)?$/i;

/** What stands at the top: version, root, and members of other platforms (config.md, "Specification version", "Root"). */
export const lintDocument: LintTopic = (spec, report) => {
  const version = member(spec, 'ociVersion');
  if (isAbsent(version)) {
    report('LINT_VERSION_MISSING', ['ociVersion'], '"/ociVersion" is missing');
  } else if (typeof version === 'string' && !SEMVER.test(version)) {
    report('LINT_VERSION_FORM', ['ociVersion'], `${quoted(version)} is not a version of the form 1.2.0`);
  } else if (typeof version === 'string' && !version.startsWith('1.')) {
    report('LINT_VERSION_UNKNOWN', ['ociVersion'], `there is no specification of version ${quoted(version)}`);
  } else if (typeof version === 'string' && !/^1\.[01]\./.test(version)) {
    report('LINT_VERSION_NEWER', ['ociVersion'], `${quoted(version)} is neither a version 1.0 nor 1.1`);
  }

  const root = member(spec, 'root');
  if (isAbsent(root)) {
    // A Hyper-V container of Windows is the one kind that goes without.
    const isForWindows = !isAbsent(member(spec, 'windows'));
    report(isForWindows ? 'LINT_ROOT_FOR_LINUX' : 'LINT_ROOT_MISSING', ['root'], '"/root" is missing');
  } else if ((textOf(member(root, 'path')) ?? '') === '') {
    report('LINT_ROOT_PATH_EMPTY', ['root', 'path'], '"/root/path" names no folder');
  }

  if (isAbsent(member(spec, 'linux'))) {
    report('LINT_LINUX_MISSING', ['linux'], '"/linux" is missing');
  }
  for (const platform of ['solaris', 'windows'] as const) {
    if (!isAbsent(member(spec, platform))) {
      report('LINT_OTHER_PLATFORM', [platform], `"/${platform}" is for another operating system`);
    }
  }
};
