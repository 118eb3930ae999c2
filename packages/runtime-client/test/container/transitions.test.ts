import { expect, test } from '@jest/globals';

import { checkOperation, outcomeOf, statesFor } from '../../src/container/transitions.js';

test('of an unknown runtime nothing is possible but what the specification says', () => {
  expect(statesFor('unknown', 'start')).toEqual(['created']);
  expect(statesFor('unknown', 'kill')).toEqual(['created', 'running']);
  expect(statesFor('unknown', 'delete')).toEqual(['stopped']);
  for (const operation of ['exec', 'pause', 'resume', 'ps', 'events', 'update', 'checkpoint'] as const)
    expect(statesFor('unknown', operation)).toEqual([]);
});

test('what is refused names the state, and those in which it is possible', () => {
  expect(() => checkOperation('crun', 'pause', { id: 'web', status: 'created' })).toThrow(
    expect.objectContaining({
      code: 'ERR_CONTAINER_STATE',
      message: 'the container "web" is created; pause is possible in the states running with crun',
      details: { id: 'web', operation: 'pause', status: 'created', possible: ['running'] },
    }),
  );
  expect(() => checkOperation('runc', 'pause', { id: 'web', status: 'created' })).not.toThrow();
  expect(() => checkOperation('unknown', 'exec', { id: 'web', status: 'running' })).toThrow(
    'possible in no state',
  );
});

test('nothing is possible while a container is being created, and one that is about to pause is as one that has', () => {
  for (const operation of ['start', 'kill', 'delete', 'exec'] as const)
    expect(outcomeOf('runc', operation, 'creating')).toBe('refused');
  expect(outcomeOf('runc', 'resume', 'pausing')).toBe('done');
  expect(outcomeOf('runc', 'pause', 'pausing')).toBe('refused');
});

test.each(['runc', 'crun', 'runsc', 'youki', 'unknown'] as const)(
  '%s starts what is created, and that alone',
  (dialect) => {
    expect(statesFor(dialect, 'start')).toEqual(['created']);
  },
);
