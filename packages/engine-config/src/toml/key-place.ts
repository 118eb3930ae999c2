import { quoted } from '@opencontainers-ts/runtime-spec';
import { type AST, parseTOML } from 'toml-eslint-parser';

import { EngineConfigError } from '../engine-config-error.js';
import { withoutMark } from '../text/file-text.js';
import { insertBlock } from '../text/marked-block.js';
import type { TomlPath } from './toml-table.js';

/** Where whole lines stand in a text. */
interface Lines {
  readonly start: number;
  /** Behind the end of the last line. */
  readonly end: number;
}

/**
 * Sets a key of a table that the text has, or may have: in place of the line that sets it, or behind the table's header.
 *
 * @param name - of the block that the line stands in
 * @returns undefined where the text has neither the key nor a header of the table, so that one can be appended
 * @throws EngineConfigError `ERR_ENGINE_FILE_SHAPE` for a key or table that has no line of its own
 */
export function withKeySet(
  text: string,
  file: string,
  name: string,
  [table, key, value]: readonly [TomlPath, string, string],
): string | undefined {
  const body = bodyOf(text, file);
  const line = (indent: string) => [`${indent}${key} = ${value}`];
  const header = body.find((node) => node.type === 'TOMLTable' && isSame(node.resolvedKey, table));
  const pairs = header?.type === 'TOMLTable' ? header.body : [];
  const pair = pairs.find((node) => isSame(namesOf(node), [key]));
  if (pair !== undefined) {
    const { start, end } = linesOf(text, pair);
    if (pair.loc.start.line !== pair.loc.end.line) throw shapeError(file, [...table, key], pair);
    return insertBlock(text, name, line(indentAt(text, start)), { start, end });
  }
  if (header !== undefined) {
    const [first] = pairs;
    const indent = first === undefined ? '  ' : indentAt(text, linesOf(text, first).start);
    const { end } = headerLine(text, header);
    return insertBlock(text, name, line(indent), { start: end, end });
  }
  const other = dottedOrInline(body, table);
  if (other !== undefined) throw shapeError(file, table, other);
  return undefined;
}

function bodyOf(text: string, file: string): readonly (AST.TOMLKeyValue | AST.TOMLTable)[] {
  try {
    return parseTOML(withoutMark(text).text).body[0].body;
  } catch (cause) {
    throw new EngineConfigError('ERR_ENGINE_FILE_SHAPE', 'it cannot be read line by line', {
      path: file,
      cause,
    });
  }
}

/**
 * A pair that sets the table, or a part of it, without a header: `a.b.c = 1`, `a = { b = … }`. Below a header of its own a part
 * of the table is no hindrance: `[a.b.c]` may stand before `[a.b]`.
 */
function dottedOrInline(
  body: readonly (AST.TOMLKeyValue | AST.TOMLTable)[],
  table: TomlPath,
): AST.TOMLKeyValue | undefined {
  return body
    .flatMap((node) => {
      const above = node.type === 'TOMLTable' ? node.resolvedKey : [];
      if (above.length >= table.length) return [];
      const pairs = node.type === 'TOMLTable' ? node.body : [node];
      return pairs.map((pair) => [[...above, ...namesOf(pair)], pair] as const);
    })
    .find(([names]) => {
      const length = Math.min(names.length, table.length);
      return isSame(names.slice(0, length), table.slice(0, length));
    })?.[1];
}

function namesOf({ key }: AST.TOMLKeyValue): readonly string[] {
  return key.keys.map((part) => (part.type === 'TOMLBare' ? part.name : part.value));
}

function isSame(one: readonly (string | number)[], other: readonly (string | number)[]): boolean {
  return one.length === other.length && one.every((name, index) => name === other[index]);
}

function linesOf(text: string, node: AST.TOMLNode): Lines {
  const { skipped } = withoutMark(text);
  const [first, last] = node.range;
  return {
    start: text.lastIndexOf('\n', first + skipped - 1) + 1 || skipped,
    end: lineEndFrom(text, last + skipped),
  };
}

/** The line of a header alone: a table reaches to its last pair. */
function headerLine(text: string, table: AST.TOMLNode): Lines {
  const { skipped } = withoutMark(text);
  const start = table.range[0] + skipped;
  return { start, end: lineEndFrom(text, start) };
}

function lineEndFrom(text: string, at: number): number {
  const found = text.indexOf('\n', at);
  return found === -1 ? text.length : found + 1;
}

function indentAt(text: string, start: number): string {
  return /^[ \t]*/.exec(text.slice(start))?.[0] ?? '';
}

function shapeError(path: string, place: TomlPath, { loc }: AST.TOMLNode): EngineConfigError {
  return new EngineConfigError(
    'ERR_ENGINE_FILE_SHAPE',
    `it sets ${quoted(place.join('.'))} without a line of its own`,
    { path, line: loc.start.line },
  );
}
