import { type Document, isAlias, isMap, isNode, isScalar, isSeq, type Node } from 'yaml';
import { type LinePosition, linePositions } from './line-numbers.js';
import type { SpecFault, SpecPath } from './spec-fault.js';
import { parseYaml, TooManyTokens } from './yaml/parse-yaml.js';

/**
 * Tells line and column of what is at fault in a text; of the nearest value around it where the text does not have it. The text
 * is parsed once, when the first is asked for that needs it.
 */
export function faultPositions(text: string): (fault: SpecFault) => LinePosition | undefined {
  const positionOf = linePositions(text);
  let document: Document.Parsed | undefined;
  let isParsed = false;
  return ({ offset, path }) => {
    if (offset !== undefined) return positionOf(offset);
    if (path.length === 0) return undefined;
    document = isParsed ? document : documentOf(text);
    isParsed = true;
    const at = document && offsetOf(document, path);
    return at === undefined ? undefined : positionOf(at);
  };
}

function offsetOf(document: Document.Parsed, path: SpecPath): number | undefined {
  let node: unknown = document.contents;
  let offset: number | undefined;
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && sameName(String(key.value), String(step)));
      if (pair === undefined) return offset;
      offset = startOf(pair.key) ?? offset;
      node = pair.value;
    } else if (isSeq(node) && typeof step === 'number') {
      node = node.items[step];
      offset = startOf(node) ?? offset;
    } else {
      return offset;
    }
  }
  return offset;
}

/** Undefined for a text that would take too long: the fault is told without its place. */
function documentOf(text: string): Document.Parsed | undefined {
  try {
    return parseYaml(text);
  } catch (error) {
    if (error instanceof TooManyTokens) return undefined;
    throw error;
  }
}

// Members match as the decoder matches them, near enough for a place to look at.
function sameName(given: string, wanted: string): boolean {
  return given.toLowerCase() === wanted.toLowerCase();
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? (node as Node).range?.[0] : undefined;
}
