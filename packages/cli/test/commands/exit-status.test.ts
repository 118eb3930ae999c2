import { expect, test } from '@jest/globals';
import { DEVICE_ERROR_CODES } from '@opencontainers-ts/device-injector';
import { ENGINE_CONFIG_ERROR_CODES } from '@opencontainers-ts/engine-config';
import { EXEC_NATIVE_ERROR_CODES } from '@opencontainers-ts/exec-native';
import { REWRITER_ERROR_CODES } from '@opencontainers-ts/rootfs-rewriter';
import { RUNTIME_CLIENT_ERROR_CODES } from '@opencontainers-ts/runtime-client';
import { RESOLVER_ERROR_CODES } from '@opencontainers-ts/runtime-resolver';
import { SPEC_ERROR_CODES } from '@opencontainers-ts/runtime-spec';

import { CLI_ERROR_CODES } from '../../src/cli-error.js';
import { EXIT_STATUS, statusOf } from '../../src/commands/exit-status.js';

const tables = [
  CLI_ERROR_CODES,
  SPEC_ERROR_CODES,
  REWRITER_ERROR_CODES,
  RESOLVER_ERROR_CODES,
  DEVICE_ERROR_CODES,
  ENGINE_CONFIG_ERROR_CODES,
  EXEC_NATIVE_ERROR_CODES,
  RUNTIME_CLIENT_ERROR_CODES,
];

test('every code of every package has a status, and nothing else has', () => {
  const codes = tables.flatMap((table) => Object.keys(table));
  expect(Object.keys(EXIT_STATUS).sort()).toEqual(codes.sort());
  expect(new Set(codes).size).toBe(codes.length);
});

test.each([
  ['ERR_USAGE', 2],
  ['ERR_VOLUME_NOT_FOUND', 1],
  ['ERR_SOMEBODY_ELSES_RULE', 1],
  ['constructor', 1],
])('%s exits with %d', (code, status) => {
  expect(statusOf(code)).toBe(status);
});

test.each(tables.flatMap((table) => Object.entries(table)))(
  '%s has one sentence that says what it means, and a hint without a full stop',
  (_code, { summary, hint }) => {
    expect(summary).toMatch(/^\S.*\.$/);
    expect(hint).toMatch(/[^.\n]$/);
  },
);
