import { describe, expect, test } from '@jest/globals';
import { type PodIdentity, podIdentity } from '@opencontainers-ts/rootfs-rewriter';

const TYPE = 'io.kubernetes.cri.container-type';
const UID = 'io.kubernetes.cri.sandbox-uid';
const CRIO_TYPE = 'io.kubernetes.cri-o.ContainerType';
const CRIO_LABELS = 'io.kubernetes.cri-o.Labels';
const LABEL = 'io.kubernetes.pod.uid';
const MANAGER = 'io.container.manager';

const labels = (uid: string) => JSON.stringify({ [LABEL]: uid });
const identityOf = (annotations: Record<string, string>) => podIdentity(new Map(Object.entries(annotations)));

describe('podIdentity', () => {
  test.each<[string, Record<string, string>, PodIdentity]>([
    ['no engine says anything', {}, { engine: 'none' }],
    ['podman', { [MANAGER]: 'libpod' }, { engine: 'none' }],
    [
      'podman, in a pod of its own',
      { [MANAGER]: 'libpod', [CRIO_TYPE]: 'sandbox' },
      { engine: 'podman', containerType: 'sandbox' },
    ],
    [
      'podman, with annotations given by hand',
      { [MANAGER]: 'libpod', [TYPE]: 'container', [UID]: 'u1' },
      { engine: 'containerd', containerType: 'container', podUid: 'u1' },
    ],
    [
      'containerd',
      { [TYPE]: 'container', [UID]: 'u1' },
      { engine: 'containerd', containerType: 'container', podUid: 'u1' },
    ],
    ['containerd before 1.7', { [TYPE]: 'sandbox' }, { engine: 'containerd', containerType: 'sandbox' }],
    [
      'CRI-O',
      { [MANAGER]: 'cri-o', [CRIO_TYPE]: 'container', [CRIO_LABELS]: labels('u1'), [LABEL]: 'u1' },
      { engine: 'cri-o', containerType: 'container', podUid: 'u1' },
    ],
    [
      'CRI-O, with the label as an annotation only',
      { [MANAGER]: 'cri-o', [CRIO_TYPE]: 'sandbox', [LABEL]: 'u1' },
      { engine: 'cri-o', containerType: 'sandbox', podUid: 'u1' },
    ],
    [
      'CRI-O, with labels that lack it',
      { [MANAGER]: 'cri-o', [CRIO_TYPE]: 'container', [CRIO_LABELS]: '{}' },
      { engine: 'cri-o', containerType: 'container' },
    ],
    [
      'both families, of one mind',
      { [MANAGER]: 'cri-o', [CRIO_TYPE]: 'container', [LABEL]: 'u1', [TYPE]: 'container', [UID]: 'u1' },
      { engine: 'cri-o', containerType: 'container', podUid: 'u1' },
    ],
  ])('%s', (_, annotations, expected) => {
    expect(identityOf(annotations)).toEqual(expected);
  });

  test.each<[string, Record<string, string>]>([
    ['forged as a sandbox on CRI-O', { [MANAGER]: 'cri-o', [CRIO_TYPE]: 'container', [TYPE]: 'sandbox' }],
    ['forged for a CRI-O that says nothing', { [MANAGER]: 'cri-o', [TYPE]: 'sandbox' }],
    ['forged as CRI-O on containerd', { [MANAGER]: 'cri-o', [TYPE]: 'container', [CRIO_TYPE]: 'sandbox' }],
    ['forged as podman on containerd', { [MANAGER]: 'libpod', [TYPE]: 'container', [CRIO_TYPE]: 'sandbox' }],
    ['CRI-O type beside that of containerd', { [TYPE]: 'container', [CRIO_TYPE]: 'sandbox' }],
    ['CRI-O type without its manager', { [CRIO_TYPE]: 'sandbox' }],
    ['uids differ', { [TYPE]: 'container', [UID]: 'u1', [LABEL]: 'u2' }],
    ['uid forged on CRI-O', { [MANAGER]: 'cri-o', [CRIO_TYPE]: 'container', [LABEL]: 'u1', [UID]: 'u2' }],
    ['label and labels differ', { [MANAGER]: 'cri-o', [LABEL]: 'u1', [CRIO_LABELS]: labels('u2') }],
    ['labels are no JSON', { [MANAGER]: 'cri-o', [CRIO_LABELS]: '{' }],
    ['labels are no object', { [MANAGER]: 'cri-o', [CRIO_LABELS]: '[]' }],
    ['the label is no string', { [MANAGER]: 'cri-o', [CRIO_LABELS]: `{"${LABEL}":1}` }],
    ['an unknown kind of container', { [TYPE]: 'pause' }],
    ['an empty uid', { [TYPE]: 'container', [UID]: '' }],
  ])('refuses: %s', (_, annotations) => {
    expect(identityOf(annotations)).toMatchObject({ kind: 'refuse', code: 'ERR_POD_IDENTITY' });
  });
});
