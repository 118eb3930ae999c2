import { isAlias, isMap, isNode, isScalar, isSeq, type Node } from 'yaml';
import { parseYaml } from './parse-yaml.js';
import type { SpecFault, SpecPath } from './spec-fault.js';

/** Line and column, from 1, of what is at fault; of the nearest value around it where the text does not have it. */
export function faultPosition(
  text: string,
  { offset, path }: SpecFault,
): { readonly line: number; readonly column: number } | undefined {
  const at = offset ?? (path.length === 0 ? undefined : offsetOf(text, path));
  if (at === undefined) return undefined;
  const before = text.slice(0, at);
  const line = before.split('\n').length;
  return { line, column: [...before.slice(before.lastIndexOf('\n') + 1)].length + 1 };
}

function offsetOf(text: string, path: SpecPath): number | undefined {
  const document = parseYaml(text);
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

// Members match as the decoder matches them, near enough for a place to look at.
function sameName(given: string, wanted: string): boolean {
  return given.toLowerCase() === wanted.toLowerCase();
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? (node as Node).range?.[0] : undefined;
}
