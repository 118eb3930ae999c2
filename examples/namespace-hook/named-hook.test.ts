import { describe, expect, test } from '@jest/globals';
import { planRewrite } from '@opencontainers-ts/rootfs-rewriter';
import {
  documentOf,
  makeSpec,
  memoryHost,
  type SpecOption,
  withAnnotation,
} from '@opencontainers-ts/rootfs-rewriter/testing';

import { namedHook } from './named-hook.js';

const rule = namedHook({ namespace: 'payments', program: '/usr/local/bin/audit' });
const call = { verb: 'create', bundle: '/bundle' } as const;
const host = memoryHost({ files: { '/usr/local/bin/audit': '' } });

const container = (namespace: string): SpecOption[] => [
  withAnnotation('io.kubernetes.cri.sandbox-namespace', namespace),
  withAnnotation('io.kubernetes.cri.sandbox-name', 'api-1'),
  withAnnotation('io.kubernetes.cri.container-name', 'api'),
];
const plan = (options: SpecOption[], on = host) =>
  planRewrite(documentOf(makeSpec(...options)), [rule], call, on);

test('the hook is told which container it is', () => {
  const { document } = plan(container('payments'));
  expect(document.spec.hooks?.createRuntime).toEqual([
    {
      path: '/usr/local/bin/audit',
      args: ['/usr/local/bin/audit', 'api-1', 'api'],
      env: ['PATH=/usr/bin:/bin'],
      timeout: 5,
    },
  ]);
});

describe('hooks that are there stay', () => {
  const there = { path: '/usr/bin/other' };
  test.each<[string, SpecOption]>([
    ['of the same kind', (spec) => ({ ...spec, hooks: { createRuntime: [there] } })],
    ['of another', (spec) => ({ ...spec, hooks: { poststop: [there] } })],
  ])('%s', (_name, withHook) => {
    const { hooks } = plan([...container('payments'), withHook]).document.spec;
    expect([...(hooks?.createRuntime ?? []), ...(hooks?.poststop ?? [])]).toHaveLength(2);
  });
});

test('a second run changes nothing', () => {
  const { document } = plan(container('payments'));
  expect(planRewrite(document, [rule], call, host).decision).toBe('pass');
});

test.each([
  ['of another namespace', container('shop')],
  ['without annotations', []],
])('a container %s is left alone', (_name, options) => {
  expect(plan(options).decision).toBe('pass');
});

test('without the program on the host, no container of the namespace starts', () => {
  expect(plan(container('payments'), memoryHost()).refusal?.code).toBe('ERR_AUDIT_MISSING');
});
