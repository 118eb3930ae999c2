import { afterEach, describe, expect, test } from '@jest/globals';

import { rehearsalMachine } from '../../src/main/rehearsal-machine.js';
import { askRuntimeVersion, knownRuntimeVersion } from '../../src/runtime-version/runtime-version.js';
import { engineSystem } from '../../src/system/engine-system.js';
import { bytesOf, textOf } from '../../src/system/text.js';

const RUNSC = '/usr/bin/runsc';
const KEPT = '/run/ociwrap-settings/runtime-versions';
const PROGRAM = '\x7fELF of runsc';
const SCRIPT = '#!/bin/sh\nexec /opt/runsc "$@"\n';

const ETIMEDOUT = -110;
const EFBIG = -27;
const EACCES = -13;

/** What a program does that is run: what it prints, and its exit status; or a failure. */
type Does = { readonly prints: string; readonly status?: number } | number;

/** A machine in memory, root's alone, on which runsc does as it is told. */
function machineWith(does: Does, content = PROGRAM, environment: readonly string[] = []) {
  const files = new Map([[RUNSC, bytesOf(content)]]);
  const runs: { path: string; argv: string; env: string; milliseconds: number }[] = [];
  const host = {
    ...rehearsalMachine(
      {
        argv: [],
        environment,
        found: {},
        execFn: '',
        exe: '/x',
        files,
        folders: ['/run', '/usr/bin'],
        volume: '/',
      },
      () => undefined,
    ),
    runProgram: (
      path: string,
      argv: Uint8Array,
      env: Uint8Array,
      milliseconds: number,
      _mostOutput: number,
      numbers: BigUint64Array,
    ) => {
      runs.push({ path, argv: textOf(argv), env: textOf(env), milliseconds });
      if (typeof does === 'number') return does;
      numbers[0] = BigInt(does.status ?? 0);
      return bytesOf(does.prints);
    },
  };
  Object.assign(globalThis, { host });
  return { system: engineSystem(), files, runs };
}

afterEach(() => {
  Reflect.deleteProperty(globalThis, 'host');
});

describe('a runtime that is asked for its version', () => {
  test('is called with --version, in an environment of ours', () => {
    const { system, runs } = machineWith({ prints: 'runsc version release-20260520.0\n' }, PROGRAM, [
      'SECRET=1',
    ]);
    expect(askRuntimeVersion(system, RUNSC)).toEqual({ name: 'runsc', version: 'release-20260520.0' });
    expect(runs).toEqual([
      {
        path: RUNSC,
        argv: `${RUNSC}\0--version\0`,
        env: expect.stringMatching(/^PATH=[^\0]+\0OCIWRAP_DEPTH=1\0$/),
        milliseconds: 5000,
      },
    ]);
  });

  test.each([
    ['2', '3'],
    ['', '1'],
    ['many', '1'],
  ])('is told how often a call has come through here: %j before', (depth, told) => {
    const { system, runs } = machineWith({ prints: '' }, PROGRAM, [`OCIWRAP_DEPTH=${depth}`]);
    askRuntimeVersion(system, RUNSC);
    expect(runs[0]?.env).toContain(`\0OCIWRAP_DEPTH=${told}\0`);
  });

  test.each<[Does, string]>([
    [{ prints: '' }, 'prints has none'],
    [{ prints: 'usage: runsc <flags>\n' }, 'prints has none'],
    [{ prints: 'runsc version release-20260520.0\n', status: 1 }, 'ends with the status 1'],
    [ETIMEDOUT, 'takes longer than 5 seconds'],
    [EFBIG, 'prints more than 4096 bytes'],
    [EACCES, 'it cannot be run: EACCES'],
  ])('and does %j', (does, why) => {
    const { system, runs, files } = machineWith(does);
    expect(askRuntimeVersion(system, RUNSC)).toEqual({ unknown: expect.stringContaining(why) });
    expect(files.has(KEPT)).toBe(false);
    // Nothing is known of it, and so it is asked again.
    askRuntimeVersion(system, RUNSC);
    expect(runs).toHaveLength(2);
  });

  test('that is not there is not run', () => {
    const { system, runs } = machineWith({ prints: '' });
    expect(askRuntimeVersion(system, '/nowhere')).toEqual({ unknown: 'it cannot be looked at: ENOENT' });
    expect(runs).toEqual([]);
  });

  test('is asked once, until the file is another', () => {
    const { system, runs, files } = machineWith({ prints: 'runsc version release-20240729.0\n' });
    const version = { name: 'runsc', version: 'release-20240729.0' };
    expect(askRuntimeVersion(system, RUNSC)).toEqual(version);
    expect(askRuntimeVersion(system, RUNSC)).toEqual(version);
    expect(runs).toHaveLength(1);
    files.set(RUNSC, bytesOf(`${PROGRAM}, the next one`));
    expect(askRuntimeVersion(system, RUNSC)).toEqual(version);
    expect(runs).toHaveLength(2);
  });

  test('is asked each time where it is a script, which says nothing of what it starts', () => {
    const { system, runs, files } = machineWith({ prints: 'runsc version release-20240729.0\n' }, SCRIPT);
    askRuntimeVersion(system, RUNSC);
    askRuntimeVersion(system, RUNSC);
    expect(runs).toHaveLength(2);
    expect(files.has(KEPT)).toBe(false);
  });

  test.each([
    '',
    'torn {',
    '[]',
    '{"format":1}',
    '{"format":2,"versions":[]}',
    '{"format":1,"versions":[null,1,{"file":1}]}',
  ])('is asked where what is kept says nothing: %j', (text) => {
    const { system, runs, files } = machineWith({ prints: 'runsc version release-20240729.0\n' });
    files.set(KEPT, bytesOf(text));
    askRuntimeVersion(system, RUNSC);
    askRuntimeVersion(system, RUNSC);
    expect(runs).toHaveLength(1);
  });

  test('the versions of a few files are kept, and no more', () => {
    const { system, runs, files } = machineWith({ prints: 'runsc version release-20240729.0\n' });
    for (let index = 0; index < 12; index += 1) {
      files.set(RUNSC, bytesOf(PROGRAM + 'x'.repeat(index)));
      askRuntimeVersion(system, RUNSC);
    }
    expect(JSON.parse(textOf(files.get(KEPT) ?? new Uint8Array())).versions).toHaveLength(8);
    askRuntimeVersion(system, RUNSC);
    expect(runs).toHaveLength(12);
  });
});

describe('a version that is only looked up', () => {
  test('is what was kept, and nothing is run', () => {
    const { system, runs, files } = machineWith({ prints: 'runsc version release-20240729.0\n' });
    expect(knownRuntimeVersion(system, RUNSC)).toEqual({ unknown: expect.stringContaining('only a start') });
    expect(runs).toEqual([]);
    askRuntimeVersion(system, RUNSC);
    expect(knownRuntimeVersion(system, RUNSC)).toEqual({ name: 'runsc', version: 'release-20240729.0' });
    files.set(RUNSC, bytesOf(`${PROGRAM}, the next one`));
    expect(knownRuntimeVersion(system, RUNSC)).toHaveProperty('unknown');
    expect(knownRuntimeVersion(system, '/nowhere')).toHaveProperty('unknown');
    expect(runs).toHaveLength(1);
  });
});
