import { quoted } from '@opencontainers-ts/runtime-spec';

import { EngineConfigError } from '../engine-config-error.js';
import { lineEndOf } from './file-text.js';

/**
 * Blocks of lines that we have put into a file of others, between two comments. A line that a block took the place of stands
 * in it behind `#|`, so that the file itself says what it was.
 *
 * ```toml
 * # ociwrap: begin default pvc
 * #|default_runtime_name = "runc"
 * default_runtime_name = "pvc"
 * # ociwrap: end default pvc
 * ```
 */
export interface MarkedBlock {
  readonly name: string;
  /** Where it begins in the text, and where it ends, behind its last line's end. */
  readonly start: number;
  readonly end: number;
  /** Its lines, marks and kept lines left out. */
  readonly body: string;
  /** What stood there before it. */
  readonly kept: string;
  /** It was appended to a line that had no end. */
  readonly hasEndedLine: boolean;
}

const ENDED_LINE = ' (the line before had no end)';
const KEPT = '#|';

/** Of each line: its text and its end. */
const LINE = /([^\n]*?)(\r?\n|$)/gy;
const BEGIN = /^# ociwrap: begin ([a-z0-9 -]+?)( \(the line before had no end\))?$/;

const endMark = (name: string): string => `# ociwrap: end ${name}`;

/** Our lines, between their marks. */
export function blockText(name: string, lines: readonly string[], lineEnd: string, isEnding = false): string {
  const first = `# ociwrap: begin ${name}${isEnding ? ENDED_LINE : ''}`;
  return [first, ...lines, endMark(name)].map((line) => line + lineEnd).join('');
}

/**
 * All blocks of a text, in their order.
 *
 * @throws EngineConfigError `ERR_ENGINE_MARKS`
 */
export function blocksOf(text: string, path: string): readonly MarkedBlock[] {
  const blocks: MarkedBlock[] = [];
  let open: { name: string; start: number; hasEndedLine: boolean; body: string; kept: string } | undefined;
  let number = 0;
  for (const [whole, line = '', lineEnd = ''] of linesOf(text)) {
    number += 1;
    const at = whole.start;
    const begun = BEGIN.exec(line);
    if (begun !== null) {
      if (open !== undefined) throw marksError(path, open.name, number);
      const [, name = '', ended] = begun;
      open = { name, start: at, hasEndedLine: ended !== undefined, body: '', kept: '' };
    } else if (open === undefined) {
      if (line.startsWith('# ociwrap: end ')) throw marksError(path, line.slice(15), number);
    } else if (line === endMark(open.name)) {
      // Without an end of its own it took the place of a last line that had none.
      const kept = lineEnd === '' ? open.kept.replace(/\r?\n$/, '') : open.kept;
      blocks.push({ ...open, kept, end: at + line.length + lineEnd.length });
      open = undefined;
    } else if (line.startsWith(KEPT)) {
      open.kept += line.slice(KEPT.length) + lineEnd;
    } else {
      open.body += line + lineEnd;
    }
  }
  if (open !== undefined) throw marksError(path, open.name, number);
  return blocks;
}

function* linesOf(text: string): Generator<[{ readonly start: number }, string, string]> {
  LINE.lastIndex = 0;
  const pattern = new RegExp(LINE);
  while (pattern.lastIndex < text.length) {
    const start = pattern.lastIndex;
    const [, line = '', lineEnd = ''] = pattern.exec(text) ?? [];
    yield [{ start }, line, lineEnd];
  }
}

/** Appends a block to a text, which may be empty, or lack the end of its last line. */
export function appendBlock(text: string, name: string, lines: readonly string[]): string {
  const lineEnd = lineEndOf(text);
  const isEnding = text !== '' && !text.endsWith('\n');
  return `${text}${isEnding ? lineEnd : ''}${blockText(name, lines, lineEnd, isEnding)}`;
}

/** Takes the place of a whole line, or stands behind one. */
export function insertBlock(
  text: string,
  name: string,
  lines: readonly string[],
  { start, end }: { readonly start: number; readonly end: number },
): string {
  const lineEnd = lineEndOf(text);
  const replaced = text.slice(start, end);
  if (replaced === '' && end === text.length) return appendBlock(text, name, lines);
  const isLast = replaced !== '' && !replaced.endsWith('\n');
  const kept = replaced === '' ? '' : `${KEPT}${replaced}${isLast ? lineEnd : ''}`;
  const [first = '', ...rest] = blockText(name, lines, lineEnd).split(/(?<=\n)/);
  const block = `${first}${kept}${rest.join('')}`;
  return `${text.slice(0, start)}${isLast ? block.slice(0, -lineEnd.length) : block}${text.slice(end)}`;
}

/**
 * A text without the named blocks, with what stood there before them.
 *
 * @throws EngineConfigError `ERR_ENGINE_MARKS`
 */
export function withoutBlocks(text: string, path: string, isMeant: (name: string) => boolean): string {
  let left = text;
  for (;;) {
    const block = blocksOf(left, path).find(({ name }) => isMeant(name));
    if (block === undefined) return left;
    left = withoutBlock(left, block);
  }
}

function withoutBlock(text: string, { start, end, kept, hasEndedLine }: MarkedBlock): string {
  const before = text.slice(0, start);
  const after = text.slice(end);
  if (!hasEndedLine) return before + kept + after;
  if (after === '') return before.replace(/\r?\n$/, '');
  // The next block is now the one that stands behind that line.
  const [mark = ''] = /^# ociwrap: begin [a-z0-9 -]+?(?=\r?\n)/.exec(after) ?? [];
  return mark === '' ? before + after : `${before}${mark}${ENDED_LINE}${after.slice(mark.length)}`;
}

function marksError(path: string, name: string, line: number): EngineConfigError {
  return new EngineConfigError(
    'ERR_ENGINE_MARKS',
    `there is only one of the two marks of our block ${quoted(name)}`,
    { path, line },
  );
}
