import { containerKind } from '../container-kind.js';
import { quoted } from '../printable.js';
import { member, objectOf } from './json-view.js';
import type { LintTopic } from './lint-topic.js';

/** What an image's configuration becomes in a specification (image-spec conversion.md). */
const IMAGE_KEYS = new Set(
  [
    'os',
    'architecture',
    'variant',
    'os.version',
    'os.features',
    'author',
    'created',
    'stopSignal',
    'exposedPorts',
  ].map((name) => `org.opencontainers.image.${name}`),
);

/** Annotations (config.md, "Annotations"), and those that gVisor acts on. */
export const lintAnnotations: LintTopic = (spec, report) => {
  const annotations = objectOf(member(spec, 'annotations'));
  for (const key of Object.keys(annotations)) {
    if (key === '') {
      report('LINT_ANNOTATION_KEY', ['annotations', ''], 'the name of an annotation is empty');
    } else if (key.startsWith('org.opencontainers.') && !IMAGE_KEYS.has(key)) {
      report('LINT_ANNOTATION_RESERVED', ['annotations', key], `${quoted(key)} is a reserved name`);
    }
  }
  const found = containerKind(annotations);
  if (found.kind === 'unknown') {
    const message = `${quoted(found.value)} is neither "sandbox" nor "container"`;
    report('LINT_CONTAINER_KIND', ['annotations', found.key], message);
  } else if (found.kind === 'container' && (found.sandbox ?? '') === '') {
    report(
      'LINT_SANDBOX_ID',
      ['annotations', found.key],
      'a container of a pod without the id of its sandbox',
    );
  }
};
