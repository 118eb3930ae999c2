import { expect, test } from '@jest/globals';

import { failureReason } from '../../src/runtime-log/failure-reason.js';

// As runc 1.1, crun 1.8 and 1.21 and runsc of 2022 wrote them.
test.each([
  ['not-found', 'exec failed: container does not exist'],
  ['not-found', 'error opening file `/tmp/t/crun/none/status`: No such file or directory'],
  ['not-found', "cannot open directory '/tmp/t/crun/none': No such file or directory"],
  ['not-found', 'container `none` does not exist: open `/run/crun/none/status`: No such file or directory'],
  ['not-found', 'loading container "none": file does not exist'],
  ['not-found', 'loading sandbox: file does not exist'],
  ['not-found', 'loading container: open /run/runsc/web_sandbox:web.state: no such file or directory'],
  ['other', 'loading container: open /run/runsc/web.json: no such file or directory'],
  ['exists', 'runc create failed: container with given ID already exists'],
  ['exists', 'container `c1` already exists'],
  ['exists', 'creating container: cannot lock container metadata file: container already exists'],
  ['not-stopped', 'cannot delete container c1 that is not stopped: paused'],
  ['not-stopped', 'the container `c1` is not in `created` or `stopped` state'],
  ['paused', 'exec failed: cannot exec in a paused container (use --ignore-paused to override)'],
  ['paused', 'cannot start a container in the paused state'],
  ['paused', 'the container `c1` is paused'],
  ['not-running', 'container not running'],
  ['not-running', 'exec failed: cannot exec in a stopped container'],
  ['not-running', 'cannot start a container that has stopped'],
  ['not-running', 'the container `c1` is not running: No such process'],
  ['no-such-process', 'open pidfd: No such process'],
  ['other', 'runc create failed: chdir /tmp/t/nope: no such file or directory'],
  ['other', 'executable file `/bin/nothing` not found in $PATH: No such file or directory'],
  ['other', 'cannot start an already running container'],
] as const)('%s: %s', (reason, message) => {
  expect(failureReason(message)).toBe(reason);
});
