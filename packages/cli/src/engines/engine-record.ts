import type { Distribution, EngineName, FileChange } from '@opencontainers-ts/engine-config';
import { quoted } from '@opencontainers-ts/runtime-spec';

import { CliError } from '../cli-error.js';
import { makeFolders } from '../system/make-folders.js';
import { dirname } from '../system/paths.js';
import { readFile } from '../system/read-file.js';
import { replaceFile } from '../system/replace-file.js';
import { answerOf, isFailure, type System } from '../system/system.js';
import { textOf } from '../system/text.js';

/** Where it is kept which engines have a handler of ours. */
export const ENGINE_RECORD = '/var/lib/ociwrap/engines.json';

const FORMAT = 1;

/** An engine that was given a handler. */
export interface RecordedEngine {
  readonly engine: EngineName;
  readonly distribution: Distribution;
  readonly handler: string;
  /** Every file that was changed for it. */
  readonly paths: readonly string[];
  /** Of files that have no comments, what they were, and what they were made. */
  readonly files: readonly FileChange[];
  /** That were made for its files, the deepest first. */
  readonly folders: readonly string[];
  /** When a file was changed that the engine has not read since, in milliseconds since 1970. */
  readonly changedAt?: number;
}

/**
 * Reads the record.
 *
 * @throws CliError `ERR_ENGINE_RECORD`
 * @throws SystemError
 */
export function readEngineRecord(system: System): readonly RecordedEngine[] {
  const bytes = readFile(system, ENGINE_RECORD);
  if (isFailure(bytes) && (bytes.errno === 'ENOENT' || bytes.errno === 'ENOTDIR')) return [];
  const { format, engines } = parsed(textOf(answerOf(bytes, ENGINE_RECORD)));
  if (format === FORMAT && Array.isArray(engines) && engines.every(isRecorded)) return engines;
  throw foreignRecord();
}

function parsed(text: string): { readonly format?: unknown; readonly engines?: unknown } {
  try {
    return Object(JSON.parse(text));
  } catch (cause) {
    throw foreignRecord(cause);
  }
}

function foreignRecord(cause?: unknown): CliError {
  const message = `${quoted(ENGINE_RECORD)} is not one that ociwrap has written`;
  return new CliError('ERR_ENGINE_RECORD', message, cause === undefined ? {} : { cause });
}

function isRecorded(value: unknown): value is RecordedEngine {
  if (typeof value !== 'object' || value === null) return false;
  const { engine, distribution, handler, paths, files, folders } = value as Partial<Record<string, unknown>>;
  const isText = (each: unknown) => typeof each === 'string';
  return (
    [engine, distribution, handler].every(isText) &&
    [paths, folders].every((each) => Array.isArray(each) && each.every(isText)) &&
    Array.isArray(files) &&
    files.every((file: unknown) => typeof file === 'object' && file !== null && 'path' in file)
  );
}

/**
 * Writes it; a record of nothing is no file. What is in it can be as secret as the files that it is about.
 *
 * @throws SystemError
 */
export function writeEngineRecord(system: System, engines: readonly RecordedEngine[]): void {
  if (engines.length === 0) {
    const failure = system.unlink(ENGINE_RECORD);
    if (isFailure(failure) && failure.errno !== 'ENOENT') answerOf(failure, ENGINE_RECORD);
    return;
  }
  const text = `${JSON.stringify({ format: FORMAT, engines }, null, 2)}\n`;
  const there = readFile(system, ENGINE_RECORD);
  // `--watch` asks every minute, and mostly nothing is new.
  if (!isFailure(there) && textOf(there) === text) return;
  makeFolders(system, dirname(ENGINE_RECORD), 0o755);
  replaceFile(system, ENGINE_RECORD, text, { flush: true });
}
