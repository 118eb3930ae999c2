import { expect, test } from '@jest/globals';
import { annotationSlips, maySlip } from '@opencontainers-ts/rootfs-rewriter';

import { cdiDevices } from '../../src/index.js';
import { documentOf } from './scene.js';

const slipsOf = (key: string, options = {}) => {
  const document = documentOf({ annotations: { [key]: 'v.com/c=d' } });
  const rules = [cdiDevices(options)];
  return [maySlip(document.bytes, rules), annotationSlips(document, rules)];
};

test.each([
  ['cdi.k8s.oi/gpu', 'cdi.k8s.io/gpu'],
  ['cdi.k8s.com/gpu', 'cdi.k8s.io/gpu'],
  ['cdi.k8.io/gpu', 'cdi.k8s.io/gpu'],
  ['CDI.kubernetes.io/gpu', 'cdi.k8s.io/gpu'],
  ['cdi.k8s.io/gpu', undefined],
  ['k8s.v1.cni.cncf.io/networks', undefined],
  ['cdi.kubevirt.io/storage.import.endpoint', undefined],
])('%s was meant to be %s', (key, meant) => {
  const [, told] = slipsOf(key);
  expect(told).toEqual(
    meant === undefined
      ? []
      : [`the annotation "${key}" asks for nothing; did you mean "${meant}" (rule "cdi-devices")?`],
  );
});

test('only what is a slip is looked for, and only where annotations ask', () => {
  expect(slipsOf('cdi.k8s.oi/gpu')[0]).toBe(true);
  expect(slipsOf('example.org/gpu')[0]).toBe(false);
  expect(slipsOf('cdi.k8s.oi/gpu', { sources: ['env'] })).toEqual([false, []]);
});
