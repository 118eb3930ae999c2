import { Composer, type CST, type Document, Lexer, Parser } from 'yaml';

import { SpecFault } from '../spec-fault.js';

/** A spec nests nine levels deep. */
const DEEPEST = 100;

/**
 * A spec of 19,000 lines has as many: ten times what generators write for a node of eight GPUs. The library takes
 * a second for them, and a container is waiting.
 */
const MOST_TOKENS = 200_000;

/** A text that is not read to its end. */
export class TooManyTokens extends SpecFault {
  constructor() {
    super(`error converting YAML to JSON: yaml: it has more than ${MOST_TOKENS} tokens`);
  }
}

/**
 * The first document of a text, all scalars of which are text, with the errors of its syntax.
 *
 * What the library composes it composes recursively, and where a regular expression is compiled near the end of the
 * stack V8 ends the process: so the depth is bounded first, on the tokens, which are made without recursion.
 *
 * @throws SpecFault where it nests too deep, {@link TooManyTokens} where it is too long
 */
export function parseYaml(text: string): Document.Parsed {
  const tokens = [...tokensOf(text)];
  if (isDeeperThan(DEEPEST, tokens))
    throw new SpecFault('error converting YAML to JSON: yaml: exceeded max depth');
  const composer = new Composer({
    schema: 'failsafe',
    // What it makes of tags such as !!binary depends on whether there is a Buffer.
    resolveKnownTags: false,
    uniqueKeys: false,
    logLevel: 'silent',
    prettyErrors: false,
  });
  for (const document of composer.compose(tokens, true, text.length)) return document;
  throw new TypeError('the YAML library made no document');
}

function* tokensOf(text: string): Generator<CST.Token> {
  const parser = new Parser();
  let count = 0;
  for (const lexeme of new Lexer().lex(text)) {
    count += 1;
    if (count > MOST_TOKENS) throw new TooManyTokens();
    yield* parser.next(lexeme);
  }
  yield* parser.end();
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
