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

/** The lines about runtimes. */
const runtimeLines = (stdout: string) => stdout.split('\n').filter((line) => / runtime: /.test(line));

// On Node.js the kernel cannot be tried, which is a warning.
const [FAULT, WARNINGS] = [1, 3];

describe('ociwrap doctor', () => {
  test.each<[string, Readonly<Record<string, string>>, number, string[]]>([
    ['no runtime', {}, FAULT, ['fault    runtime: no runtime is on the search path']],
    [
      'a new runc',
      { runc: 'echo runc version 1.3.6' },
      WARNINGS,
      ['ok       runtime: "/runc" is runc 1.3.6'],
    ],
    [
      'an old runc',
      { runc: 'echo runc version 1.1.5' },
      FAULT,
      ['fault    runtime: "/runc" is runc 1.1.5: CVE-2026-41579', '1.3.6 or newer'],
    ],
    [
      'an old crun',
      { crun: 'echo crun version 1.27' },
      FAULT,
      ['fault    runtime: "/crun" is crun 1.27: CVE-2026-47766'],
    ],
    ['a new crun', { crun: 'echo crun version 1.28' }, WARNINGS, ['ok       runtime: "/crun" is crun 1.28']],
    [
      'crun in the place of runc',
      { runc: 'echo crun version 1.8.1' },
      FAULT,
      ['"/runc" is crun 1.8.1: CVE-2026-47766'],
    ],
    [
      'one that says nothing',
      { runsc: 'exit 3' },
      WARNINGS,
      ['note     runtime: "/runsc" does not say its version: "--version" ends with the status 3'],
    ],
    [
      'one that nobody knows',
      { youki: 'echo youki version 0.3' },
      WARNINGS,
      ['ok       runtime: "/youki" is youki 0.3'],
    ],
    [
      'a sound and a faulty one',
      { runc: 'echo runc version 1.4.3', crun: 'echo crun version 1.8' },
      FAULT,
      ['fault    runtime: "/crun"', 'ok       runtime: "/runc"'],
    ],
  ])('%s', async (_, programs, status, texts) => {
    const said = await doctorIn(folderWith(programs));
    expect(said.status).toBe(status);
    const told = runtimeLines(said.stdout).join('\n');
    for (const text of texts) expect(told).toContain(text);
  });

  test('a runtime under two names is one; the wrapper is none', async () => {
    const folder = folderWith({ runc: 'echo runc version 1.4.3', wrapper: 'echo runc version 1.0' });
    symlinkSync('runc', join(folder, 'crun'));
    symlinkSync('wrapper', join(folder, 'runsc'));
    mkdirSync(join(folder, 'youki'));
    const { stdout } = await doctorIn(folder, [], join(folder, 'wrapper'));
    expect(runtimeLines(stdout)).toEqual(['ok       runtime: "/runc" is runc 1.4.3']);
  });

  test('the most serious first, and the counts at the end', async () => {
    const { stdout } = await doctorIn(folderWith({ runc: 'echo runc version 1.1.5' }));
    const lines = stdout.trimEnd().split('\n');
    const levels = lines
      .slice(0, -2)
      .map((line) => ['fault', 'warning', 'note', 'ok'].indexOf(line.split(' ')[0] ?? ''));
    expect(levels).toEqual([...levels].sort());
    expect(lines.at(-1)).toMatch(/^1 fault, \d+ warnings?, \d+ notes?, \d+ ok$/);
  });

  test('as data', async () => {
    const { status, stdout } = await doctorIn(folderWith({ runc: 'echo runc version 1.5.0' }), ['--json']);
    const { worst, findings, runtimes } = JSON.parse(stdout);
    expect({ status, worst }).toEqual({ status: FAULT, worst: 'fault' });
    expect(findings[0]).toEqual({
      check: 'runtime',
      level: 'fault',
      message: expect.stringContaining('"/runc" is runc 1.5.0: CVE-2026-41579'),
      remedy: expect.stringContaining('1.5.1'),
    });
    expect(runtimes).toEqual([
      {
        path: '/runc',
        name: 'runc',
        version: '1.5.0',
        faults: [expect.objectContaining({ cve: 'CVE-2026-41579', fixedIn: '1.5.1' })],
      },
    ]);
  });

  test('a root of a node that cannot be entered', async () => {
    const { world } = testWorld();
    const { status, stderr } = await ociwrap(['doctor', '--host-root', '/host'], world);
    expect({ status, stderr }).toEqual({
      status: FAULT,
      stderr: expect.stringMatching(/chroot\(2\) to "\/host" failed with ENOSYS \[ERR_HOST_ROOT\]/),
    });
  });
});
