import { DEVICE_ERROR_CODES } from '@opencontainers-ts/device-injector';
import { ENGINE_CONFIG_ERROR_CODES } from '@opencontainers-ts/engine-config';
import { REWRITER_ERROR_CODES } from '@opencontainers-ts/rootfs-rewriter';
import { RUNTIME_CLIENT_ERROR_CODES } from '@opencontainers-ts/runtime-client/values';
import { RESOLVER_ERROR_CODES } from '@opencontainers-ts/runtime-resolver';
import { FINDING_CODES, SPEC_ERROR_CODES } from '@opencontainers-ts/runtime-spec';
import { LINT_CODES } from '@opencontainers-ts/runtime-spec/lint';

import { CLI_ERROR_CODES } from '../../cli-error.js';
import { EXIT_STATUS } from '../exit-status.js';

interface Row {
  readonly summary: string;
  readonly hint: string;
}

/** What docs/errors.md is made of, but for the native addon's codes, which this program has no use for. */
const TABLES: readonly Readonly<Record<string, Row>>[] = [
  CLI_ERROR_CODES,
  REWRITER_ERROR_CODES,
  DEVICE_ERROR_CODES,
  RESOLVER_ERROR_CODES,
  ENGINE_CONFIG_ERROR_CODES,
  RUNTIME_CLIENT_ERROR_CODES,
  SPEC_ERROR_CODES,
  FINDING_CODES,
  LINT_CODES,
];

/** Every code that can be asked about. */
export function knownCodes(): readonly string[] {
  return TABLES.flatMap((table) => Object.keys(table));
}

/** What a code means and what to do, in paragraphs; nothing where there is no such code. */
export function errorHelp(code: string): readonly string[] | undefined {
  const row = TABLES.find((table) => Object.hasOwn(table, code))?.[code];
  if (row === undefined) return undefined;
  const status: unknown = Reflect.get(EXIT_STATUS, code);
  return [
    code,
    row.summary,
    `What to do: ${row.hint}.`,
    ...(status === undefined ? [] : [`Exit status of ociwrap: ${status}.`]),
  ];
}
