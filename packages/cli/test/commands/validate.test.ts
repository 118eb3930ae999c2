import { join } from 'node:path';

import { describe, expect, test } from '@jest/globals';

import type { RuntimeDialect } from '@opencontainers-ts/runtime-spec/lint';
import type { DocumentType } from '../../src/commands/document-findings.js';
import { validate } from '../../src/commands/validate.js';
import { nodeHost } from '../../src/library/node-host.js';
import { bundleIn, plainSpec } from '../machine.js';
import { temporaryFolder } from '../temporary-folder.js';
import { testWorld } from './world.js';

const folder = temporaryFolder();
const { world } = testWorld({ host: nodeHost() });

function check(text: string, type: DocumentType = 'config') {
  const readInput = () => Buffer.from(text);
  const { status, stdout } = validate({ file: '-', type, json: true }, { ...world, readInput });
  return { status, ...JSON.parse(String(stdout)) };
}

const good = JSON.stringify(plainSpec());

describe('findings', () => {
  test.each<[string, DocumentType, string, number, [string, string, string, number, number][]]>([
    ['a good config', 'config', good, 0, []],
    ['unknown members are none', 'config', good.replace('{', '{"x-mine":1,'), 0, []],
    [
      'a wrong type',
      'config',
      good.replace('"rootfs"', '7'),
      1,
      [['error', 'SPEC_SCHEMA_TYPE', '/root/path', 1, 99]],
    ],
    [
      'a duplicate member',
      'config',
      good.replace('"ociVersion":"1.2.0"', '"ociVersion":"1.2.0",\n  "ociVersion":"1.1.0"'),
      1,
      [['error', 'SPEC_DUPLICATE_KEY', '/ociVersion', 2, 3]],
    ],
    ['a missing comma', 'config', '{\n  "a": 1\n  "b": 2\n}', 1, [['error', 'ERR_SPEC_SYNTAX', '', 3, 3]]],
    ['an empty file', 'config', '', 1, [['error', 'ERR_SPEC_SYNTAX', '', 1, 1]]],
    [
      'a missing member of a state, at the object that should have it',
      'state',
      '\n{"ociVersion":"1.2.0","id":"c1","status":"running","bundle":"/b"}',
      0,
      [['warn', 'SPEC_SCHEMA_REQUIRED', '/pid', 2, 1]],
    ],
    ['a good state', 'state', '{"ociVersion":"1.2.0","id":"c1","status":"stopped","bundle":"/b"}', 0, []],
    [
      'a wrong type in features',
      'features',
      '{"ociVersionMin":"1.0.0",\n"ociVersionMax":7}',
      1,
      [['error', 'SPEC_SCHEMA_TYPE', '/ociVersionMax', 2, 17]],
    ],
    ['broken features', 'features', '{', 1, [['error', 'ERR_SPEC_SYNTAX', '', 1, 2]]],
  ])('%s', (_name, type, text, status, expected) => {
    const result = check(text, type);
    const found = result.findings.map((finding: Record<string, unknown>) =>
      ['level', 'code', 'pointer', 'line', 'column'].map((key) => finding[key]),
    );
    expect(found).toEqual(expected);
    expect(result).toMatchObject({ status, valid: status === 0, type });
  });

  test.each([
    ['nests 513 levels deep', `{"x":${'['.repeat(512)}${']'.repeat(512)}}`],
    [
      'has an object of 2049 members',
      `{"annotations":{${Array.from({ length: 2049 }, (_, index) => `"${index}":""`).join(',')}}}`,
    ],
  ])('what no call would take is not taken here: it %s', (what, text) => {
    const {
      status,
      stdout,
      stderr = '',
    } = validate(
      { file: '-', type: 'config', json: false },
      { ...world, readInput: () => Buffer.from(text) },
    );
    expect({ status, stdout }).toEqual({ status: 1, stdout: undefined });
    expect(stderr).toContain(`${what}; `);
    expect(stderr).toContain('[ERR_SPEC_EXTENT]');
  });

  test('a warning is no failure', () => {
    const result = check(good.replace('"ociVersion":"1.2.0"', '"ociVersion":"1.2"'));
    expect(result.findings).toEqual([expect.objectContaining({ level: 'warn' })]);
    expect(result).toMatchObject({ status: 0, valid: true });
  });

  test('of schema and lint at one place: the error, and else the lint', () => {
    const codes = (text: string) => check(text).findings.map(({ code }: { code: string }) => code);
    expect(codes(good.replace('"ociVersion":"1.2.0"', '"ociVersion":"1.2"'))).toEqual(['LINT_VERSION_FORM']);
    expect(codes(good.replace('"path":"rootfs"', '"path":""'))).toEqual(['SPEC_SCHEMA_EMPTY']);
  });
});

describe('for a runtime', () => {
  const relative = good.replace('"cwd":"/"', '"cwd":"tmp"');

  test.each<[readonly RuntimeDialect[] | undefined, string, number]>([
    [undefined, 'warn', 0],
    [['crun', 'runsc'], 'warn', 0],
    [['crun', 'runc'], 'error', 1],
  ])('%j: %s', (runtimes, level, status) => {
    const readInput = () => Buffer.from(relative);
    const said = validate({ file: '-', type: 'config', runtimes, json: true }, { ...world, readInput });
    expect(said.status).toBe(status);
    expect(JSON.parse(String(said.stdout)).findings).toEqual([
      expect.objectContaining({ level, code: 'LINT_CWD_RELATIVE', rejectedBy: ['runc'] }),
    ]);
  });
});

describe('what is read', () => {
  const bundle = bundleIn(folder, 'bundle', plainSpec());

  test.each([
    ['a file', join(bundle, 'config.json')],
    ['a bundle', bundle],
  ])('%s', (_name, file) => {
    const { status, stdout, stderr } = validate({ file, type: 'config', json: false }, world);
    expect({ status, stdout, stderr }).toEqual({
      status: 0,
      stdout: '',
      stderr: `${join(bundle, 'config.json')}: 0 errors, 0 warnings\n`,
    });
  });

  test.each([join(folder, 'missing'), join(bundle, 'config.json/below')])('%s cannot be read', (file) => {
    const { status, stdout, stderr } = validate({ file, type: 'config', json: false }, world);
    expect({ status, stdout }).toEqual({ status: 1, stdout: undefined });
    expect(stderr).toMatch(/^ociwrap: .*\[ERR_INPUT_UNREADABLE\]: .*\n$/);
  });
});

test('for people: one line each, in the form that editors jump to', () => {
  const wrong = good
    .replace('"root":{"path":"rootfs"}', '\n"root":{"path":7}')
    .replace('"cwd":"/"', '"cwd":"a"');
  const bundle = bundleIn(folder, 'wrong', wrong);
  const { status, stdout, stderr } = validate({ file: bundle, type: 'config', json: false }, world);
  const file = join(bundle, 'config.json');
  expect(status).toBe(1);
  expect(String(stdout).split('\n')).toEqual([
    expect.stringMatching(`^${file}:1:\\d+: warn LINT_CWD_RELATIVE: /process/cwd: .+ \\(refused by runc\\)$`),
    expect.stringMatching(`^${file}:2:16: error SPEC_SCHEMA_TYPE: /root/path: .+[^)]$`),
    '',
  ]);
  expect(stderr).toBe(`${file}: 1 error, 1 warning\n`);
});
