import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { setChildSubreaper } from '@opencontainers-ts/exec-native';

import { collectOrphans, keepOrphans, pidNamespaceOf, watchOrphans } from '../../src/exit/orphans.js';
import { readProcessStat } from '../../src/exit/proc-files.js';
import { ProcessHandle } from '../../src/exit/process-handle.js';

const childOf = ({ pid }: ChildProcess): number =>
  Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim());

/** The init of a PID namespace of its own. */
async function namespaceInit(): Promise<{ pid: number; end: () => Promise<void> }> {
  const unshare = spawn('unshare', ['--pid', '--fork', '--kill-child', 'sh', '-c', 'echo; sleep 100'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(unshare.stdout, 'data');
  const pid = childOf(unshare);
  return {
    pid,
    end: async () => {
      unshare.kill('SIGKILL');
      await once(unshare, 'close');
      const handle = ProcessHandle.open(pid);
      await handle?.wait();
      handle?.close();
    },
  };
}

/** A zombie in the namespace: whoever has started it there is gone, as a runtime is that has failed. */
async function orphanIn(init: number): Promise<number> {
  const enter = spawn('nsenter', ['--pid', '--target', `${init}`, 'sh', '-c', 'echo; read word; exit 3'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(enter.stdout, 'data');
  const pid = childOf(enter);
  const close = once(enter, 'close');
  enter.kill('SIGKILL');
  await once(enter, 'exit'); // before its child ends: a parent that is about to be killed may still collect it
  enter.stdin.end();
  await close;
  while (readProcessStat(pid)?.state !== 'Z') await new Promise(setImmediate);
  return pid;
}

const isThere = (pid: number): boolean => readProcessStat(pid) !== undefined;

test('the namespace of this process is none of another container', () => {
  expect(pidNamespaceOf(process.pid)).toBeUndefined();
  expect(pidNamespaceOf(2 ** 22)).toBeUndefined();
});

// A namespace of one's own takes a right that only root has everywhere.
if (process.getuid?.() === 0) {
  describe('an orphan in a PID namespace', () => {
    beforeAll(() => setChildSubreaper(true));
    afterAll(() => setChildSubreaper(false));

    test('is collected when its namespace is watched, and only then', async () => {
      const { pid, end } = await namespaceInit();
      const namespace = pidNamespaceOf(pid) ?? '';
      expect(namespace).toMatch(/^pid:\[\d+\]$/);
      const orphan = await orphanIn(pid);
      collectOrphans();
      const stopOther = watchOrphans('pid:[1]');
      collectOrphans();
      expect(isThere(orphan)).toBe(true);
      const stops = [watchOrphans(namespace), watchOrphans(namespace)];
      stops[0]?.();
      collectOrphans();
      expect(isThere(orphan)).toBe(false);
      stops[1]?.();
      stopOther();
      const next = await orphanIn(pid);
      collectOrphans();
      expect(isThere(next)).toBe(true);
      const last = ProcessHandle.open(next);
      expect(last?.isAlive()).toBe(false);
      last?.close();
      await end();
    });

    test('is left to who has it open, and to a call that will', async () => {
      const { pid, end } = await namespaceInit();
      const stop = watchOrphans(pidNamespaceOf(pid) ?? '');
      const orphan = await orphanIn(pid);
      const handle = ProcessHandle.open(orphan);
      collectOrphans();
      expect(isThere(orphan)).toBe(true);
      expect(await handle?.wait()).toEqual({ exitCode: 3 });
      handle?.close();

      const next = await keepOrphans(async () => {
        const made = await orphanIn(pid);
        collectOrphans();
        expect(isThere(made)).toBe(true);
        return made;
      });
      expect(isThere(next)).toBe(false);
      stop();
      await end();
    });
  });
}
