import { parsePointer, quoted } from '@opencontainers-ts/runtime-spec';
import { REWRITER_ERROR_CODES, RewriterError } from '../rewriter-error.js';
import { kindOf, memberOf, ValueFault } from './read-value.js';
import type { Rule } from './rule.js';

/** A rule of which nobody has promised anything, as an object of our own: each member is looked at once. */
export interface ReadRule {
  readonly name: string;
  readonly triggers: Rule['triggers'];
  readonly reads: readonly string[];
  readonly override: boolean;
  readonly audit: boolean;
  /** Of which no answer is known to be of the right type. */
  readonly claims: (...given: Parameters<Rule['claims']>) => unknown;
  readonly whyNot?: (...given: Parameters<NonNullable<Rule['whyNot']>>) => unknown;
  readonly evaluate: (...given: Parameters<Rule['evaluate']>) => unknown;
}

/** @throws RewriterError `ERR_RULE_INVALID` for what is no rule, or one that could never act */
export function readRule(given: unknown): ReadRule {
  let name: unknown;
  try {
    if (typeof given !== 'object' || given === null || kindOf(given) !== 'an object') {
      throw new ValueFault(`is ${kindOf(given)}, which is not a rule`);
    }
    name = look(given, 'name');
    return membersOf(given, name);
  } catch (cause) {
    if (!(cause instanceof ValueFault)) throw cause;
    const named = typeof name === 'string' && name !== '';
    throw new RewriterError(
      'ERR_RULE_INVALID',
      `${named ? `rule ${quoted(name as string)}` : 'the rule'} ${cause.message}`,
      {
        hint: REWRITER_ERROR_CODES.ERR_RULE_INVALID.hint,
        details: { fault: cause.message, ...(named ? { rule: name as string } : {}) },
        cause,
      },
    );
  }
}

function membersOf(rule: object, name: unknown): ReadRule {
  if (typeof name !== 'string') throw new ValueFault(`has a name that is ${kindOf(name)}, not a text`);
  if (name === '') throw new ValueFault('has no name');
  const triggers = triggersOf(look(rule, 'triggers'));
  const reads = textsOf(look(rule, 'reads'), 'has "reads" that are not a list of JSON pointers');
  const bad = reads.find((pointer) => !isPointer(pointer));
  if (bad !== undefined) throw new ValueFault(`reads ${quoted(bad)}, which is not a JSON pointer`);
  const whyNot = look(rule, 'whyNot');
  return {
    name,
    triggers,
    reads,
    override: flagOf(rule, 'override'),
    audit: flagOf(rule, 'audit'),
    claims: functionOf(rule, 'claims', look(rule, 'claims')),
    ...(whyNot === undefined ? {} : { whyNot: functionOf(rule, 'whyNot', whyNot) }),
    evaluate: functionOf(rule, 'evaluate', look(rule, 'evaluate')),
  };
}

function look(rule: object, name: string): unknown {
  try {
    return memberOf(rule, name);
  } catch (cause) {
    throw new ValueFault(`has a member ${quoted(name)} that cannot be read`, { cause });
  }
}

function triggersOf(value: unknown): Rule['triggers'] {
  if (value === 'every-create') return value;
  const triggers = textsOf(value, 'has "triggers" that are neither a list of texts nor "every-create"');
  if (triggers.length === 0) throw new ValueFault('has no trigger, so that it would never act');
  if (triggers.includes('')) throw new ValueFault('has an empty trigger, which occurs in every file');
  return triggers;
}

function textsOf(value: unknown, fault: string): readonly string[] {
  const texts: readonly unknown[] = Array.isArray(value) ? [...value] : [undefined];
  if (!texts.every((text) => typeof text === 'string')) throw new ValueFault(fault);
  return texts;
}

function flagOf(rule: object, name: string): boolean {
  const value = look(rule, name);
  if (value !== undefined && typeof value !== 'boolean') {
    throw new ValueFault(`has ${quoted(name)} that is ${kindOf(value)}, neither true nor false`);
  }
  return value === true;
}

function functionOf(rule: object, name: string, value: unknown): (...given: readonly unknown[]) => unknown {
  if (typeof value !== 'function')
    throw new ValueFault(`has ${quoted(name)} that is ${kindOf(value)}, not a function`);
  return (...given) => Reflect.apply(value, rule, given);
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
