import { expect, test } from '@jest/globals';

import { asSeen } from '../../src/container/live-state.js';
import type { ContainerStatus } from '../../src/events/container-state.js';

const seen = (status: ContainerStatus, isGone: boolean) =>
  asSeen({ ociVersion: '1.2.0', id: 'c', bundle: '/b', status, pid: 7, annotations: {} }, { isGone });

test.each<ContainerStatus>(['created', 'running', 'paused'])(
  '%s is what it is while its process lives',
  (status) => {
    expect(seen(status, false)).toMatchObject({ status, pid: 7 });
  },
);

test.each<ContainerStatus>(['created', 'running', 'paused'])(
  '%s is stopped, and has no pid, when its process is gone',
  (status) => {
    const state = seen(status, true);
    expect(state.status).toBe('stopped');
    expect(state).not.toHaveProperty('pid');
  },
);
