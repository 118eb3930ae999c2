import type { Plan } from '@opencontainers-ts/rootfs-rewriter';
import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff';

import type { TellLine } from '../config/rules/module-output.js';
import type { System } from '../system/system.js';
import { CaseFault, RulesFault } from './case-fault.js';
import { compare, expectationOf } from './expectation.js';
import type { FolderTree } from './folder-tree.js';
import { lintResult } from './lint-result.js';
import { planCase } from './plan-case.js';
import type { ExpectationName, RuleCase } from './rule-case.js';

/** What a case came to. */
export type CaseResult =
  | { readonly name: string; readonly kind: 'passed' }
  | {
      readonly name: string;
      readonly kind: 'updated';
      readonly write: { readonly name: ExpectationName; readonly text: string };
      readonly remove: readonly ExpectationName[];
    }
  | {
      readonly name: string;
      readonly kind: 'failed';
      readonly message: string;
      /** Unified diff from what should be to what is. */
      readonly diff?: string;
      /** The file of rules that cannot be used, where that is why. */
      readonly rules?: string;
    };

/** Tries one case. With `update`, a case that fails is given the expectation that holds; nothing is written here. */
export async function tryCase(
  system: System,
  ruleCase: RuleCase,
  update: boolean,
  tree: Pick<FolderTree, 'read'>,
  tell?: TellLine,
): Promise<CaseResult> {
  const { name } = ruleCase;
  try {
    const planned = await planCase(system, ruleCase, tree, tell);
    const lints = lintResult(planned);
    if (lints.length > 0) {
      return { name, kind: 'failed', message: `the result would not start: ${lints.join('; ')}` };
    }
    const failed = judge(ruleCase, planned.plan);
    if (failed === undefined) return { name, kind: 'passed' };
    return update ? updated(ruleCase, planned.plan) : failed;
  } catch (error) {
    if (!(error instanceof CaseFault)) throw error;
    const rules = error instanceof RulesFault ? { rules: error.file } : {};
    return { name, kind: 'failed', message: error.message, ...rules };
  }
}

function judge({ name, expected }: RuleCase, plan: Plan): CaseResult | undefined {
  const failed = (message: string, diff?: string): CaseResult => ({
    name,
    kind: 'failed',
    message,
    ...(diff === undefined ? {} : { diff }),
  });
  const [file, other] = expected;
  if (file === undefined) {
    return failed('there is no expectation; --update writes the one that holds');
  }
  if (other !== undefined) {
    return failed(`${file.name} and ${other.name} are both there: keep one`);
  }
  const { expected: should, actual: is } = compare(file.name, file, plan);
  if (should === is) return undefined;
  const diff = createTwoFilesPatch(file.name, 'actual', should, is, '', '', {
    context: 3,
    headerOptions: FILE_HEADERS_ONLY,
  });
  const refused =
    plan.refusal === undefined || file.name === 'expected-error.json'
      ? ''
      : `: refused [${plan.refusal.code}]: ${plan.refusal.message}`;
  return failed(`not what ${file.name} says${refused}`, diff);
}

function updated({ name, expected }: RuleCase, plan: Plan): CaseResult {
  const write = expectationOf(plan, expected);
  const remove = expected.map((file) => file.name).filter((each) => each !== write.name);
  return { name, kind: 'updated', write, remove };
}
