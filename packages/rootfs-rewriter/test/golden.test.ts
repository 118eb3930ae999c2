import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { type Call, type PvcRootfsOptions, planRewrite, pvcRootfs } from '@opencontainers-ts/rootfs-rewriter';
import { type MemoryHostOptions, memoryHost } from '@opencontainers-ts/rootfs-rewriter/testing';
import { SpecDocument } from '@opencontainers-ts/runtime-spec';

/** `host.json` of a case. */
interface Setting {
  readonly about: string;
  readonly call: Call;
  readonly options: PvcRootfsOptions;
  readonly host: MemoryHostOptions;
}

const GOLDEN = new URL('./fixtures/golden/', import.meta.url);
const read = (name: string, file: string) => readFileSync(new URL(`${name}/${file}`, GOLDEN));
const cases = readdirSync(GOLDEN).map((name) => ({ name, files: readdirSync(new URL(`${name}/`, GOLDEN)) }));

function planOf(name: string) {
  const setting: Setting = JSON.parse(read(name, 'host.json').toString());
  const document = SpecDocument.parse(read(name, 'config.json'));
  return planRewrite(document, [pvcRootfs(setting.options)], setting.call, memoryHost(setting.host));
}

describe('whole specs as engines write them', () => {
  test.each(cases.filter(({ files }) => files.includes('expected.json')))('$name', ({ name }) => {
    const plan = planOf(name);
    expect(plan.refusal).toBeUndefined();
    expect(new TextDecoder().decode(plan.document.bytes)).toBe(read(name, 'expected.json').toString());
  });

  test.each(cases.filter(({ files }) => files.includes('expected-error.json')))('$name', ({ name }) => {
    const { code, details } = JSON.parse(read(name, 'expected-error.json').toString());
    expect(planOf(name).refusal).toMatchObject({ code, details });
  });

  test('every case has a result, and there are some of each', () => {
    const results = cases.map(({ files }) => files.filter((file) => file.startsWith('expected')));
    expect(results.every((files) => files.length === 1)).toBe(true);
    expect(new Set(results.flat())).toEqual(new Set(['expected.json', 'expected-error.json']));
  });
});
