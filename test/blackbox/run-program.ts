import { spawnSync } from 'node:child_process';

export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly input?: string;
  /**
   * Give the program no pipes: a process that it leaves behind (`create` leaves the container's) would hold them
   * open, and waiting for their end would wait for that process.
   */
  readonly leavesProcess?: boolean;
}

/** Runs a program to its end. A hanging program is a failure of the test, after a time no test needs. */
export function runProgram(file: string, args: readonly string[], options: RunOptions = {}): Ended {
  const { status, signal, stdout, stderr, error } = spawnSync(file, args, {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] ?? '', ...options.env },
    cwd: options.cwd,
    ...(options.leavesProcess ? { stdio: 'ignore' } : { input: options.input ?? '' }),
    timeout: 60_000,
    killSignal: 'SIGKILL',
  });
  if (error !== undefined) {
    throw error;
  }
  return { status, signal, stdout: stdout ?? '', stderr: stderr ?? '' };
}
