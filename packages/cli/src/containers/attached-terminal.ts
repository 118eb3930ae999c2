import { spawn } from 'node:child_process';
import { setTimeout as after } from 'node:timers/promises';

import { ConsoleSocket, type Terminal } from '@opencontainers-ts/runtime-client';

/** How long what a terminal has printed is waited for when its program has ended, in milliseconds: others may hold it open for ever. */
const LONGEST_REST = 1000;

/**
 * The raw mode of Node.js still makes a carriage return and a line feed of each line feed (libuv, `uv_tty_set_mode`), which the container's
 * terminal has done already, or was told not to do. Without a stty(1) it stays so. Leaving raw mode puts this back, too.
 */
function leaveOutput(): Promise<void> {
  const stty = spawn('stty', ['-opost'], { stdio: ['inherit', 'ignore', 'ignore'] });
  return new Promise((done) => {
    stty.once('error', () => done()).once('exit', () => done());
  });
}

/** What a runtime makes with a terminal, and that terminal. */
export interface WithTerminal<Made> {
  readonly made: Made;
  readonly terminal: Terminal;
}

/**
 * Has a runtime make something with a terminal. By then the runtime has sent it.
 *
 * @param make - gets the path of the socket
 * @param discard - takes back what was made, where no terminal came
 */
export async function withConsole<Made>(
  make: (consoleSocket: string) => Promise<Made>,
  discard: (made: Made) => Promise<void>,
): Promise<WithTerminal<Made>> {
  const socket = ConsoleSocket.listen();
  const stop = new AbortController();
  const coming = socket.terminal({ signal: stop.signal });
  coming.catch(() => undefined);
  try {
    const made = await make(socket.path);
    try {
      return { made, terminal: await coming };
    } catch (error) {
      await discard(made);
      throw error;
    }
  } catch (error) {
    stop.abort();
    await coming.then((terminal) => terminal.close()).catch(() => undefined);
    throw error;
  } finally {
    socket.close();
  }
}

/** The streams of this process, as far as they are asked. */
type OwnStreams = Pick<NodeJS.Process, 'stdin' | 'stdout'>;

/** A terminal of a container on that of this process. */
export interface AttachedTerminal {
  /** Waits for the rest of what was printed, and puts this process' terminal back as it was; it may be called again. */
  detach(): Promise<void>;
}

/**
 * Joins the terminal of a container to the standard streams: what is typed goes there byte for byte (raw mode, so that
 * Ctrl-C is for the container), and the container's size follows ours. A standard input that is no terminal ends in Ctrl-D.
 */
export async function attachTerminal(
  terminal: Terminal,
  { stdin, stdout }: OwnStreams = process,
): Promise<AttachedTerminal> {
  const printed = new Promise<void>((done) => {
    terminal.output
      .once('end', done)
      .once('close', done)
      .once('error', () => done());
  });
  const resize = () => terminal.resize({ columns: stdout.columns, rows: stdout.rows });
  const endInput = () => terminal.input.write('\x04');
  // What is typed when the program has ended is nobody's.
  terminal.input.on('error', () => undefined);
  if (stdout.isTTY) {
    resize();
    stdout.on('resize', resize);
  }
  if (stdin.isTTY) {
    stdin.setRawMode(true);
    await leaveOutput();
  } else stdin.once('end', endInput);
  stdin.pipe(terminal.input, { end: false });
  terminal.output.pipe(stdout, { end: false });
  const restore = () => {
    stdout.off('resize', resize);
    stdin.off('end', endInput).unpipe(terminal.input).pause();
    if (stdin.isTTY) stdin.setRawMode(false);
  };
  return {
    detach: async () => {
      try {
        await Promise.race([printed, after(LONGEST_REST, undefined, { ref: false })]);
      } finally {
        restore();
        terminal.close();
      }
    },
  };
}
