import { Readable, Writable } from 'node:stream';
import { ReadStream } from 'node:tty';

import { setWindowSize, type WindowSize } from '@opencontainers-ts/exec-native';

/** The terminal of a container, as its user has it: the other side of what the container's programs read and write. */
export interface Terminal {
  /**
   * What is typed. Its end is not seen in the container, for a terminal has none: write `\x04` (Ctrl-D) for that. Once the terminal is
   * gone, what is written fails.
   */
  readonly input: Writable;
  /** What is printed. It ends when the last program in the container has closed the terminal. */
  readonly output: Readable;
  /** The programs in the foreground get SIGWINCH. Nothing happens once the terminal is gone. */
  resize(size: WindowSize): void;
  /** Hangs up, which sends SIGHUP to the container's session. */
  close(): void;
  [Symbol.dispose](): void;
}

/**
 * Streams over the master side of a pseudo-terminal, which they close.
 *
 * @throws an error of Node.js if it is no terminal; the descriptor is still open then
 */
export function openTerminal(master: number): Terminal {
  const device = new ReadStream(master);
  const output = outputOf(device);
  const input = inputOf(device);
  device.on('close', () => input.destroy());
  const close = () => {
    device.destroy();
    input.destroy();
    output.destroy();
  };
  return {
    input,
    output,
    resize(size) {
      if (!device.destroyed) setWindowSize(master, size);
    },
    close,
    [Symbol.dispose]: close,
  };
}

/** Reading on Linux fails with EIO when nobody has the other side open any more, after all that was printed: pty(7) has no other end. */
function outputOf(device: ReadStream): Readable {
  const output = new Readable({
    read: () => device.resume(),
    destroy(error, done) {
      device.destroy();
      done(error);
    },
  });
  device.pause();
  device.on('data', (chunk) => {
    if (!output.push(chunk)) device.pause();
  });
  device.once('end', () => output.push(null));
  device.once('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EIO') output.push(null);
    else output.destroy(error);
  });
  return output;
}

function inputOf(device: ReadStream): Writable {
  return new Writable({
    write(chunk, _encoding, done) {
      device.write(chunk, (error) => done(error));
    },
  });
}
