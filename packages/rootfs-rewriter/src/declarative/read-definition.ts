import { formatPointer, type JsonValue, parsePointer, quoted } from '@opencontainers-ts/runtime-spec';
import { tidyPath } from '../absolute-path.js';
import type { Condition, RawOperation, RuleDefinition } from '../generated/rule-definition.js';
import { RULE_SCHEMA } from '../generated/rule-schema.js';
import { REWRITER_ERROR_CODES, RewriterError } from '../rewriter-error.js';
import { findNameFault } from './name-faults.js';
import { findSchemaFault, type SchemaFault } from './schema-check.js';

/**
 * A definition that is sound: it follows the schema and the few rules that a schema cannot say. Integers that fit
 * into a number are numbers in it, whatever they were given as (TOML readers give bigints).
 *
 * @throws {@link RewriterError} `ERR_RULE_INVALID`; `details.pointer` is the place in the definition
 */
export function readDefinition(definition: unknown): RuleDefinition {
  const fault = findSchemaFault(RULE_SCHEMA, definition);
  if (fault !== undefined) throw invalid(definition, fault);
  const rule = withPlainIntegers(definition as JsonValue) as unknown as RuleDefinition;
  const found = findConditionFault(rule.when ?? {}, ['when']) ?? findActionFault(rule) ?? findNameFault(rule);
  if (found !== undefined) throw invalid(definition, found);
  return rule;
}

function invalid(definition: unknown, { pointer, message }: SchemaFault): RewriterError {
  const name: unknown =
    typeof definition === 'object' && definition !== null ? Reflect.get(definition, 'name') : undefined;
  const rule = typeof name === 'string' ? `rule ${quoted(name)}` : 'the rule';
  const place = pointer === '' ? '' : ` ${quoted(pointer)}`;
  return new RewriterError('ERR_RULE_INVALID', `${rule}:${place} ${message}`, {
    hint: REWRITER_ERROR_CODES.ERR_RULE_INVALID.hint,
    details: { pointer, ...(typeof name === 'string' ? { rule: name } : {}) },
  });
}

type Place = readonly (string | number)[];

function findConditionFault(condition: Condition, place: Place): SchemaFault | undefined {
  for (const name of ['annotation', 'env', 'args'] as const) {
    const test: object = condition[name] ?? {};
    const asked = ['present', 'equals', 'glob'].filter((word) => Object.hasOwn(test, word));
    if (asked.length > 1)
      return fault([...place, name], `has ${asked.join(' and ')}, of which one is allowed`);
  }
  const lists = (['all', 'any'] as const).flatMap((name) =>
    (condition[name] ?? []).map((inner, index) => findConditionFault(inner, [...place, name, index])),
  );
  const inNot =
    condition.not === undefined ? undefined : findConditionFault(condition.not, [...place, 'not']);
  return lists.find((found) => found !== undefined) ?? inNot;
}

function findActionFault({ then: { hooks, mounts, patch } }: RuleDefinition): SchemaFault | undefined {
  const destinations = (mounts?.options ?? []).map(({ destination }) => tidyPath(destination));
  const twice = destinations.findIndex((each, index) => destinations.indexOf(each) < index);
  if (twice >= 0) {
    return fault(['then', 'mounts', 'options', twice, 'destination'], 'occurs more than once');
  }
  for (const list of ['prepend', 'append'] as const) {
    const index = hooks?.startContainer?.[list]?.findIndex(({ require }) => require === true) ?? -1;
    if (index >= 0) {
      const place = ['then', 'hooks', 'startContainer', list, index, 'require'];
      return fault(place, 'cannot be asked: the path is one of the container, where nobody has looked yet');
    }
  }
  return (patch ?? [])
    .map((operation, index) => findOperationFault(operation, ['then', 'patch', index]))
    .find((found) => found !== undefined);
}

function findOperationFault({ op, path, from, value }: RawOperation, place: Place): SchemaFault | undefined {
  const needs = { value: ['add', 'replace', 'test'].includes(op), from: ['move', 'copy'].includes(op) };
  if (needs.value && value === undefined) return fault(place, `lacks "value", which ${op} needs`);
  if (needs.from && from === undefined) return fault(place, `lacks "from", which ${op} needs`);
  const bad = [path, ...(from === undefined ? [] : [from])].find((pointer) => !isPointer(pointer));
  return bad === undefined ? undefined : fault(place, `holds ${quoted(bad)}, which is no JSON Pointer`);
}

function isPointer(text: string): boolean {
  try {
    parsePointer(text);
    return true;
  } catch {
    // What is wrong with it is all that the error says.
    return false;
  }
}

function fault(place: Place, message: string): SchemaFault {
  return { pointer: formatPointer(place), message };
}

function withPlainIntegers(value: JsonValue): JsonValue {
  if (typeof value === 'bigint') {
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  }
  if (Array.isArray(value)) return value.map(withPlainIntegers);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withPlainIntegers(inner)]));
}
