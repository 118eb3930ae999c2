import { BOOT_VOLUME_ACTIVE, nearMiss } from '@opencontainers-ts/rootfs-rewriter';
import type { SpecDocument } from '@opencontainers-ts/runtime-spec';
import { CUDA_VERSION, VISIBLE_DEVICES } from '../nvidia-requests.js';
import type { CdiSetup } from './cdi-options.js';
import { ANNOTATION_PREFIX, type CdiRequestSource, MOUNT_TEXT } from './device-requests.js';
import { looksAtRoot } from './volume-root.js';

const PLACES: Readonly<Record<CdiRequestSource, readonly string[]>> = {
  annotations: ['annotations'],
  mounts: ['mounts'],
  env: ['process', 'env'],
};

function textsOf(source: CdiRequestSource, { defaultKind }: CdiSetup): readonly string[] {
  switch (source) {
    case 'annotations':
      return [ANNOTATION_PREFIX];
    case 'mounts':
      return [MOUNT_TEXT];
    case 'env':
      return defaultKind === undefined ? [VISIBLE_DEVICES] : [VISIBLE_DEVICES, CUDA_VERSION];
  }
}

/** What the rule `pvc-rootfs` leaves in the spec: a container without devices may stand on a volume that had some. */
function rootTexts(setup: CdiSetup): readonly string[] {
  return looksAtRoot(setup) ? [BOOT_VOLUME_ACTIVE] : [];
}

/** A rule needs one trigger; where nobody may ask there is none to name, and `claims` says no. */
export function triggerTexts(setup: CdiSetup): readonly string[] {
  const texts = [...setup.sources.flatMap((source) => textsOf(source, setup)), ...rootTexts(setup)];
  return texts.length > 0 ? texts : [ANNOTATION_PREFIX];
}

/** What the group of Kubernetes is taken for. That of KubeVirt, `cdi.kubevirt.io`, is another CDI's. */
const OTHER_GROUPS: readonly string[] = ['cdi.kubernetes.io', 'cdi.io'];
const GROUP = ANNOTATION_PREFIX.slice(0, -1);

/** Texts that a slip in the group leaves in a `config.json`. */
export const SLIP_TEXTS: readonly string[] = [
  'cdi.k8s',
  'cdi.k8.io/',
  ...OTHER_GROUPS.map((group) => `${group}/`),
];

/** The annotation that asks for devices, where `key` is one or was probably meant to be: any name behind the group does. */
export function meantRequest(key: string): string | undefined {
  if (key.startsWith(ANNOTATION_PREFIX)) return key;
  const [, group = '', name = ''] = /^([^/]*)\/(.+)$/.exec(key) ?? [];
  const isMeant = OTHER_GROUPS.includes(group.toLowerCase()) || nearMiss(group, [GROUP]) !== undefined;
  return name !== '' && isMeant ? `${ANNOTATION_PREFIX}${name}` : undefined;
}

/** Whether any reading of the document has the root on a volume, where that matters, or holds a request where one counts; an escape may spell any of them. */
export function mayAsk(document: SpecDocument, setup: CdiSetup): boolean {
  const isOnVolume = rootTexts(setup).some((key) => document.readings(['annotations', key]).length > 0);
  return (
    isOnVolume ||
    setup.sources.some((source) =>
      document
        .readings(PLACES[source])
        .some((text) => text.includes('\\') || textsOf(source, setup).some((each) => text.includes(each))),
    )
  );
}
