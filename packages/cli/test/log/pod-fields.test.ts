import { expect, test } from '@jest/globals';
import { SpecDocument } from '@opencontainers-ts/runtime-spec';

import { podFields } from '../../src/log/pod-fields.js';

const NAMES = { namespace: 'lab', pod: 'web-0', container: 'main' };
const CONTAINERD = {
  'io.kubernetes.cri.container-type': 'container',
  'io.kubernetes.cri.sandbox-namespace': 'lab',
  'io.kubernetes.cri.sandbox-name': 'web-0',
  'io.kubernetes.cri.container-name': 'main',
};
const LABELS = {
  'io.kubernetes.pod.namespace': 'lab',
  'io.kubernetes.pod.name': 'web-0',
  'io.kubernetes.container.name': 'main',
};
const CRIO = { 'io.container.manager': 'cri-o', 'io.kubernetes.cri-o.ContainerType': 'container' };

test.each<[string, unknown, object]>([
  ['containerd', CONTAINERD, NAMES],
  ['CRI-O', { ...CRIO, ...LABELS }, NAMES],
  ['CRI-O, by its labels', { ...CRIO, 'io.kubernetes.cri-o.Labels': JSON.stringify(LABELS) }, NAMES],
  ['a pod under CRI-O that calls itself another one', { ...CRIO, ...CONTAINERD }, {}],
  [
    'a pod under containerd that has the labels of another one',
    { ...CONTAINERD, ...LABELS, 'io.kubernetes.pod.name': 'db-0' },
    NAMES,
  ],
  [
    'two engines that contradict each other',
    { ...CONTAINERD, 'io.kubernetes.cri-o.ContainerType': 'sandbox' },
    {},
  ],
  ['Docker', { 'org.example': 'x' }, {}],
  ['Docker, with the labels of a pod given by hand', LABELS, {}],
  ['a spec without annotations', undefined, {}],
  ['annotations that are none', ['x'], {}],
  [
    'a name that is no text',
    { ...CONTAINERD, 'io.kubernetes.cri.sandbox-name': 7 },
    { namespace: 'lab', container: 'main' },
  ],
])('the names that %s gives', (_engine, annotations, expected) => {
  const document = SpecDocument.parse(Buffer.from(JSON.stringify({ ociVersion: '1.0.0', annotations })));
  const { namespace, pod, container } = podFields(document);
  expect({ namespace, pod, container }).toEqual({
    namespace: undefined,
    pod: undefined,
    container: undefined,
    ...expected,
  });
});
