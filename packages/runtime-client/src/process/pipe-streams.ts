import { Socket } from 'node:net';
import { Readable, type Writable } from 'node:stream';

/** What is left in a pipe is taken up to this many bytes: no more fits into one unless root makes it larger (pipe-max-size of pipe(7)). */
export const LARGEST_REST = 1024 * 1024;

/** What comes out of a pipe. It reads ahead no further than a stream does, and closes the descriptor at its end. */
export class PipeOutput extends Readable {
  // Of a pipe, too, it is the class of Node.js that reads in the event loop: `fs` streams take a thread of the pool for as long as nothing comes.
  readonly #socket: Socket;
  #room = 0;

  /** @param fd the reading end, which is the stream's from now on */
  constructor(fd: number) {
    super({ read: () => this.#socket.resume() });
    this.#socket = new Socket({ fd, readable: true, writable: false });
    this.#socket.pause();
    this.#socket.on('data', (chunk: Buffer) => {
      this.#room -= chunk.length;
      if (!this.push(chunk) && this.#room <= 0) this.#socket.pause();
    });
    this.#socket.once('end', () => this.push(null));
    this.#socket.once('error', (error) => this.destroy(error));
  }

  /**
   * Reads what is in the pipe, whether or not anybody reads the stream: for when the writer has ended, so that the descriptor is closed
   * then and nothing is lost to who reads later.
   */
  takeRest(): void {
    this.#room = LARGEST_REST;
    this.#socket.resume();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }
}

/**
 * What goes into a pipe.
 *
 * @param fd the writing end, which is the stream's from now on
 */
export function pipeInput(fd: number): Writable {
  const socket = new Socket({ fd, readable: false, writable: true });
  // A reader that is gone is told to who writes, by the callback or by `finished`; it is no reason to end a process that does not listen.
  socket.on('error', () => undefined);
  return socket;
}
