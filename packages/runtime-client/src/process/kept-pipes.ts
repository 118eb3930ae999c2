import type { ChildProcess } from 'node:child_process';
import { PassThrough, type Readable, type Writable } from 'node:stream';

/** Our ends of the pipes of a process, each where there is one. */
export interface Pipes {
  readonly stdin?: Writable;
  readonly stdout?: Readable;
  readonly stderr?: Readable;
}

/**
 * Takes the pipes from a child that leaves them to a process of its own. When a child ends, Node.js destroys its standard input, and reads
 * what is left of its output into nowhere (`lib/internal/child_process.js`, `onexit` and `flushStdio`): there the container's process
 * would be cut off. Call it as soon as the child runs.
 */
export function keptPipes(child: ChildProcess): Pipes {
  const { stdin, stdout, stderr } = child;
  // Node.js destroys what it finds in this member.
  (child as { stdin: Writable | null }).stdin = null;
  return {
    ...(stdin && { stdin }),
    // Piped, so that what Node.js resumes is kept for the reader.
    ...(stdout && { stdout: passedOn(stdout) }),
    ...(stderr && { stderr: passedOn(stderr) }),
  };
}

function passedOn(from: Readable): Readable {
  const to = new PassThrough();
  from.once('error', (error) => to.destroy(error));
  // A reader that goes away ends the writer by EPIPE, as it would without us.
  to.once('close', () => from.destroy());
  return from.pipe(to);
}

/** Closes our ends. */
export function closePipes({ stdin, stdout, stderr }: Pipes): void {
  for (const stream of [stdin, stdout, stderr]) stream?.destroy();
}
