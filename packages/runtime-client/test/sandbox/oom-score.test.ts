import { describe, expect, test } from '@jest/globals';
import { type ScoredContainer, sandboxOomScoreAdj } from '../../src/index.js';

const scored = (kind: ScoredContainer['kind']) => (oomScoreAdj?: number | null) => ({ kind, oomScoreAdj });
const pause = scored('sandbox');
const member = scored('container');
const alone = scored('unspecified');

describe('the score of a sandbox', () => {
  test.each<[string, readonly ScoredContainer[], number | undefined]>([
    ['the lowest', [member(999), member(-500), member(3)], -500],
    ['zero is a score', [member(1), member(0)], 0],
    ['not that of the pause container', [pause(-998), member(100)], 100],
    ['those that say nothing do not count', [member(), member(null), member(7)], 7],
    ['a container on its own', [alone(-1000)], -1000],
    ['nobody says anything', [pause(-998), member()], undefined],
    ['only the pause container', [pause(-998)], undefined],
    ['nobody is there', [], undefined],
  ])('%s', (_name, containers, score) => {
    expect(sandboxOomScoreAdj(containers)).toBe(score);
  });

  test.each<[string, readonly ScoredContainer[], ScoredContainer['kind'], number | undefined]>([
    ['the others count', [pause(-998), member(5)], 'container', 5],
    ['nobody else asks', [pause(-998), member()], 'container', 17],
    ['the first container, which ends the sandbox', [member(5)], 'sandbox', undefined],
    ['one on its own', [member(5)], 'unspecified', undefined],
    ['the last one', [], 'container', undefined],
  ])('when one leaves: %s', (_name, containers, kind, score) => {
    expect(sandboxOomScoreAdj(containers, { kind, original: 17 })).toBe(score);
  });

  test.each([-1001, 1001, 0.5, Number.NaN])('%d is none', (score) => {
    const error = expect.objectContaining({ code: 'ERR_RUNTIME_OPTION' });
    expect(() => sandboxOomScoreAdj([member(0), member(score)])).toThrow(error);
    expect(() => sandboxOomScoreAdj([pause(0)], { kind: 'container', original: score })).toThrow(error);
  });
});
