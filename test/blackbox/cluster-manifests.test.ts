import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { schemaFaults } from './cluster/kubernetes-schema.js';
import { type KubernetesObject, kustomize, only, rendered } from './cluster/rendered.js';
import { describeWith, ociwrap } from './programs.js';
import { runProgram } from './run-program.js';
import { scratchFolder } from './scratch.js';

const overlays = readdirSync(join(kustomize, 'overlays')).sort();
const components = readdirSync(join(kustomize, 'components')).sort();

const renders = new Map<string, readonly KubernetesObject[]>();
/** A folder of the repository; each is rendered once. */
function renderedFolder(folder: string): readonly KubernetesObject[] {
  const objects = renders.get(folder) ?? rendered(join(kustomize, folder));
  renders.set(folder, objects);
  return structuredClone(objects);
}

/** A folder of an operator's own, which uses a component. */
function withComponent(name: string, overlay = 'k3s'): readonly KubernetesObject[] {
  const folder = scratchFolder('kustomization');
  const lines = [
    'apiVersion: kustomize.config.k8s.io/v1beta1',
    'kind: Kustomization',
    `resources: ["../../${kustomize}/overlays/${overlay}"]`,
    `components: ["../../${kustomize}/components/${name}"]`,
    'images: [{ name: registry.example.org/ociwrap, newName: registry.example.com/mirror, newTag: "7" }]',
  ];
  writeFileSync(join(folder, 'kustomization.yaml'), `${lines.join('\n')}\n`);
  return rendered(folder);
}

describeWith(['kubectl'], 'what is applied to a cluster', () => {
  test('there is an overlay for each distribution, and one that takes everything back', () => {
    expect(overlays).toEqual(['k0s', 'k3s', 'microk8s', 'rke2', 'uninstall']);
  });

  describe('by the schemas of Kubernetes', () => {
    const broken: readonly [string, (pod: KubernetesObject) => void, RegExp][] = [
      ['a member that it does not know', ({ spec }) => (spec.hostPod = true), /"hostPod"' does not exist/],
      ['one that is missing', ({ spec }) => delete spec.containers[0].name, /'"name"' is missing/],
      ['another type', ({ spec }) => (spec.enableServiceLinks = 'no'), /'string' is not assignable/],
      ['none of its values', ({ spec }) => (spec.restartPolicy = 'never'), /"never"' is not assignable/],
      ['another format', ({ spec }) => (spec.priority = 1.5), /priority must match format "int32"/],
    ];
    let sound: readonly KubernetesObject[];
    let faults: readonly (readonly string[])[];
    beforeAll(async () => {
      sound = [
        ...['base', 'examples', ...overlays.map((name) => `overlays/${name}`)].flatMap(renderedFolder),
        ...components.flatMap((name) => withComponent(name)),
      ];
      const pod = sound.find(({ kind }) => kind === 'Pod');
      if (pod === undefined) throw new Error('there is no pod among the examples');
      const changed = broken.map(([, change]) => {
        const copy = structuredClone(pod);
        change(copy);
        return copy;
      });
      faults = await schemaFaults([...sound, ...changed]);
    }, 60_000);

    test('there is nothing wrong', () => {
      expect(faults.slice(0, sound.length).flat()).toEqual([]);
    });

    test.each(broken.map(([title, , fault], index) => ({ title, fault, index })))(
      '$title is found',
      ({ fault, index }) => {
        expect(faults[sound.length + index]?.join('\n')).toMatch(fault);
      },
    );
  });

  describe.each(['base', ...overlays.map((name) => `overlays/${name}`)])('%s', (folder) => {
    let objects: readonly KubernetesObject[];
    beforeAll(() => {
      objects = renderedFolder(folder);
    });

    test('gives the installer what it takes, and no more', () => {
      const { spec } = only(objects, 'DaemonSet')['spec'].template;
      const [container, ...others] = spec.containers;
      expect(others).toEqual([]);
      expect(spec).not.toHaveProperty('hostNetwork');
      expect(spec).not.toHaveProperty('hostPID');
      expect(spec).toMatchObject({
        automountServiceAccountToken: false,
        priorityClassName: 'system-node-critical',
        tolerations: [{ operator: 'Exists' }],
        securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
      });
      expect(container.securityContext).toMatchObject({
        privileged: false,
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'], add: ['CHOWN', 'SYS_CHROOT'] },
      });
      expect(only(objects, 'ServiceAccount')).toMatchObject({ automountServiceAccountToken: false });
    });

    test('has a configuration that the program finds nothing wrong with', () => {
      const file = join(scratchFolder('config'), 'config.toml');
      writeFileSync(file, only(objects, 'ConfigMap')['data']['config.toml'], { mode: 0o644 });
      const { status, stderr } = runProgram(ociwrap, ['config', 'check', file]);
      expect({ status, stderr }).toEqual({
        status: 0,
        stderr: `ociwrap: ${file}: nothing wrong; rules: pvc-rootfs\n`,
      });
    });

    test('names the configuration by its content', () => {
      const { name } = only(objects, 'ConfigMap').metadata;
      expect(name).toMatch(/^ociwrap-config-[a-z0-9]+$/);
      const { volumes } = only(objects, 'DaemonSet')['spec'].template.spec;
      expect(volumes).toContainEqual({ name: 'config', configMap: { name } });
    });
  });

  test('labelled nodes alone: the handler is there, and pods of the class go there', () => {
    const objects = withComponent('labelled-nodes');
    const label = { 'ociwrap/handler-pvc': 'true' };
    const { spec } = only(objects, 'DaemonSet')['spec'].template;
    expect(spec.nodeSelector).toEqual({ 'kubernetes.io/os': 'linux', ...label });
    expect(only(objects, 'RuntimeClass')['scheduling']).toEqual({ nodeSelector: label });
    expect(spec.containers[0].image).toBe('registry.example.com/mirror:7');
  });

  test('on delete: no node changes by itself', () => {
    const { spec } = only(withComponent('on-delete'), 'DaemonSet');
    expect(spec.updateStrategy).toEqual({ type: 'OnDelete' });
  });

  test("the uninstaller has the installer's place, privileges and node", () => {
    const [installer, uninstaller] = ['base', 'overlays/uninstall'].map(
      (folder) => only(renderedFolder(folder), 'DaemonSet')['spec'],
    );
    expect(uninstaller.template.spec.containers[0].args[0]).toBe('uninstall');
    // A node on which nothing is installed would never be ready, and the rollout would stop.
    expect(uninstaller.template.spec.containers[0].readinessProbe).toBeUndefined();
    for (const spec of [installer, uninstaller]) {
      delete spec.template.spec.containers[0].args;
      delete spec.template.spec.containers[0].readinessProbe;
    }
    expect(uninstaller).toEqual(installer);
  });
});
