import type { Plan } from '@opencontainers-ts/rootfs-rewriter';
import type { JsonPatch } from '@opencontainers-ts/runtime-spec';

import { indentJson } from '../commands/indent-json.js';
import { textOf } from '../system/text.js';
import { CaseFault } from './case-fault.js';
import { documentOf, jsonText, patchOf, patchText } from './case-json.js';
import type { CaseFile, ExpectationName } from './rule-case.js';

/** What should be and what is, as text to compare. */
export interface Comparison {
  readonly expected: string;
  readonly actual: string;
}

/** Compares an expectation with what the rules came to. Equal texts: it holds. */
export function compare(name: ExpectationName, file: CaseFile, plan: Plan): Comparison {
  switch (name) {
    case 'expected-error.json':
      return compareRefusal(file, plan);
    case 'expected.json':
      return {
        expected: indentJson(textOf(documentOf(file).bytes)),
        actual: plan.refusal === undefined ? indentJson(textOf(plan.document.bytes)) : refusalText(plan),
      };
    case 'expected.patch.json':
      return {
        expected: patchText(patchOf(file)),
        actual: plan.refusal === undefined ? patchText(plan.patch) : refusalText(plan),
      };
  }
}

/** A refusal must have what the file says: its code, and of the details those that are given. */
function compareRefusal(file: CaseFile, plan: Plan): Comparison {
  const expected = documentOf(file).spec as unknown;
  if (
    typeof expected !== 'object' ||
    expected === null ||
    typeof Reflect.get(expected, 'code') !== 'string'
  ) {
    throw new CaseFault(`${file.path}: not an object with a "code"`);
  }
  if (plan.refusal === undefined) {
    return { expected: jsonText(expected), actual: outcomeText(plan) };
  }
  const { code, message, hint, details = {}, rule } = plan.refusal;
  return {
    expected: jsonText(expected),
    actual: jsonText(likeShape({ code, message, hint, details, rule }, expected)),
  };
}

/** The part of a value that has a counterpart in `shape`, in its order. */
function likeShape(value: unknown, shape: unknown): unknown {
  if (!isObject(value) || !isObject(shape)) return value;
  const members = Object.keys(shape).filter((name) => Object.hasOwn(value, name));
  return Object.fromEntries(members.map((name) => [name, likeShape(value[name], shape[name])]));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refusalText({ refusal }: Plan): string {
  const { code, message, hint } = refusal ?? {};
  return jsonText({ code, message, hint });
}

function outcomeText({ patch, trace }: Plan): string {
  const said = trace.map(({ rule, outcome }) => ({ rule, outcome: outcome.kind }));
  return jsonText({ said, patch: patch satisfies JsonPatch });
}

/** The file that a case should have for what the rules came to. */
export function expectationOf(
  plan: Plan,
  before: readonly (CaseFile & { readonly name: ExpectationName })[],
): { readonly name: ExpectationName; readonly text: string } {
  if (plan.refusal !== undefined) {
    const { code, details = {} } = plan.refusal;
    return { name: 'expected-error.json', text: jsonText({ code, details }) };
  }
  const whole = before.find(({ name }) => name === 'expected.json');
  if (whole === undefined) return { name: 'expected.patch.json', text: patchText(plan.patch) };
  // What was one line stays one: it is the file as an engine would write it.
  const isOneLine = !textOf(whole.bytes).trimEnd().includes('\n');
  const text = textOf(plan.document.bytes);
  return { name: 'expected.json', text: isOneLine ? text : indentJson(text) };
}
