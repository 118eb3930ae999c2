import { quoted } from '../printable.js';
import { member, objectOf, textOf } from './json-view.js';
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

/** Where the runsc of containerd and of CRI-O looks for the kind of container, and for its sandbox. */
const KIND_KEYS = ['io.kubernetes.cri.container-type', 'io.kubernetes.cri-o.ContainerType'] as const;
const SANDBOX_KEYS = ['io.kubernetes.cri.sandbox-id', 'io.kubernetes.cri-o.SandboxID'] as const;

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
  const kindKey = KIND_KEYS.find((key) => textOf(member(annotations, key)) !== undefined);
  if (kindKey === undefined) return;
  const kind = textOf(member(annotations, kindKey));
  if (kind !== 'sandbox' && kind !== 'container') {
    const message = `${quoted(kind ?? '')} is neither "sandbox" nor "container"`;
    report('LINT_CONTAINER_KIND', ['annotations', kindKey], message);
  } else if (
    kind === 'container' &&
    SANDBOX_KEYS.every((key) => (textOf(member(annotations, key)) ?? '') === '')
  ) {
    report('LINT_SANDBOX_ID', ['annotations', kindKey], 'a container of a pod without the id of its sandbox');
  }
};
