import { type AST, parseTOML } from 'toml-eslint-parser';

import type { KeyPath } from '../settings/settings.js';

interface KeyPlace {
  readonly path: KeyPath;
  readonly line: number;
}

/**
 * The line, counted from 1, at which a key of a TOML text is set: that of the nearest key above it where the key itself
 * is not there, or stands for a table that has no line of its own.
 */
export function lineOfKey(text: string, path: KeyPath): number | undefined {
  return lineAmong(keyPlaces(text), path);
}

/** {@link lineOfKey} for many keys of one text. */
export function linesOfKeys(text: string): (path: KeyPath) => number | undefined {
  const places = keyPlaces(text);
  return (path) => lineAmong(places, path);
}

function lineAmong(places: readonly KeyPlace[], path: KeyPath): number | undefined {
  const above = places.filter((place) => place.path.every((part, index) => part === path[index]));
  const exact = above.find((place) => place.path.length === path.length);
  // A table that is only written through its keys stands where the first of them does.
  const below = places.find((place) => path.every((part, index) => part === place.path[index]));
  const nearest = above.sort((one, other) => other.path.length - one.path.length)[0];
  return (exact ?? below ?? nearest)?.line;
}

function keyPlaces(text: string): readonly KeyPlace[] {
  const [top] = parsed(text.replace(/^\uFEFF/, ''))?.body ?? [];
  if (top === undefined) return [];
  return top.body.flatMap((node) =>
    node.type === 'TOMLTable'
      ? [
          { path: node.resolvedKey, line: node.loc.start.line },
          ...node.body.flatMap((pair) => pairPlaces(pair, node.resolvedKey)),
        ]
      : pairPlaces(node, []),
  );
}

/**
 * Nothing for what this parser does not take though the one that reads the configuration does, such as the 30th of February:
 * the fault that is to be told is another one, and is told without its line.
 */
function parsed(text: string): AST.TOMLProgram | undefined {
  try {
    return parseTOML(text);
  } catch {
    return undefined;
  }
}

function pairPlaces({ key, value, loc }: AST.TOMLKeyValue, above: KeyPath): readonly KeyPlace[] {
  const names = key.keys.map((part) => (part.type === 'TOMLBare' ? part.name : part.value));
  const path = [...above, ...names];
  return [{ path, line: loc.start.line }, ...valuePlaces(value, path)];
}

function valuePlaces(value: AST.TOMLContentNode, path: KeyPath): readonly KeyPlace[] {
  switch (value.type) {
    case 'TOMLInlineTable':
      return value.body.flatMap((pair) => pairPlaces(pair, path));
    case 'TOMLArray':
      return value.elements.flatMap((element, index) => [
        { path: [...path, index], line: element.loc.start.line },
        ...valuePlaces(element, [...path, index]),
      ]);
    default:
      return [];
  }
}
