import { EngineConfigError } from '../engine-config-error.js';
import type { NodeFiles } from '../found-engine.js';

/**
 * The text of a file, to the last byte: a byte order mark stays part of it.
 *
 * @returns undefined for no file
 * @throws EngineConfigError `ERR_ENGINE_FILE_BROKEN` for what is no UTF-8, and so could not be written back
 */
export function fileText(files: NodeFiles, path: string): string | undefined {
  const bytes = files.readFile(path);
  if (bytes === undefined) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new EngineConfigError('ERR_ENGINE_FILE_BROKEN', 'it is not UTF-8', { path, cause });
  }
}

const BYTE_ORDER_MARK = '\uFEFF';

/** A text without a byte order mark, and how long the mark was. */
export function withoutMark(text: string): { readonly text: string; readonly skipped: number } {
  const skipped = text.startsWith(BYTE_ORDER_MARK) ? 1 : 0;
  return { text: text.slice(skipped), skipped };
}

/** The end of line that a text has: that of its first line. */
export function lineEndOf(text: string): '\n' | '\r\n' {
  return /^[^\n]*\r\n/.test(text) ? '\r\n' : '\n';
}
