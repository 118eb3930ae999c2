import { isSameBytes, type JsonValue } from '@opencontainers-ts/runtime-spec';

import { bytesOf } from '../system/text.js';
import type { ConfigText } from './config-files.js';
import type { ConfigFile } from './parse-config.js';

/**
 * The files of a configuration as one program read them and found them sound. To read and check TOML takes an interpreter
 * several times as long as JSON; and the same program makes the same of the same bytes.
 */
export interface ParsedFiles {
  /** What tells the program from any other. */
  readonly program: string;
  readonly files: readonly ConfigFile[];
}

/** More is not kept: what is read in each call should be short. */
const MOST_KEPT = 65_536;

/** What the program made of files, to be kept; undefined where JSON does not say it exactly, or it is too much. */
export function toKeep(program: string, files: readonly ConfigFile[]): ParsedFiles | undefined {
  const length = files.reduce((sum, { text }) => sum + text.length, 0);
  return length <= MOST_KEPT && files.every(({ table }) => isExactInJson(table))
    ? { program, files }
    : undefined;
}

/** What the program made of just these files before, if that was kept. */
export function knownFiles(
  kept: ParsedFiles | undefined,
  program: string,
  texts: readonly ConfigText[],
): readonly ConfigFile[] | undefined {
  // Of what another program kept not even the shape is known.
  if (kept?.program !== program || kept.files.length !== texts.length) return undefined;
  const isSame = kept.files.every(({ path, text }, index) => {
    const given = texts[index];
    return given?.path === path && isSameBytes(bytesOf(text), given.bytes);
  });
  return isSame ? kept.files : undefined;
}

function isExactInJson(value: JsonValue): boolean {
  if (typeof value === 'bigint' || Object.is(value, -0)) return false;
  return typeof value !== 'object' || value === null || Object.values(value).every(isExactInJson);
}
