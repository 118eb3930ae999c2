import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { FINDING_CODES, type SchemaFinding, validateFeatures, validateState } from '../src/index.js';

function summaries(findings: readonly SchemaFinding[]): string[] {
  for (const { code } of findings) expect(FINDING_CODES).toHaveProperty(code);
  return findings.map(({ level, code, pointer }) => `${level} ${code} ${pointer}`);
}

describe('validateState', () => {
  const state = { ociVersion: '1.2.0', id: 'web', status: 'running', pid: 42, bundle: '/run/web' };

  const good: unknown[] = [
    state,
    { ...state, annotations: { a: 'b' }, 'io.example': 5 },
    { ...state, annotations: null },
    { ...state, status: 'stopped', pid: undefined },
    { ...state, status: 'creating', pid: null },
    { ...state, status: 'paused', pid: 0 },
  ];
  test.each(good)('%j is a state', (value) => {
    expect(summaries(validateState(value))).toEqual([]);
  });

  const bad: [unknown, string[]][] = [
    [null, ['warn SPEC_SCHEMA_TYPE ']],
    [[], ['error SPEC_SCHEMA_TYPE ']],
    [{ ...state, pid: undefined }, ['warn SPEC_SCHEMA_REQUIRED /pid']],
    [{ ...state, pid: '42' }, ['error SPEC_SCHEMA_TYPE /pid']],
    [{ ...state, pid: -2 }, ['warn SPEC_SCHEMA_RANGE /pid']],
    [{ ...state, id: undefined }, ['error SPEC_SCHEMA_REQUIRED /id']],
    [{ ...state, bundle: 7 }, ['error SPEC_SCHEMA_TYPE /bundle']],
    [{ ...state, annotations: { a: 1 } }, ['error SPEC_SCHEMA_TYPE /annotations/a']],
  ];
  test.each(bad)('%j is none', (value, findings) => {
    expect(summaries(validateState(state))).toEqual([]);
    expect(summaries(validateState(value))).toEqual(findings);
  });
});

describe('validateFeatures', () => {
  const features = { ociVersionMin: '1.0.0', ociVersionMax: '1.2.0' };
  const runc: unknown = JSON.parse(
    readFileSync(new URL('fixtures/features/runc.json', import.meta.url), 'utf8'),
  );

  const good: unknown[] = [
    features,
    {
      ...features,
      hooks: null,
      linux: { cgroup: { v1: null }, mountExtensions: { idmap: { enabled: true } } },
    },
    { ...features, linux: null, potentiallyUnsafeConfigAnnotations: ['dev.gvisor.flag.'] },
  ];
  test.each([...good, runc])('features that are right, %#', (value) => {
    expect(summaries(validateFeatures(value))).toEqual([]);
  });

  const bad: [unknown, string[]][] = [
    [{ ociVersionMin: '1.0.0' }, ['error SPEC_SCHEMA_REQUIRED /ociVersionMax']],
    [{ ...features, hooks: 'prestart' }, ['error SPEC_SCHEMA_TYPE /hooks']],
    [
      { ...features, linux: { seccomp: { enabled: 'yes' } } },
      ['error SPEC_SCHEMA_TYPE /linux/seccomp/enabled'],
    ],
    [{ ...features, linux: { capabilities: ['chown'] } }, ['warn SPEC_SCHEMA_PATTERN /linux/capabilities/0']],
  ];
  test.each(bad)('%j is wrong', (value, findings) => {
    expect(summaries(validateFeatures(features))).toEqual([]);
    expect(summaries(validateFeatures(value))).toEqual(findings);
  });
});
