import { type Alias, isAlias, isMap, isScalar, isSeq, type Node, type YAMLMap } from 'yaml';

import { goQuote } from '../../go-quote.js';
import { decodeBase64 } from '../base64.js';
import { lineNumbers } from '../line-numbers.js';
import { SpecFault } from '../spec-fault.js';
import { Float, goFloatText, type Tree } from '../tree.js';
import { parseYaml } from './parse-yaml.js';
import { resolvePlainScalar } from './yaml-scalar.js';
import { yamlSyntaxFault } from './yaml-syntax.js';

/** More values than any spec has; a few anchors can stand for billions. */
const MOST_ALIASED_VALUES = 100_000;
const MOST_ALIASES_IN_ALIASES = 50;

type YamlNode = Node | null;

/**
 * The first document of a YAML text; null where there is none. The library is asked for structure only: what a scalar
 * stands for, and what a member that is there twice means, is answered as sigs.k8s.io/yaml does.
 *
 * @throws SpecFault
 */
export function readYaml(text: string): Tree {
  const document = parseYaml(text);
  const fault = yamlSyntaxFault(document, text);
  if (fault !== undefined) throw fault;
  const reader = new YamlReader(text);
  const tree = reader.tree(document.contents);
  if (reader.repeated.length > 0) throw reader.repeatedFault();
  return tree;
}

class YamlReader {
  readonly #text: string;
  /** Those seen so far: an alias means the last anchor of its name before it. */
  readonly #anchors = new Map<string, YamlNode>();
  /** What aliases stand for, the one inside the other. */
  readonly #open: YamlNode[] = [];
  #aliased = 0;
  readonly repeated: { readonly name: string; readonly offset: number }[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  tree(node: YamlNode): Tree {
    this.#note(node);
    if (node === null) return null;
    if (isAlias(node)) return this.#behindAlias(node, (target) => this.tree(target));
    if (isMap(node)) return Object.fromEntries(this.#entries(node));
    if (isSeq(node)) return node.items.map((item) => this.tree(item as YamlNode));
    if (!isScalar(node)) return null;
    if (node.tag === BINARY_TAG) return binary(String(node.value), node.range?.[0]);
    return scalar(String(node.value), node.type === 'PLAIN', node.tag);
  }

  #note(node: YamlNode): void {
    if (this.#open.length === 0) {
      if (node !== null && 'anchor' in node && node.anchor !== undefined)
        this.#anchors.set(node.anchor, node);
      return;
    }
    this.#aliased += 1;
    if (this.#aliased > MOST_ALIASED_VALUES || this.#open.length > MOST_ALIASES_IN_ALIASES) {
      throw yamlFault('yaml: document contains excessive aliasing', node?.range?.[0]);
    }
  }

  #behindAlias<T>(alias: Alias, read: (target: YamlNode) => T): T {
    const target = this.#anchors.get(alias.source);
    const offset = alias.range?.[0];
    if (target === undefined) throw yamlFault(`yaml: unknown anchor '${alias.source}' referenced`, offset);
    if (this.#open.includes(target)) {
      throw yamlFault(`yaml: anchor '${alias.source}' value contains itself`, offset);
    }
    this.#open.push(target);
    const result = read(target);
    this.#open.pop();
    return result;
  }

  #entries(map: YAMLMap): Map<string, Tree> {
    const entries = new Map<string, Tree>();
    for (const { key, value } of map.items) {
      const keyNode = key as YamlNode;
      const valueNode = value as YamlNode;
      if (isMergeKey(keyNode)) {
        for (const [name, inner] of this.#merged(valueNode)) this.#put(entries, name, inner, valueNode);
      } else {
        this.#put(
          entries,
          memberName(this.tree(keyNode), keyNode),
          this.tree(valueNode),
          valueNode ?? keyNode,
        );
      }
    }
    return entries;
  }

  #put(entries: Map<string, Tree>, name: string, value: Tree, at: YamlNode): void {
    if (entries.has(name)) this.repeated.push({ name, offset: at?.range?.[0] ?? 0 });
    else entries.set(name, value);
  }

  /** What `<<` brings in: the members of a map, or of each map of a list. */
  #merged(node: YamlNode): readonly (readonly [string, Tree])[] {
    this.#note(node);
    if (isAlias(node)) return this.#behindAlias(node, (target) => this.#merged(target));
    if (isMap(node)) return [...this.#entries(node)];
    if (isSeq(node)) return node.items.flatMap((item) => this.#merged(item as YamlNode));
    throw yamlFault('yaml: map merge requires map or sequence of maps as the value', node?.range?.[0]);
  }

  repeatedFault(): SpecFault {
    const lineOf = lineNumbers(this.#text);
    const lines = this.repeated.map(
      ({ name, offset }) => `\n  line ${lineOf(offset)}: key ${goQuote(name)} already set in map`,
    );
    return yamlFault(`yaml: unmarshal errors:${lines.join('')}`, this.repeated[0]?.offset);
  }
}

function isMergeKey(key: YamlNode): boolean {
  return isScalar(key) && key.type === 'PLAIN' && key.value === '<<';
}

const BINARY_TAG = 'tag:yaml.org,2002:binary';
const TEXT_TAGS = new Set(['!', 'tag:yaml.org,2002:str']);
const VALUE_TAG = /^tag:yaml\.org,2002:(?:int|float|bool|null)$/;

function scalar(text: string, isPlain: boolean, tag: string | undefined): Tree {
  if (tag === undefined) return isPlain ? resolvePlainScalar(text) : text;
  // A tag that go-yaml does not know leaves the text as it is.
  return !TEXT_TAGS.has(tag) && VALUE_TAG.test(tag) ? resolvePlainScalar(text) : text;
}

function binary(text: string, offset: number | undefined): string {
  const bytes = decodeBase64(text);
  if (bytes === undefined) throw yamlFault('yaml: !!binary value contains invalid base64 data', offset);
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

/** The name of a member, which JSON wants to be a text. */
function memberName(key: Tree, node: YamlNode): string {
  if (typeof key === 'string') return key;
  if (key instanceof Float) return goFloatText(key);
  if (typeof key === 'object') throw yamlFault('unsupported map key', node?.range?.[0]);
  return String(key);
}

function yamlFault(message: string, offset: number | undefined): SpecFault {
  return new SpecFault(`error converting YAML to JSON: ${message}`, [], offset);
}
