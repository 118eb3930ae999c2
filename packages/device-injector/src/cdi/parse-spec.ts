import type { CdiSpec } from './cdi-spec.js';
import { decodeSpec } from './decode-spec.js';
import { readPlainJson } from './read-json.js';
import { readPlainYaml } from './read-plain-yaml.js';
import { readYaml } from './read-yaml.js';
import { SpecFault } from './spec-fault.js';
import type { Tree } from './tree.js';

/**
 * The spec that a text holds, in JSON or YAML whatever the file is called; undefined for a text that holds nothing.
 *
 * @throws SpecFault
 */
export function parseSpec(text: string): CdiSpec | undefined {
  const json = readPlainJson(text);
  const plain = json === undefined ? readPlainYaml(text) : json.tree;
  if (plain !== undefined && plain !== null) {
    const spec = plainSpec(plain, json?.members);
    if (spec !== undefined) return spec;
  }
  const tree = readYaml(text);
  return tree === null ? undefined : decodeSpec(tree).spec;
}

/** Undefined where the text is faulty or holds a member twice: the slow way tells which fault upstream would see. */
function plainSpec(tree: Tree, expected: number | undefined): CdiSpec | undefined {
  try {
    const { spec, members } = decodeSpec(tree);
    return expected === undefined || members === expected ? spec : undefined;
  } catch (error) {
    if (error instanceof SpecFault) return undefined;
    throw error;
  }
}
