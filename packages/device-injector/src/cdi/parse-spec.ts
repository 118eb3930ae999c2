import type { CdiSpec } from './cdi-spec.js';
import { decodeSpec } from './decode-spec.js';
import { readPlainJson } from './read-json.js';
import { SpecFault } from './spec-fault.js';
import type { Tree } from './tree.js';
import { TooManyTokens } from './yaml/parse-yaml.js';
import { readPlainYaml } from './yaml/read-plain-yaml.js';
import { readYaml } from './yaml/read-yaml.js';

/**
 * The spec that a text holds, in JSON or YAML whatever the file is called; undefined for a text that holds nothing.
 *
 * @throws SpecFault
 */
export function parseSpec(text: string): CdiSpec | undefined {
  const quick = parsePlainSpec(text);
  if (quick !== undefined && !(quick instanceof SpecFault)) return quick;
  try {
    const tree = readYaml(text);
    return tree === null ? undefined : decodeSpec(tree).spec;
  } catch (error) {
    throw error instanceof TooManyTokens ? (quick ?? error) : error;
  }
}

/** The same of a text that the fast readers understand: undefined for others, and a fault that upstream may tell otherwise. */
export function parsePlainSpec(text: string): CdiSpec | SpecFault | undefined {
  const json = readPlainJson(text);
  const plain = json === undefined ? readPlainYaml(text) : json.tree;
  return plain === undefined || plain === null ? undefined : plainSpec(plain, json?.members);
}

/**
 * Undefined where the text holds a member twice. Where it is at fault, the slow way tells which fault upstream would see:
 * ours is told where that would take too long.
 */
function plainSpec(tree: Tree, expected: number | undefined): CdiSpec | SpecFault | undefined {
  try {
    const { spec, members } = decodeSpec(tree);
    return expected === undefined || members === expected ? spec : undefined;
  } catch (error) {
    if (error instanceof SpecFault) return error;
    throw error;
  }
}
