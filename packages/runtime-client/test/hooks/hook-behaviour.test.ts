import { expect, test } from '@jest/globals';

import type { DialectName } from '../../src/dialects/dialect-name.js';
import { hookBehaviour } from '../../src/hooks/hook-behaviour.js';

test.each<[DialectName, string, string]>([
  ['runc', '1.1.5+ds1', '1.1.5'],
  ['runc', '1.1.15', '1.1.5'],
  ['runc', 'v1.2.0-rc.1', '1.1.5'],
  ['runc', '1.3.5', '1.1.5'],
  ['runc', '1.3.6+ds1', '1.3.6'],
  ['runc', '1.4.0', '1.3.6'],
  ['crun', '1.21', '1.8.1'],
  ['crun', '1.8.1', '1.8.1'],
  ['runsc', 'release-20240729.0', '20221219'],
  ['runsc', '0.0~20221219.0', '20221219'],
])('%s %s has the row since %s', (dialect, version, since) =>
  expect(hookBehaviour(dialect, version)).toMatchObject({ dialect, since }),
);

test.each<[DialectName, string]>([
  ['runc', '1.1.4'],
  ['runc', '1.0.0'],
  ['crun', '1.8'],
  ['runsc', 'release-20221218.0'],
  ['runc', 'unknown'],
  ['runc', ''],
  ['youki', '0.5.0'],
])('%s %s is not known', (dialect, version) => expect(hookBehaviour(dialect, version)).toBeUndefined());

test.each([
  ['1.1.15', 'container', 0],
  ['1.3.6', 'empty', 1],
])(
  'runc %s: a hook in the container has the environment of: %s; a poststop that fails ends delete with %i',
  (version, withoutEnv, exitCode) =>
    expect(hookBehaviour('runc', version)?.stages).toMatchObject({
      createContainer: { withoutEnv },
      startContainer: { withoutEnv: 'container' },
      poststop: { failure: { exitCode } },
    }),
);
