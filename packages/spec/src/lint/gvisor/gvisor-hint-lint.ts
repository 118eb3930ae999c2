import { containerKind } from '../../container-kind.js';
import { quoted } from '../../printable.js';
import { elementsOf, member, objectOf, textOf } from '../json-view.js';
import type { LintTopic } from '../lint-topic.js';
import { readMountHints } from './mount-hints.js';
import { readRootfsHint } from './rootfs-hint.js';

/** The hints for gVisor in annotations; other runtimes never look at them. */
export const lintGvisorHints: LintTopic = (spec, report) => {
  const annotations = objectOf(member(spec, 'annotations'));
  const { hints, faults } = readMountHints(annotations);
  for (const { code, key, message } of [...faults, ...readRootfsHint(annotations).faults]) {
    report(code, ['annotations', key], message);
  }
  // The mounts that the hints of a sandbox are for are those of the containers that join it.
  if (containerKind(annotations).kind !== 'unspecified') return;
  const sources = elementsOf(member(spec, 'mounts')).map((mount) => textOf(member(mount, 'source')) ?? '');
  const isMounted = sourcesAmong(sources);
  for (const { name, source } of hints) {
    if (isMounted(source)) continue;
    const key = `dev.gvisor.spec.mount.${name}.source`;
    report('LINT_MOUNT_HINT_UNUSED', ['annotations', key], `no mount has the source ${quoted(source)}`);
  }
};

/** runsc joins a relative source to the bundle before it compares. Which folder that is, is not known here: its end will do. */
function sourcesAmong(sources: readonly string[]): (source: string) => boolean {
  const absolute = new Set(sources.filter((source) => source.startsWith('/')));
  const ends = new Set(
    sources
      .filter((source) => !source.startsWith('/'))
      .map((source) =>
        source
          .split('/')
          .filter((name) => name !== '' && name !== '.')
          .join('/'),
      )
      .filter((end) => end !== ''),
  );
  return (source) => {
    if (absolute.has(source)) return true;
    for (let at = source.indexOf('/'); at !== -1; at = source.indexOf('/', at + 1)) {
      if (ends.has(source.slice(at + 1))) return true;
    }
    return false;
  };
}
