import {
  annotationSlips,
  declarativeRule,
  type Host,
  type Plan,
  planRewrite,
  pvcRootfs,
  type Rule,
  type RuleDefinition,
} from '@opencontainers-ts/rootfs-rewriter';
import { memoryHost, pvcMount, pvcPath } from '@opencontainers-ts/rootfs-rewriter/testing';
import { SpecDocument } from '@opencontainers-ts/runtime-spec';
import { parseMountInfo } from '../../../packages/cli/src/system/mount-info.js';
import { bytesOf, type Families, times } from './family.js';

const VOLUME = { podUid: 'u1', volume: 'pvc-1' };
const SOURCE = pvcPath(VOLUME);
const TRIGGER = 'sgs.snucse.org/os-volume';

/** What a plan comes to: its decision, or the code of its refusal. */
export function endOf({ decision, refusal }: Plan): string {
  return refusal?.code ?? decision;
}

export function planned(
  spec: Readonly<Record<string, unknown>>,
  rules: readonly Rule[],
  host: Host = memoryHost({ mounts: [SOURCE] }),
): () => unknown {
  const bytes = bytesOf(JSON.stringify({ ociVersion: '1.2.0', root: { path: 'rootfs' }, ...spec }));
  return () => endOf(planRewrite(SpecDocument.parse(bytes), rules, { verb: 'create', bundle: '/b' }, host));
}

export const ofVolume = (index: number) => pvcMount({ ...VOLUME, destination: `/v${index}` });
const other = (index: number) => ({
  destination: `/m${index}`,
  type: 'tmpfs',
  source: 'tmpfs',
  options: ['ro'],
});
const wanted = { annotations: { [TRIGGER]: VOLUME.volume } };
const asksFor = (value: string, annotations: object = {}) => ({
  annotations: { ...annotations, [TRIGGER]: value },
});
const pvc = [pvcRootfs()];
const declared = (then: RuleDefinition['then'], when?: RuleDefinition['when']) => [
  declarativeRule({ name: 'r', ...(when === undefined ? {} : { when }), then }),
];

/** Rules over a spec of which one list or map is long. */
export const planningFamilies: Families = {
  'mounts of the volume in front of others': {
    size: 500,
    work: (size) => planned({ ...wanted, mounts: [...times(size, ofVolume), ...times(size, other)] }, pvc),
    ends: 'rewrite',
  },
  'mounts of the volume between others': {
    size: 500,
    work: (size) =>
      planned({ ...wanted, mounts: times(size, (index) => [ofVolume(index), other(index)]).flat() }, pvc),
    ends: 'rewrite',
  },
  'mounts that are all named by the destination': {
    size: 500,
    work: (size) =>
      planned(
        {
          ...asksFor('/v'),
          mounts: times(size, (index) => ({ ...ofVolume(index), destination: `/${'/'.repeat(index % 7)}v` })),
        },
        pvc,
      ),
    ends: 'rewrite',
  },
  'mounts of volumes, none of which is meant': {
    size: 500,
    work: (size) => planned({ ...asksFor('pvc-x'), mounts: times(size, ofVolume) }, pvc),
    ends: 'ERR_VOLUME_NOT_FOUND',
  },
  'mount options that a root does not carry': {
    size: 1000,
    work: (size) =>
      planned(
        {
          ...wanted,
          mounts: [{ ...ofVolume(0), options: ['rbind', ...times(size, (index) => `o${index}`)] }],
        },
        pvc,
      ),
    ends: 'rewrite',
  },
  'annotations beside the one that asks': {
    size: 1000,
    work: (size) =>
      planned(
        {
          ...asksFor(
            'pvc-1',
            Object.fromEntries(times(size, (index) => [`sgs.snucse.org/os-volume${index}`, ''])),
          ),
          mounts: [ofVolume(0)],
        },
        pvc,
      ),
    ends: 'rewrite',
  },
  'labels of CRI-O': {
    size: 1000,
    work: (size) => {
      const labels = JSON.stringify(Object.fromEntries(times(size, (index) => [`l${index}`, 'v'])));
      return planned(
        { ...asksFor('pvc-1', { 'io.kubernetes.cri-o.Labels': labels }), mounts: [ofVolume(0)] },
        pvc,
      );
    },
    ends: 'rewrite',
  },
  'a long value of the annotation': {
    size: 4000,
    work: (size) => planned({ ...asksFor(`/${'../a/'.repeat(size)}`), mounts: times(9, ofVolume) }, pvc),
    ends: 'ERR_VOLUME_NOT_FOUND',
  },
  'a long source': {
    size: 1000,
    work: (size) =>
      planned({ ...wanted, mounts: [{ ...ofVolume(0), source: `${'/x/..'.repeat(size)}${SOURCE}` }] }, pvc),
    ends: 'ERR_VOLUME_PATH_UNSAFE',
  },
  'a root that looks rewritten, with a long path': {
    size: 300,
    work: (size) =>
      planned(
        {
          root: { path: `/var/lib/kubelet${'/pods'.repeat(size)}` },
          ...asksFor('pvc-1', {
            'sgs.snucse.org/original-root': 'x',
            'sgs.snucse.org/boot-volume-active': 'true',
          }),
        },
        pvc,
      ),
    ends: 'ERR_VOLUME_NOT_FOUND',
  },
  'variables, of which a rule takes the first and sets the last': {
    size: 300,
    work: (size) =>
      planned(
        { process: { env: times(size, (index) => `V${index}=`) } },
        declared({ env: { remove: ['V0'], set: { LAST: '1' } } }),
      ),
    ends: 'rewrite',
  },
  'arguments before and behind which a rule puts one': {
    size: 300,
    work: (size) =>
      planned(
        { process: { args: times(size, (index) => `a${index % 7}`) } },
        declared({ args: { prepend: ['p'], append: ['q'] } }),
      ),
    ends: 'rewrite',
  },
  'lists that a rule changes at both ends': {
    size: 200,
    work: (size) =>
      planned(
        {
          mounts: times(size, other),
          linux: {
            maskedPaths: times(size, (index) => `/p${index}`),
            readonlyPaths: times(size, (index) => `/p${index}`),
            sysctl: Object.fromEntries(times(size, (index) => [`k${index}`, ''])),
            devices: times(size, (index) => ({ path: `/dev/d${index}`, type: 'c', major: 1, minor: index })),
            resources: {
              devices: times(size, (index) => ({
                allow: true,
                type: 'c',
                major: 1,
                minor: index,
                access: 'rwm',
              })),
            },
            seccomp: {
              defaultAction: 'SCMP_ACT_ERRNO',
              syscalls: times(size, (index) => ({ names: [`s${index}`], action: 'SCMP_ACT_ALLOW' })),
            },
          },
        },
        declared({
          mounts: { remove: ['/m0'], add: [{ destination: '/last', type: 'tmpfs', source: 'tmpfs' }] },
          maskedPaths: { remove: ['/p0'], add: ['/last'] },
          readonlyPaths: { remove: ['/p0'], add: ['/last'] },
          sysctls: { remove: ['k0'], set: { last: '' } },
          devices: { remove: ['/dev/d0'], add: [{ path: '/dev/last', type: 'c', major: 9, minor: 9 }] },
          seccomp: { deny: ['ptrace'], allow: ['read'] },
        }),
      ),
    ends: 'rewrite',
  },
  'hooks of which a rule takes the first': {
    size: 200,
    work: (size) =>
      planned(
        { hooks: { poststop: times(size, (index) => ({ path: `/h${index}` })) } },
        declared({ hooks: { poststop: { remove: ['/h0'], append: [{ path: '/last' }] } } }),
      ),
    ends: 'rewrite',
  },
  'system calls in one entry': {
    size: 500,
    work: (size) =>
      planned(
        {
          linux: {
            seccomp: {
              defaultAction: 'SCMP_ACT_ERRNO',
              syscalls: [
                {
                  names: ['ptrace', 'bpf', ...times(size, (index) => `s${index}`)],
                  action: 'SCMP_ACT_ALLOW',
                  args: times(size, (index) => ({ index: 0, value: index, op: 'SCMP_CMP_EQ' })),
                },
              ],
            },
          },
        },
        [...declared({ seccomp: { deny: ['ptrace'] } }), ...declared({ seccomp: { deny: ['bpf'] } })],
      ),
    ends: 'rewrite',
  },
  'arguments and mounts that conditions ask about': {
    size: 500,
    work: (size) =>
      planned(
        {
          process: { args: times(size, (index) => `-${index}`), env: times(size, (index) => `V${index}=`) },
          mounts: times(size, other),
        },
        declared(
          { cwd: '/' },
          {
            not: {
              any: [
                { args: { glob: '*x*y' } },
                { mount: { destination: '/x*', option: 'x*' } },
                { env: { name: 'NONE' } },
              ],
            },
          },
        ),
      ),
    ends: 'rewrite',
  },
  'one long argument that a condition asks about': {
    size: 3000,
    work: (size) =>
      planned(
        { process: { args: ['ab'.repeat(size)] } },
        declared({ cwd: '/' }, { args: { glob: '*a*b*a*x' } }),
      ),
    ends: 'pass',
  },
  'rounded numbers': {
    size: 300,
    work: (size) =>
      planned(
        {
          linux: {
            resources: {
              unified: {},
              rdma: Object.fromEntries(times(size, (index) => [`r${index}`, { hcaHandles: 1e30 }])),
              x: Object.fromEntries(times(size, (index) => [`r${index}`, 1e30])),
            },
          },
        },
        declared({ cwd: '/' }),
      ),
    ends: 'rewrite',
  },
  'a place that two rules change': {
    size: 500,
    work: (size) =>
      planned({ mounts: times(size, other), process: { env: times(size, (index) => `V${index}=`) } }, [
        ...declared({
          mounts: { remove: times(50, (index) => `/m${index}`) },
          env: { remove: times(50, (index) => `V${index}`) },
        }),
        ...declared({
          mounts: { remove: times(50, (index) => `/m${index + 50}`) },
          env: { remove: times(50, (index) => `V${index + 50}`) },
        }),
      ]),
    ends: 'rewrite',
  },
  'patches of a rule that nobody has vouched for': {
    size: 200,
    work: (size) => {
      const rule: Rule = {
        name: 'r',
        triggers: 'every-create',
        reads: ['/mounts'],
        claims: () => true,
        evaluate: ({ spec }) => ({
          kind: 'rewrite',
          note: 'changed',
          patch: (spec.mounts ?? []).flatMap((_, index) => [
            { op: 'remove', path: '/mounts/0' } as const,
            { op: 'add', path: '/mounts/-', value: { destination: `/n${index}` } } as const,
          ]),
        }),
      };
      return planned({ mounts: times(size, other) }, [rule, { ...rule, name: 'later', override: true }]);
    },
    ends: 'rewrite',
  },
  'annotations that are nearly the one that asks': {
    size: 500,
    work: (size) => {
      const slips = Object.fromEntries(
        times(size, (index) => [`${'s'.repeat(index % 9)}gs.snucse.org/os-volumf`, '']),
      );
      const others = Object.fromEntries(times(size, (index) => [`sgs.snucse.org/os-volume-${index}`, '']));
      const document = SpecDocument.parse(bytesOf(JSON.stringify({ annotations: { ...slips, ...others } })));
      return () => annotationSlips(document, pvc).length > 0;
    },
    ends: true,
  },
  'mounts of the machine': {
    size: 1000,
    work: (size) => {
      const text = times(
        size,
        (index) => `${index} 1 0:1 / /m\\040${index} rw,relatime shared:1 - ext4 /dev/sda rw`,
      ).join('\n');
      return () => parseMountInfo(text).length === size;
    },
    ends: true,
  },
};
