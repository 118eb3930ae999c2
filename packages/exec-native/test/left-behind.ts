import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';

import { buildKeepChild } from './native-build.js';

/** A process that a shell has started and left: its parent is the next subreaper. */
export async function leftBehind(script: string): Promise<number> {
  // It begins when that shell is gone, which would else collect it.
  const begin = `while kill -0 "$0" 2>/dev/null; do :; done; ${script}`;
  const shell = spawn('sh', ['-c', `sh -c '${begin}' $$ > /dev/null 2>&1 & echo $!`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [[pid]] = await Promise.all([once(shell.stdout, 'data'), once(shell, 'close')]);
  return Number(pid);
}

/** A process of another parent, which collects it when it is told to. */
export class OthersChild {
  readonly #parent: ChildProcessByStdio<Writable, Readable, null>;
  readonly pid: number;

  private constructor(parent: ChildProcessByStdio<Writable, Readable, null>, pid: number) {
    this.#parent = parent;
    this.pid = pid;
  }

  static async start(script: string): Promise<OthersChild> {
    const parent = spawn(buildKeepChild(), [script], { stdio: ['pipe', 'pipe', 'inherit'] });
    const [pid] = await once(parent.stdout, 'data');
    return new OthersChild(parent, Number(pid));
  }

  async collect(): Promise<void> {
    const collected = once(this.#parent.stdout, 'data');
    this.#parent.stdin.write('\n');
    await collected;
  }

  async close(): Promise<void> {
    const closed = once(this.#parent, 'close');
    this.#parent.stdin.end();
    await closed;
  }
}
