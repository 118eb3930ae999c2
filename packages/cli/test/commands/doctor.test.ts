import { chmodSync, mkdirSync, mkdtempSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

import { ociwrap } from '../../src/main/ociwrap.js';
import { nodeSystem } from '../../src/system/node-system.js';
import { temporaryFolder } from '../temporary-folder.js';
import { testWorld } from './world.js';

const scratch = temporaryFolder();

/** A folder with programs that print what they are given. */
function folderWith(programs: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(scratch, 'bin-'));
  for (const [name, printed] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${printed}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
}

/** Nothing of this machine's own runtimes: what is not in the folder is not there. */
async function doctorIn(folder: string, args: readonly string[] = [], self?: string) {
  const system = nodeSystem();
  const { dev, ino } = self === undefined ? { dev: 0n, ino: 0n } : statSync(self, { bigint: true });
  const { world } = testWorld({
    env: { PATH: folder },
    self: { path: self ?? '', dev, ino },
    system: {
      ...system,
      stat: (path) => (String(path).startsWith(scratch) ? system.stat(path) : { errno: 'ENOENT' }),
    },
  });
  const { status, stdout = '' } = await ociwrap(['doctor', ...args], world);
  return { status, stdout: String(stdout).replaceAll(folder, '') };
}

describe('ociwrap doctor', () => {
  test.each<[string, Readonly<Record<string, string>>, 0 | 1, string[]]>([
    ['no runtime', {}, 0, ['no runtime is on the search path']],
    ['a new runc', { runc: 'echo runc version 1.3.6' }, 0, ['ok       "/runc" is runc 1.3.6']],
    [
      'an old runc',
      { runc: 'echo runc version 1.1.5' },
      1,
      ['fault    "/runc" is runc 1.1.5: CVE-2026-41579', '1.3.6 or newer'],
    ],
    ['an old crun', { crun: 'echo crun version 1.27' }, 1, ['fault    "/crun" is crun 1.27: CVE-2026-47766']],
    ['a new crun', { crun: 'echo crun version 1.28' }, 0, ['ok       "/crun" is crun 1.28']],
    [
      'crun in the place of runc',
      { runc: 'echo crun version 1.8.1' },
      1,
      ['"/runc" is crun 1.8.1: CVE-2026-47766'],
    ],
    [
      'one that says nothing',
      { runsc: 'exit 3' },
      0,
      ['unknown  "/runsc": "--version" ends with the status 3'],
    ],
    ['one that nobody knows', { youki: 'echo youki version 0.3' }, 0, ['ok       "/youki" is youki 0.3']],
    [
      'a sound and a faulty one',
      { runc: 'echo runc version 1.4.3', crun: 'echo crun version 1.8' },
      1,
      ['ok       "/runc"', 'fault    "/crun"'],
    ],
  ])('%s', async (_, programs, status, texts) => {
    const said = await doctorIn(folderWith(programs));
    expect(said.status).toBe(status);
    for (const text of texts) expect(said.stdout).toContain(text);
  });

  test('a runtime under two names is one; the wrapper is none', async () => {
    const folder = folderWith({ runc: 'echo runc version 1.4.3', wrapper: 'echo runc version 1.0' });
    symlinkSync('runc', join(folder, 'crun'));
    symlinkSync('wrapper', join(folder, 'runsc'));
    mkdirSync(join(folder, 'youki'));
    const { status, stdout } = await doctorIn(folder, [], join(folder, 'wrapper'));
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'ok       "/runc" is runc 1.4.3\n' });
  });

  test('as data', async () => {
    const { status, stdout } = await doctorIn(folderWith({ runc: 'echo runc version 1.5.0' }), ['--json']);
    expect({ status, ...JSON.parse(stdout) }).toEqual({
      status: 1,
      runtimes: [
        {
          path: '/runc',
          name: 'runc',
          version: '1.5.0',
          faults: [expect.objectContaining({ cve: 'CVE-2026-41579', fixedIn: '1.5.1' })],
        },
      ],
    });
  });
});
