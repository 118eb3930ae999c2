import { describe, expect, test } from '@jest/globals';

import {
  type HookDialect,
  type HookStage,
  hookBehaviour,
  type StageBehaviour,
} from '../../packages/runtime-client/src/index.js';

import { type HookedContainer, hookedContainer, STAGES, versionOf } from './hooked-container.js';
import { describeWith } from './programs.js';

/** What was seen of a stage, in the form of the table. */
function stageSeen(
  stage: HookStage,
  whole: HookedContainer,
  failing: () => HookedContainer,
): StageBehaviour | 'never' {
  const [first, second] = ofStage(whole, stage);
  if (first === undefined) return 'never';
  const { during, status, pid, cwd, env } = first;
  // What a hook has for an environment of its own, it has whole.
  expect({ ...second, place: 'first', env }).toEqual({ ...first, env: 'hook' });
  const failed = failing();
  const inStage = ofStage(failed, stage);
  expect(inStage.map(({ place }) => place)).toEqual(inStage.length === 1 ? ['first'] : ['first', 'second']);
  return {
    during,
    status,
    pid,
    cwd,
    withoutEnv: second?.env,
    failure: {
      exitCode: failed.ended[during],
      others: inStage.length === 2,
      container: failed.state,
      poststop: stage !== 'poststop' && ofStage(failed, 'poststop').some((hook) => hook.during === during),
    },
  } as StageBehaviour;
}

const ofStage = ({ hooks }: HookedContainer, stage: HookStage) =>
  hooks.filter((hook) => hook.stage === stage);

describeWith(
  ['runc', 'crun', 'runsc', 'busybox', 'unshare'],
  'what is seen of hooks is what the table says',
  () => {
    describe.each<HookDialect>(['runc', 'crun', 'runsc'])('%s', (dialect) => {
      let whole: HookedContainer | undefined;
      test.each(STAGES)('%s', (stage) => {
        whole ??= hookedContainer(dialect);
        const seen = stageSeen(stage, whole, () => hookedContainer(dialect, stage));
        expect(seen).toEqual(hookBehaviour(dialect, versionOf(dialect))?.stages[stage]);
      });
    });
  },
);
