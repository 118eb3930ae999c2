import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';

/** A process that a shell has started and left: its parent is the next subreaper. */
export async function leftBehind(script: string): Promise<number> {
  const shell = spawn('sh', ['-c', `sh -c '${script}' > /dev/null 2>&1 & echo $!`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [[pid]] = await Promise.all([once(shell.stdout, 'data'), once(shell, 'close')]);
  return Number(pid);
}

/** A process whose parent is a shell, which collects it when it is told to. */
export class OthersChild {
  readonly #shell: ChildProcessByStdio<Writable, Readable, null>;
  readonly pid: number;

  private constructor(shell: ChildProcessByStdio<Writable, Readable, null>, pid: number) {
    this.#shell = shell;
    this.pid = pid;
  }

  static async start(script: string): Promise<OthersChild> {
    const shell = spawn('sh', ['-c', `sh -c '${script}' & echo $!; read told; wait; echo; read told`], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const [pid] = await once(shell.stdout, 'data');
    return new OthersChild(shell, Number(pid));
  }

  async collect(): Promise<void> {
    const collected = once(this.#shell.stdout, 'data');
    this.#shell.stdin.write('\n');
    await collected;
  }

  async close(): Promise<void> {
    const closed = once(this.#shell, 'close');
    this.#shell.stdin.end();
    await closed;
  }
}
