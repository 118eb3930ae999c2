import { formatPointer, type JsonValue, parsePointer, quoted } from '@opencontainers-ts/runtime-spec';
import type { Condition, RawOperation, RuleDefinition } from '../generated/rule-definition.js';
import { RULE_SCHEMA } from '../generated/rule-schema.js';
import { REWRITER_ERROR_CODES, RewriterError } from '../rewriter-error.js';
import { tidyPath } from '../spec-edit/absolute-path.js';
import { findNameFaults, withKernelNames } from './name-faults.js';
import { findSchemaFaults, type Schema, type SchemaFault } from './schema-check.js';

/** Faults that an error holds; more of them help nobody. */
const MOST_FAULTS = 100;
/** Faults that its message tells. */
const TOLD_FAULTS = 5;

/**
 * A definition that is sound: it follows the schema and the few rules that a schema cannot say. Integers that fit
 * into a number are numbers in it, whatever they were given as (TOML readers give bigints); capabilities and limits have
 * the names of the runtime spec.
 *
 * @throws {@link RewriterError} `ERR_RULE_INVALID`; `details.pointer` is the first place in the definition that is wrong,
 *   `details.faults` tells all of them
 */
export function readDefinition(definition: unknown): RuleDefinition {
  const faults = findSchemaFaults(RULE_SCHEMA, definition, MOST_FAULTS);
  if (faults.length > 0) throw invalid(definition, faults);
  const rule = withPlainIntegers(definition as JsonValue) as unknown as RuleDefinition;
  const found = [
    ...findConditionFaults(rule.when ?? {}, ['when']),
    ...findActionFaults(rule),
    ...findNameFaults(rule),
  ].slice(0, MOST_FAULTS);
  if (found.length > 0) throw invalid(definition, found);
  return withKernelNames(rule);
}

/**
 * The condition `when` of the rule called `name`, sound as in {@link readDefinition}.
 *
 * @throws {@link RewriterError} `ERR_RULE_INVALID`, as {@link readDefinition}; each pointer begins with `/when`
 */
export function readCondition(condition: unknown, name: string): Condition {
  const faults = findSchemaFaults(NAMED_CONDITION, { when: condition }, MOST_FAULTS);
  if (faults.length > 0) throw invalid({ name }, faults);
  const when = withPlainIntegers(condition as JsonValue) as unknown as Condition;
  const found = findConditionFaults(when, ['when']);
  if (found.length > 0) throw invalid({ name }, found.slice(0, MOST_FAULTS));
  return when;
}

const NAMED_CONDITION: Schema = {
  type: 'object',
  properties: { when: { $ref: '#/$defs/Condition' } },
  $defs: RULE_SCHEMA.$defs ?? {},
};

function invalid(definition: unknown, faults: readonly SchemaFault[]): RewriterError {
  const name: unknown =
    typeof definition === 'object' && definition !== null ? Reflect.get(definition, 'name') : undefined;
  const rule = typeof name === 'string' ? `rule ${quoted(name)}` : 'the rule';
  const told = faults
    .slice(0, TOLD_FAULTS)
    .map(({ pointer, message }) => `${pointer === '' ? '' : `${quoted(pointer)} `}${message}`);
  const more = faults.length > TOLD_FAULTS ? `; and ${faults.length - TOLD_FAULTS} more` : '';
  return new RewriterError('ERR_RULE_INVALID', `${rule}: ${told.join('; ')}${more}`, {
    hint: REWRITER_ERROR_CODES.ERR_RULE_INVALID.hint,
    details: {
      pointer: faults[0]?.pointer ?? '',
      faults: faults.map(({ pointer, message }) => ({ pointer, message })),
      ...(typeof name === 'string' ? { rule: name } : {}),
    },
  });
}

type Place = readonly (string | number)[];

function findConditionFaults(condition: Condition, place: Place): readonly SchemaFault[] {
  const own = (['annotation', 'env', 'args'] as const).flatMap((name) => {
    const test: object = condition[name] ?? {};
    const asked = ['present', 'equals', 'glob'].filter((word) => Object.hasOwn(test, word));
    return asked.length > 1
      ? [fault([...place, name], `has ${asked.join(' and ')}, of which one is allowed`)]
      : [];
  });
  const lists = (['all', 'any'] as const).flatMap((name) =>
    (condition[name] ?? []).flatMap((inner, index) => findConditionFaults(inner, [...place, name, index])),
  );
  const inNot = condition.not === undefined ? [] : findConditionFaults(condition.not, [...place, 'not']);
  return [...own, ...lists, ...inNot];
}

function findActionFaults({ then: { hooks, mounts, patch } }: RuleDefinition): readonly SchemaFault[] {
  const destinations = (mounts?.options ?? []).map(({ destination }) => tidyPath(destination));
  const twice = destinations.flatMap((each, index) =>
    destinations.indexOf(each) < index
      ? [fault(['then', 'mounts', 'options', index, 'destination'], 'occurs more than once')]
      : [],
  );
  const required = (['prepend', 'append'] as const).flatMap((list) =>
    (hooks?.startContainer?.[list] ?? []).flatMap(({ require }, index) =>
      require === true
        ? [
            fault(
              ['then', 'hooks', 'startContainer', list, index, 'require'],
              'cannot be asked: the path is one of the container, where nobody has looked yet',
            ),
          ]
        : [],
    ),
  );
  const operations = (patch ?? []).flatMap(
    (operation, index) => findOperationFault(operation, ['then', 'patch', index]) ?? [],
  );
  return [...twice, ...required, ...operations];
}

function findOperationFault({ op, path, from, value }: RawOperation, place: Place): SchemaFault | undefined {
  const needs = { value: ['add', 'replace', 'test'].includes(op), from: ['move', 'copy'].includes(op) };
  if (needs.value && value === undefined) return fault(place, `lacks "value", which ${op} needs`);
  if (needs.from && from === undefined) return fault(place, `lacks "from", which ${op} needs`);
  const bad = [path, ...(from === undefined ? [] : [from])].find((pointer) => !isPointer(pointer));
  return bad === undefined ? undefined : fault(place, `holds ${quoted(bad)}, which is not a JSON Pointer`);
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
