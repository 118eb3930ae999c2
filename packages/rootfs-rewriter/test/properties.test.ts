import { describe, expect, test } from '@jest/globals';
import { type Plan, planRewrite, pvcRootfs } from '@opencontainers-ts/rootfs-rewriter';
import { memoryHost, pvcPath } from '@opencontainers-ts/rootfs-rewriter/testing';
import { SpecDocument } from '@opencontainers-ts/runtime-spec';
import fc from 'fast-check';
import { CALL, TRIGGER } from './scene.js';

const KUBELET = '/var/lib/kubelet';
const volumes = ['pvc-1', 'pvc-2', 'pvc-3'].map((volume) => pvcPath({ podUid: 'u1', volume }));

const parse = (text: string) => SpecDocument.parse(new TextEncoder().encode(text));
const textOf = (document: SpecDocument) => new TextDecoder().decode(document.bytes);

const source = fc.oneof(
  fc.constantFrom(...volumes),
  fc.constantFrom(`${volumes[0]}/sub`, '/srv/x', 'tmpfs', '/'),
);
const mount = fc.record({
  destination: fc.constantFrom('/a', '/b', '/c', '/d'),
  type: fc.constantFrom('bind', 'tmpfs'),
  source,
  options: fc.subarray(['rbind', 'rprivate', 'rslave', 'noatime']),
  'x-vendor': fc.jsonValue({ maxDepth: 1 }),
});
/** Unknown members of any shape; the prefix keeps them from being taken for a field that Go knows. */
const unknown = fc.dictionary(
  fc.string().map((key) => `x-${key}`),
  fc.jsonValue(),
  { maxKeys: 4 },
);

const configText = fc
  .record({
    before: unknown,
    after: unknown,
    inRoot: unknown,
    mounts: fc.array(mount, { maxLength: 8 }),
    value: fc.constantFrom('pvc-1', 'pvc-2', '/a', '/b'),
    annotations: fc.dictionary(fc.string(), fc.string(), { maxKeys: 4 }),
    indent: fc.constantFrom('', ' ', '\t', '    '),
  })
  .map(({ before, after, inRoot, mounts, value, annotations, indent }) => {
    const spec = {
      ...before,
      ociVersion: '1.2.0',
      root: { path: 'rootfs', ...inRoot },
      process: { rlimits: [{ type: 'RLIMIT_CORE', hard: 'LIMIT', soft: 'LIMIT' }] },
      mounts,
      annotations: { ...annotations, [TRIGGER]: value },
      ...after,
    };
    // JSON.stringify cannot write the number, and a rewriter must not touch it.
    return JSON.stringify(spec, undefined, indent).replaceAll('"LIMIT"', '18446744073709551615');
  });

const host = memoryHost({ mounts: volumes });
const planOf = (document: SpecDocument) => planRewrite(document, [pvcRootfs()], CALL, host);

/** Checks only those that were rewritten, and that there are enough of them to mean something. */
function ofRewritten(check: (before: SpecDocument, plan: Plan) => void): void {
  let rewritten = 0;
  fc.assert(
    fc.property(configText, (text) => {
      const before = parse(text);
      const plan = planOf(before);
      if (plan.decision !== 'rewrite') return;
      rewritten += 1;
      check(before, plan);
    }),
    { numRuns: 150 },
  );
  expect(rewritten).toBeGreaterThan(20);
}

const items = (document: SpecDocument, pointer: string, count: number) =>
  Array.from({ length: count }, (_, index) => document.source(`${pointer}/${index}`));

describe('properties of pvc-rootfs', () => {
  test('a second run changes nothing', () => {
    ofRewritten((_, { document, pins }) => {
      const again = planOf(document);
      expect(again.decision).toBe('pass');
      expect(again.document).toBe(document);
      expect(again.pins).toEqual(pins);
    });
  });

  test('mounts that stay keep their bytes and their order', () => {
    ofRewritten((before, { document }) => {
      const root = document.spec.root?.path;
      const mounts = before.spec.mounts ?? [];
      const isGone = ({ type, source, options }: (typeof mounts)[number]) =>
        source === root && (type === 'bind' || options?.includes('rbind'));
      const expected = items(before, '/mounts', mounts.length).filter((_, index) => !isGone(mounts[index]));
      expect(document.spec.mounts).toHaveLength(expected.length);
      expect(items(document, '/mounts', expected.length)).toEqual(expected);
    });
  });

  test('every other member keeps its bytes', () => {
    ofRewritten((before, { document }) => {
      const touched = ['root', 'mounts', 'annotations'];
      expect(Object.keys(document.spec)).toEqual(Object.keys(before.spec));
      const pointers = Object.keys(before.spec)
        .filter((key) => !touched.includes(key))
        .map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`);
      expect(pointers.map((pointer) => document.source(pointer))).toEqual(
        pointers.map((pointer) => before.source(pointer)),
      );
      expect(document.spec.root).toEqual({ ...before.spec.root, path: document.spec.root?.path });
      expect(document.spec.annotations).toEqual({
        ...before.spec.annotations,
        'sgs.snucse.org/original-root': 'rootfs',
        'sgs.snucse.org/boot-volume-active': 'true',
        'sgs.snucse.org/boot-volume': document.spec.root?.path,
        'sgs.snucse.org/boot-volume-strategy': 'replace',
        'sgs.snucse.org/boot-volume-rule': 'pvc-rootfs',
      });
    });
  });

  test('what is not rewritten is the same document', () => {
    fc.assert(
      fc.property(configText, (text) => {
        const before = parse(text);
        const plan = planOf(before);
        return plan.decision === 'rewrite' || (plan.document === before && textOf(plan.document) === text);
      }),
    );
  });

  test('the root never leaves the volumes of the kubelet, whatever the source says', () => {
    const part = fc.constantFrom(
      '',
      '.',
      '..',
      'pods',
      'u1',
      'u2',
      'link',
      'volumes',
      'kubernetes.io~nfs',
      'pv',
      'sub',
    );
    const good = fc
      .constantFrom('u1', 'u2', 'link')
      .map((pod) => ['pods', pod, 'volumes', 'kubernetes.io~nfs', 'pv']);
    const noise = fc.record({ at: fc.nat(5), parts: fc.array(part, { maxLength: 3 }) });
    const sources = fc
      .tuple(fc.constantFrom(KUBELET, '/data/kubelet', '/etc', ''), good, fc.option(noise))
      .map(([top, parts, extra]) =>
        [top, ...(extra === null ? parts : parts.toSpliced(extra.at, 0, ...extra.parts))].join('/'),
      );
    const tree = memoryHost({
      symlinks: { [KUBELET]: '/data/kubelet', '/data/kubelet/pods/link': '/etc/pods/u1' },
      directories: ['/etc', '/data/kubelet'].flatMap((top) =>
        ['u1', 'u2'].map((pod) => `${top}/pods/${pod}/volumes/kubernetes.io~nfs/pv/sub`),
      ),
    });
    const rules = [pvcRootfs({ requireMountPoint: false })];
    let rewritten = 0;
    fc.assert(
      fc.property(sources, fc.constantFrom('pv', '/mnt'), (source, value) => {
        const spec = {
          root: { path: 'rootfs' },
          mounts: [{ destination: '/mnt', type: 'bind', source }],
          annotations: { [TRIGGER]: value, 'io.kubernetes.cri.sandbox-uid': 'u1' },
        };
        const plan = planRewrite(parse(JSON.stringify(spec)), rules, CALL, tree);
        if (plan.decision !== 'rewrite') return;
        rewritten += 1;
        expect(plan.document.spec.root?.path).toBe('/data/kubelet/pods/u1/volumes/kubernetes.io~nfs/pv');
      }),
      { numRuns: 600 },
    );
    expect(rewritten).toBeGreaterThan(20);
  });
});
