import { Composer, type CST, type Document, Parser } from 'yaml';

import { SpecFault } from './spec-fault.js';

/** A spec nests nine levels deep. */
const DEEPEST = 100;

/**
 * The first document of a text, all scalars of which are text, with the errors of its syntax.
 *
 * What the library composes it composes recursively, and where a regular expression is compiled near the end of the
 * stack V8 ends the process: so the depth is bounded first, on the tokens, which are made without recursion.
 *
 * @throws SpecFault where it nests too deep
 */
export function parseYaml(text: string): Document.Parsed {
  const tokens = [...new Parser().parse(text)];
  if (isDeeperThan(DEEPEST, tokens))
    throw new SpecFault('error converting YAML to JSON: yaml: exceeded max depth');
  const composer = new Composer({
    schema: 'failsafe',
    uniqueKeys: false,
    logLevel: 'silent',
    prettyErrors: false,
  });
  for (const document of composer.compose(tokens, true, text.length)) return document;
  throw new TypeError('the YAML library made no document');
}

function isDeeperThan(depth: number, tokens: readonly CST.Token[]): boolean {
  let level = tokens;
  for (let left = depth; left > 0 && level.length > 0; left -= 1) level = level.flatMap(below);
  return level.length > 0;
}

function below(token: CST.Token): CST.Token[] {
  if (token.type === 'document') return token.value === undefined ? [] : [token.value];
  if (!('items' in token)) return [];
  return token.items
    .flatMap(({ key, value }) => [key, value])
    .filter((each) => each !== undefined && each !== null);
}
