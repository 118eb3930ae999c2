import { declarativeRule, pvcRootfs } from '@opencontainers-ts/rootfs-rewriter';
import { memoryHost, pvcPath } from '@opencontainers-ts/rootfs-rewriter/testing';
import { cdiDevices } from '../../../packages/device-injector/src/index.js';
import { type Families, times } from './family.js';
import { ofVolume, planned } from './planning-families.js';

const VOLUME = pvcPath({ podUid: 'u1', volume: 'pvc-1' });

function hostWith(size: number, edits: (index: number) => object) {
  const spec = {
    cdiVersion: '1.1.0',
    kind: 'e.org/d',
    devices: times(size, (index) => ({ name: `d${index}`, containerEdits: edits(index) })),
  };
  return memoryHost({ mounts: [VOLUME], files: { '/etc/cdi/e.json': JSON.stringify(spec) } });
}

const names = (size: number) => times(size, (index) => `e.org/d=d${index}`).join();
const mounting = (index: number) => ({
  mounts: [{ hostPath: '/bin', containerPath: `/c${index}`, options: ['rbind'] }],
});
const asking = (value: string) => ({ annotations: { 'cdi.k8s.io/x': value } });
const deviceFolder = '/var/run/nvidia-container-devices/cdi/e.org/d';
const both = { annotations: { 'sgs.snucse.org/os-volume': 'pvc-1', 'cdi.k8s.io/x': names(64) } };

/** Devices of so many specs, which are written in so many ways. */
const severalSpecs = (size: number, devices: number) =>
  memoryHost({
    files: Object.fromEntries(
      times(size, (index) => [
        `/etc/cdi/${index}.yaml`,
        `cdiVersion: 0.6.0\nkind: e.org/d\ndevices:\n${times(
          devices,
          (each) => `- name: d${index * devices + each}\n  containerEdits:\n    env:\n    - A${each}=x\n`,
        ).join('')}`,
      ]),
    ),
  });

/** A spec of two devices, in JSON with so many blanks between its tokens. */
const withBlanks = (size: number) => {
  const device = (name: string) => ({ name, containerEdits: { env: ['A=b'] } });
  const spec = { cdiVersion: '0.6.0', kind: 'e.org/d', devices: [device('d0'), device('d1')] };
  const text = JSON.stringify(spec).replaceAll(/[,:{}[\]]/g, (token) => `${' '.repeat(size)}${token}`);
  return memoryHost({ files: { '/etc/cdi/e.json': text } });
};

/** Requests for devices. */
export const cdiRequestFamilies: Families = {
  'a device of a spec with blanks': {
    size: 1000,
    work: (size) => planned(asking('e.org/d=d1'), [cdiDevices()], withBlanks(size)),
    ends: 'rewrite',
  },
  'devices of many specs': {
    size: 50,
    work: (size) => planned(asking(names(size)), [cdiDevices()], severalSpecs(size, 1)),
    ends: 'rewrite',
  },
  'devices that are written alike': {
    size: 200,
    work: (size) => planned(asking(names(size)), [cdiDevices()], severalSpecs(1, size)),
    ends: 'rewrite',
  },
  'mounts of the volume, and devices with mounts': {
    size: 300,
    work: (size) =>
      planned(
        { ...both, mounts: times(size, ofVolume) },
        [pvcRootfs(), cdiDevices()],
        hostWith(64, mounting),
      ),
    ends: 'rewrite',
  },
  'mounts of the volume and devices, all more and more': {
    size: 100,
    work: (size) =>
      planned(
        { annotations: { ...both.annotations, 'cdi.k8s.io/x': names(size) }, mounts: times(size, ofVolume) },
        [pvcRootfs(), cdiDevices()],
        hostWith(size, mounting),
      ),
    ends: 'rewrite',
  },
  'requests that another rule has taken from': {
    size: 200,
    work: (size) =>
      planned(
        {
          mounts: times(size, (index) => ({
            destination: `${deviceFolder}/${'/'.repeat((index % 5) + 1)}d1`,
            source: '/dev/null',
          })),
        },
        [declarativeRule({ name: 'r', then: { env: { set: { A: '1' } } } }), cdiDevices()],
        hostWith(2, mounting),
      ),
    ends: 'rewrite',
  },
  'a volume that is cleaned, with mounts and devices': {
    size: 100,
    work: (size) =>
      planned(
        {
          annotations: { ...both.annotations, 'cdi.k8s.io/x': names(size) },
          mounts: [
            ofVolume(0),
            ...times(size, (index) => ({ destination: `/t${index}`, type: 'tmpfs', source: 'x' })),
          ],
        },
        [pvcRootfs(), cdiDevices({ residue: 'clean', runTmpfs: true })],
        hostWith(size, mounting),
      ),
    ends: 'rewrite',
  },
  'devices with everything': {
    size: 100,
    work: (size) =>
      planned(
        asking(names(size)),
        [cdiDevices()],
        hostWith(size, (index) => ({
          env: [`E${index}=1`],
          mounts: mounting(index).mounts,
          hooks: [{ hookName: 'createContainer', path: `/h${index}` }],
          deviceNodes: [{ path: `/dev/d${index}`, type: 'c', major: 1, minor: index }],
          netDevices: [{ hostInterfaceName: `h${index}`, name: `n${index}` }],
          additionalGids: [index + 1],
        })),
      ),
    ends: 'rewrite',
  },
  'names of devices that are not there': {
    size: 500,
    work: (size) =>
      planned(
        asking(times(size, (index) => `e.org/d=x${index}`).join()),
        [cdiDevices()],
        hostWith(300, mounting),
      ),
    ends: 'ERR_CDI_UNRESOLVABLE',
  },
  'a name of many characters': {
    size: 4000,
    work: (size) => planned(asking(`e.org/d=${'x'.repeat(size)}`), [cdiDevices()], hostWith(2, mounting)),
    ends: 'ERR_CDI_UNRESOLVABLE',
  },
  'one name many times': {
    size: 500,
    work: (size) =>
      planned(asking(times(size, () => 'e.org/d=d1').join()), [cdiDevices()], hostWith(2, mounting)),
    ends: 'rewrite',
  },
  'names in the environment': {
    size: 500,
    work: (size) =>
      planned(
        { process: { env: [`NVIDIA_VISIBLE_DEVICES=${times(size, () => 'e.org/d=d1').join()}`] } },
        [cdiDevices()],
        hostWith(2, mounting),
      ),
    ends: 'rewrite',
  },
  'requests by mounts that name nothing': {
    size: 300,
    work: (size) =>
      planned(
        {
          ...asking('e.org/d=d1'),
          mounts: times(size, (index) => ({
            destination: `/var/run/nvidia-container-devices/cdi/?${index}`,
            source: '/dev/null',
          })),
        },
        [cdiDevices()],
        hostWith(2, mounting),
      ),
    ends: 'rewrite',
  },
  'mounts in an order that must be turned round': {
    size: 100,
    work: (size) =>
      planned(
        {
          ...asking('e.org/d=d1'),
          mounts: times(size, (index) => ({
            destination: '/x'.repeat(1 + Math.floor((50 * (size - index)) / size)),
            type: 'tmpfs',
            source: 'x',
          })),
        },
        [cdiDevices()],
        hostWith(2, mounting),
      ),
    ends: 'rewrite',
  },
  'mounts of two depths in turn': {
    size: 400,
    work: (size) =>
      planned(
        {
          ...asking('e.org/d=d1'),
          mounts: times(size, (index) => ({
            destination: index % 2 === 0 ? `/a/${index}` : `/${index}`,
            type: 'tmpfs',
            source: 'x',
          })),
        },
        [cdiDevices()],
        hostWith(2, mounting),
      ),
    ends: 'rewrite',
  },
};
