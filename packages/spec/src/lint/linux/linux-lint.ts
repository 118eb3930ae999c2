import { quoted } from '../../printable.js';
import { isAbsent, member, textOf, textsOf } from '../json-view.js';
import type { LintTopic } from '../lint-topic.js';

const PROPAGATIONS = new Set(['', 'private', 'rprivate', 'slave', 'rslave']);

/** Propagation, paths that are hidden, and personality (config-linux.md). */
export const lintLinux: LintTopic = (spec, report) => {
  const linux = member(spec, 'linux');
  const propagation = textOf(member(linux, 'rootfsPropagation')) ?? '';
  const place = ['linux', 'rootfsPropagation'];
  if (/^r?shared$/.test(propagation)) {
    report('LINT_PROPAGATION_SHARED', place, `${quoted(propagation)} carries mounts out of the container`);
  } else if (/^r?unbindable$/.test(propagation)) {
    report('LINT_PROPAGATION_UNBINDABLE', place, `a root that is ${quoted(propagation)} cannot be made one`);
  } else if (!PROPAGATIONS.has(propagation)) {
    report('LINT_PROPAGATION_UNKNOWN', place, `${quoted(propagation)} is not a kind of propagation`);
  }
  for (const list of ['maskedPaths', 'readonlyPaths'] as const) {
    for (const [index, path] of textsOf(member(linux, list))) {
      if (!path.startsWith('/')) {
        report('LINT_HIDDEN_PATH', ['linux', list, index], `${quoted(path)} is not an absolute path`);
      }
    }
  }
  const personality = member(linux, 'personality');
  const domain = textOf(member(personality, 'domain'));
  if (!isAbsent(personality) && isAbsent(member(personality, 'domain'))) {
    report('LINT_PERSONALITY', ['linux', 'personality', 'domain'], '"/linux/personality" has no domain');
  }
  if (domain !== undefined && domain !== 'LINUX' && domain !== 'LINUX32') {
    const message = `${quoted(domain)} is neither "LINUX" nor "LINUX32"`;
    report('LINT_PERSONALITY', ['linux', 'personality', 'domain'], message);
  }
};
