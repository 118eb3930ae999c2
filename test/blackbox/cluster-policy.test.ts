import { join } from 'node:path';

import { beforeAll, expect, test } from '@jest/globals';

import { TRIGGER } from './bundle.js';
import { rejections } from './cluster/admission.js';
import { type KubernetesObject, kustomize, only, rendered } from './cluster/rendered.js';
import { describeWith } from './programs.js';

type Annotations = Readonly<Record<string, string>>;

/** A pod as the API server knows it, of one container. */
function podOf(annotations: Annotations | undefined, spec: object = {}): object {
  const metadata = { name: 'pod', namespace: 'default' };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: annotations === undefined ? metadata : { ...metadata, annotations },
    spec: { containers: [{ name: 'main', image: 'image' }], ...spec },
  };
}

const mountedAt = (mountPath: string) => ({ volumeMounts: [{ name: 'boot', mountPath }] });
const main = { name: 'main', image: 'image' };

describeWith(['kubectl'], 'the admission policy', () => {
  let policy: KubernetesObject;
  let binding: KubernetesObject;
  beforeAll(() => {
    const objects = rendered(join(kustomize, 'base'));
    policy = only(objects, 'ValidatingAdmissionPolicy');
    binding = only(objects, 'ValidatingAdmissionPolicyBinding');
  });

  test('rejects, wherever a pod is made or changed, also where it cannot be asked', () => {
    expect(binding['spec']).toEqual({ policyName: policy.metadata.name, validationActions: ['Deny'] });
    expect(policy['spec'].failurePolicy).toBe('Fail');
    expect(policy['spec'].matchConstraints).toEqual({
      resourceRules: [
        { apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE', 'UPDATE'] },
      ],
    });
  });

  const create = (annotations: Annotations | undefined, spec?: object) =>
    rejections(policy, { object: podOf(annotations, spec), oldObject: null });
  const update = (before: Annotations | undefined, after: Annotations | undefined, spec?: object) =>
    rejections(policy, { object: podOf(after, spec), oldObject: podOf(before, spec) });

  test.each([
    ['KEY', TRIGGER],
    ['KEY.container.NAME', `${TRIGGER}.container.main`],
    ['KEY/container.NAME', `${TRIGGER}/container.main`],
    ['KEY-containers', `${TRIGGER}-containers`],
    ['KEY-strategy', `${TRIGGER}-strategy`],
  ])('%s: only with the class', (_form, key) => {
    const annotations = { 'example.org/other': 'x', [key]: 'boot' };
    const message = [
      `the annotation ${key} asks for a volume as the root file system, which takes "runtimeClassName: pvc" in the ` +
        'spec of the pod; without it the container would start on its image',
    ];
    expect(create(annotations)).toEqual(message);
    expect(create(annotations, { runtimeClassName: 'kata' })).toEqual(message);
    expect(create(annotations, { runtimeClassName: 'pvc' })).toEqual([]);
    // It counts when it comes, and a pod that had it before the policy can end.
    expect(update(undefined, annotations)).toEqual(message);
    expect(update({ 'example.org/other': 'x' }, annotations)).toEqual(message);
    expect(update(annotations, { ...annotations, 'example.org/more': 'y' })).toEqual([]);
    expect(update(annotations, undefined)).toEqual([]);
    expect(update(undefined, annotations, { runtimeClassName: 'pvc' })).toEqual([]);
  });

  test.each<[string, Annotations | undefined]>([
    ['no annotations', undefined],
    ['none at all', {}],
    ['others', { 'sgs.snucse.org/other': 'x', 'example.org/sgs.snucse.org': 'x' }],
    ['what only contains the key', { 'example.org/os-volume': 'sgs.snucse.org/os-volume' }],
  ])('%s: no class is needed', (_title, annotations) => {
    expect(create(annotations)).toEqual([]);
    expect(create(annotations, { runtimeClassName: 'pvc' })).toEqual([]);
    expect(update(undefined, annotations)).toEqual([]);
  });

  test.each<[string, object]>([
    ['a container', { containers: [{ ...main, ...mountedAt('/sgs-os-volume') }] }],
    ['the second one', { containers: [main, { name: 'b', ...mountedAt('/sgs-os-volume') }] }],
    [
      'an init container',
      { containers: [main], initContainers: [{ name: 'i', ...mountedAt('/sgs-os-volume') }] },
    ],
  ])('%s that mounts at /sgs-os-volume: only with the class', (_title, spec) => {
    const message = [expect.stringMatching(/^a mount at \/sgs-os-volume asks .* on its image$/)];
    expect(create(undefined, spec)).toEqual(message);
    expect(create(undefined, { ...spec, runtimeClassName: 'pvc' })).toEqual([]);
    // Its mounts never change, and it is there.
    expect(update(undefined, { 'example.org/more': 'y' }, spec)).toEqual([]);
  });

  test.each<[string, object]>([
    ['a mount elsewhere', { containers: [{ ...main, ...mountedAt('/sgs-os-volume/data') }] }],
    ['no mounts of one container', { containers: [main, { name: 'b', ...mountedAt('/data') }] }],
  ])('%s: no class is needed', (_title, spec) => {
    expect(create(undefined, spec)).toEqual([]);
  });

  test('the examples pass, and without their class they would not', () => {
    const examples = rendered(join(kustomize, 'examples'));
    const pods = [only(examples, 'Pod'), only(examples, 'StatefulSet')['spec'].template];
    for (const pod of pods) {
      expect(rejections(policy, { object: pod, oldObject: null })).toEqual([]);
      const { runtimeClassName: _, ...spec } = pod.spec;
      expect(rejections(policy, { object: { ...pod, spec }, oldObject: null })).toHaveLength(1);
    }
  });
});
