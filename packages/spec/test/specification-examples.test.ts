import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { SpecDocument, validateConfig, validateFeatures, validateState } from '../src/index.js';
import { lintConfig } from '../src/lint.js';

// Of the shapes that runtime-spec's own examples have (schema/test), with other values, and of each platform.
const fixtures = new URL('fixtures/specification/', import.meta.url);
const by = 'specification';

const CHECKS = {
  config: (document: SpecDocument) => [
    ...validateConfig(document, { by }),
    ...lintConfig(document, { by }).filter(({ level }) => level === 'error'),
  ],
  state: (document: SpecDocument) => validateState(document.spec, { by }),
  features: (document: SpecDocument) => validateFeatures(document.spec, { by }),
};
type Kind = keyof typeof CHECKS;
const KINDS = ['config', 'state', 'features'] as const;

function examples(sort: 'good' | 'bad'): [Kind, string][] {
  return KINDS.flatMap((kind) =>
    readdirSync(new URL(`${kind}/${sort}/`, fixtures)).map((file): [Kind, string] => [kind, file]),
  );
}

const read = (kind: Kind, sort: string, file: string) =>
  SpecDocument.parse(readFileSync(new URL(`${kind}/${sort}/${file}`, fixtures)));

describe('what the specification allows', () => {
  test.each(examples('good'))('%s/%s', (kind, file) => {
    expect(CHECKS[kind](read(kind, 'good', file))).toEqual([]);
  });
});

describe('what it forbids, told with the place', () => {
  const places: Readonly<Record<string, readonly string[]>> = {
    'config/freebsd-values.json': [
      '/freebsd/devices/0/mode',
      '/freebsd/devices/0/path',
      '/freebsd/devices/1/mode',
      '/freebsd/jail/allow/mount',
      '/freebsd/jail/allow/suser',
      '/freebsd/jail/enforceStatfs',
      '/freebsd/jail/host',
      '/freebsd/jail/ip4',
    ],
    'config/freebsd-vnet.json': ['/freebsd/jail/vnet'],
    'config/linux-hugepage.json': ['/linux/resources/hugepageLimits/0/pageSize'],
    'config/linux-namespace-twice.json': ['/linux/namespaces/1/type'],
    'config/linux-net-device.json': ['/linux/netDevices/enp3s0/name'],
    'config/linux-rdma.json': ['/linux/resources/rdma/mlx5_0/hcaHandles'],
    'config/linux-root-missing.json': ['/root'],
    'config/solaris-values.json': ['/solaris/anet', '/solaris/cappedCPU/ncpus', '/solaris/maxShmMemory'],
    'config/vm-values.json': [
      '/vm/hwConfig/iomems/0/firstMFN',
      '/vm/hwConfig/iomems/0/nrMFNs',
      '/vm/hwConfig/irqs/0',
      '/vm/hwConfig/vcpus',
      '/vm/hypervisor/path',
      '/vm/image/format',
      '/vm/kernel',
    ],
    'config/windows-layers-missing.json': ['/windows/layerFolders'],
    'config/windows-values.json': [
      '/windows/devices/0/idType',
      '/windows/devices/1/id',
      '/windows/devices/1/idType',
      '/windows/hyperv/utilityVMPath',
      '/windows/layerFolders',
      '/windows/network/endpointList/1',
      '/windows/resources/cpu/shares',
      '/windows/resources/memory/limit',
    ],
    'config/zos-values.json': ['/zos/namespaces/0/type', '/zos/namespaces/1/type'],
    'features/values.json': ['/hooks/0', '/linux/seccomp/enabled'],
    'features/version-missing.json': ['/ociVersionMax'],
    'state/pid-missing.json': ['/pid'],
    'state/status-missing.json': ['/status'],
  };

  test('each example is in the table', () => {
    const files = examples('bad').map(([kind, file]) => `${kind}/${file}`);
    expect(files.sort()).toEqual(['config/broken.json', ...Object.keys(places)].sort());
  });

  test.each(Object.entries(places))('%s: %j', (name, pointers) => {
    const [kind, file] = name.split('/') as [Kind, string];
    const findings = CHECKS[kind](read(kind, 'bad', file));
    expect([...new Set(findings.map(({ pointer }) => pointer))].sort()).toEqual(pointers);
    expect(findings.filter(({ level }) => level !== 'error')).toEqual([]);
  });

  test('what is no JSON', () => {
    expect(() => read('config', 'bad', 'broken.json')).toThrow(
      expect.objectContaining({ code: 'ERR_SPEC_SYNTAX', details: expect.objectContaining({ column: 2 }) }),
    );
  });
});

test('valid by the specification is not what a runtime creates', () => {
  const document = read('config', 'good', 'minimal.json');
  const codes = (options: Parameters<typeof lintConfig>[1]) =>
    lintConfig(document, options)
      .filter(({ level }) => level === 'error')
      .map(({ code }) => code);
  expect(codes({ by })).toEqual([]);
  expect(codes({ dialects: ['runc'] })).toEqual(['LINT_PROCESS_MISSING']);
  expect(codes({ dialects: ['crun'] })).toEqual(['LINT_LINUX_MISSING', 'LINT_MOUNTS_MISSING']);
});
