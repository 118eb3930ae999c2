import { describe, expect, test } from '@jest/globals';
import {
  annotationSlips,
  declarativeRule,
  maySlip,
  planRewrite,
  pvcRootfs,
  type Rule,
  withCondition,
} from '@opencontainers-ts/rootfs-rewriter';
import { documentOf, makeSpec, memoryHost, withAnnotation } from '@opencontainers-ts/rootfs-rewriter/testing';
import { SpecDocument } from '@opencontainers-ts/runtime-spec';
import { CALL, TRIGGER } from '../scene.js';

const specWith = (...keys: readonly string[]) =>
  documentOf(makeSpec(...keys.map((key) => withAnnotation(key, '/mnt'))));

describe('a slip in the annotation of pvc-rootfs', () => {
  const slips: readonly [key: string, meant: string][] = [
    ['sgs.snucse.org/os-volumes', TRIGGER],
    ['sgs.snucse.org/osvolume', TRIGGER],
    ['sgs.snucse.org/os-vloume', TRIGGER],
    ['sgs.snucse.org/os_volume', TRIGGER],
    ['sgs.snucse.org/OS-Volume', TRIGGER],
    ['SGS.snucse.org/os-volume', TRIGGER],
    ['sgs.snucse.com/os-volume', TRIGGER],
    ['snucse.org/os-volume', TRIGGER],
    ['os-volume', TRIGGER],
    ['sgs.snuce.org/os-volume', TRIGGER],
    ['sgs.snucse.org/os-volume-container', `${TRIGGER}-containers`],
    ['sgs.snucse.org/os-volume.containers', `${TRIGGER}-containers`],
    ['sgs.snucse.org/os-volume.containers.main', `${TRIGGER}.container.main`],
    ['sgs.snucse.org/os-volume.conatiner.main', `${TRIGGER}.container.main`],
    ['sgs.snucse.org/os-volume-container-main', `${TRIGGER}.container.main`],
    ['sgs.snucse.org/os-volume-stratgy', `${TRIGGER}-strategy`],
    ['sgs.snucse.org/os-volume-Strategy', `${TRIGGER}-strategy`],
    ['sgs.snucse.org/os-volume.strategy', `${TRIGGER}-strategy`],
    ['sgs.snucse.org/os-volume/strategy.main', `${TRIGGER}-strategy`],
    ['sgs.snucse.org/os-volum-strategy', `${TRIGGER}-strategy`],
    ['sgs.snucse.org/os-volume.main', `${TRIGGER}.container.main`],
    ['sgs.snucse.org/os-volume/main', `${TRIGGER}.container.main`],
    ['sgs.snucse.org/os-volume.ctr.main', `${TRIGGER}.container.main`],
  ];
  test.each(slips)('%s is told, and starts as it is', (key, meant) => {
    const document = specWith(key);
    const told = [`the annotation "${key}" asks for nothing; did you mean "${meant}" (rule "pvc-rootfs")?`];
    expect(annotationSlips(document, [pvcRootfs()])).toEqual(told);
    expect(planRewrite(document, [pvcRootfs()], CALL, memoryHost())).toMatchObject({
      decision: 'pass',
      warnings: told,
    });
    expect(maySlip(document.bytes, [pvcRootfs()])).toBe(true);
  });

  test.each([
    TRIGGER,
    `${TRIGGER}.container.main`,
    `${TRIGGER}/container.main`,
    `${TRIGGER}-containers`,
    `${TRIGGER}-strategy`,
    'sgs.snucse.org/original-root',
    'sgs.snucse.org/boot-volume-active',
    'sgs.snucse.org/boot-volume',
    'sgs.snucse.org/boot-volume-strategy',
    'sgs.snucse.org/boot-volume-rule',
    'sgs.snucse.org/overlay-upperdir',
    'sgs.snucse.org/team',
    'example.org/os-volume',
    'org/os-volume',
    'sgs.snucse.org/os-volume-size',
    'io.kubernetes.cri.container-name',
  ])('%s is none', (key) => {
    expect(annotationSlips(specWith(key), [pvcRootfs()])).toEqual([]);
  });

  test.each(['null', '3', '[]', '"x"', '{"annotations":null}'])('there is none in %s', (text) => {
    const document = SpecDocument.parse(new TextEncoder().encode(text));
    expect(annotationSlips(document, [pvcRootfs()])).toEqual([]);
  });

  test('only texts of the annotation make a file worth a look', () => {
    expect(maySlip(specWith('example.org/team').bytes, [pvcRootfs()])).toBe(false);
    expect(maySlip(specWith('example.org/os-volume').bytes, [pvcRootfs()])).toBe(true);
    // A short name stands in many files, and a key without a prefix has nothing else.
    expect(maySlip(specWith('b/root').bytes, [pvcRootfs({ annotation: 'a/root' })])).toBe(false);
    expect(maySlip(specWith('a/boot').bytes, [pvcRootfs({ annotation: 'a/root' })])).toBe(true);
    expect(pvcRootfs({ annotation: 'root-volume' }).slipTexts).toEqual([]);
    expect(maySlip(specWith('a').bytes, [])).toBe(false);
  });

  test('the log stays short', () => {
    const keys = Array.from(
      { length: 300 },
      (_, index) => `sgs.snucse.org/os-volume${'s'.repeat(index % 2)}_${index}`,
    );
    const told = annotationSlips(
      specWith(...keys.map((_, index) => `${'x'.repeat(index)}.snucse.org/os-volume`)),
      [pvcRootfs()],
    );
    expect(told).toHaveLength(6);
    expect(told.at(-1)).toBe('295 more annotations look like slips');
  });
});

describe('a slip in the annotation of a condition', () => {
  const rule = (key: string): Rule =>
    declarativeRule({ name: key, when: { annotation: { key } }, then: { cwd: '/' } });

  test('is told, unless it is what another rule asks for', () => {
    const document = specWith('example.org/kmv');
    expect(annotationSlips(document, [rule('example.org/kvm')])).toEqual([
      'the annotation "example.org/kmv" asks for nothing; did you mean "example.org/kvm" (rule "example.org/kvm")?',
    ]);
    expect(annotationSlips(document, [rule('example.org/kvm'), rule('example.org/kmv')])).toEqual([]);
    expect(annotationSlips(document, [rule('example.org/gpu')])).toEqual([]);
  });

  test('is looked for where its prefix stands, or its name, and nowhere else', () => {
    for (const [key, expected] of [
      ['example.org/kmv', true],
      ['exmaple.org/kvm-of-mine', true],
      ['exmaple.org/kvm', false],
    ] as const) {
      const rules = [rule('example.org/kvm'), rule('example.org/kvm-of-mine')];
      expect([key, maySlip(specWith(key).bytes, rules)]).toEqual([key, expected]);
    }
  });

  test('is told wherever in the condition the annotation stands', () => {
    const annotation = { key: 'example.org/kvm' };
    for (const when of [
      { any: [{ annotation }, { env: { name: 'KVM' } }] },
      { not: { annotation } },
      { all: [{ verb: 'create' as const }, { annotation }] },
    ]) {
      const asks = declarativeRule({ name: 'a', when, then: { cwd: '/' } });
      expect(annotationSlips(specWith('example.org/kmv'), [asks])).toHaveLength(1);
      expect(annotationSlips(specWith('example.org/kvm'), [asks])).toEqual([]);
    }
  });

  test('goes with those of the rule that the condition is on', () => {
    const both = withCondition(pvcRootfs(), { annotation: { key: 'example.org/kvm' } });
    for (const key of ['example.org/kmv', 'sgs.snucse.org/os-volumes']) {
      expect(annotationSlips(specWith(key), [both])).toHaveLength(1);
    }
    expect(maySlip(specWith('sgs.snucse.org/os-volumes').bytes, [both])).toBe(true);
  });

  test('what engines write is no slip, and a rule that fails has no hint', () => {
    const ofEngine = declarativeRule({ name: 'a', when: { containerName: 'x' }, then: { cwd: '/' } });
    expect(annotationSlips(specWith('io.kubernetes.cri.container-nam'), [ofEngine])).toEqual([]);
    const broken: Rule = {
      ...rule('a/b'),
      meantBy: () => {
        throw new Error('no');
      },
    };
    expect(annotationSlips(specWith('a/b'), [broken])).toEqual([]);
    expect(annotationSlips(documentOf({ ...makeSpec(), annotations: null } as never), [pvcRootfs()])).toEqual(
      [],
    );
  });
});
