import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  acceptUnix,
  closeDescriptor,
  ErrnoError,
  listenUnix,
  receiveDescriptor,
  whenReadable,
  windowSize,
} from '@opencontainers-ts/exec-native';
import { quoted } from '@opencontainers-ts/runtime-spec';

import { RuntimeClientError } from '../runtime-client-error.js';
import { openTerminal, type Terminal } from './terminal.js';

/** Options of {@link ConsoleSocket.listen}. */
export interface ConsoleSocketOptions {
  /**
   * Where the folder of the socket is made. Default: `TMPDIR`, or /tmp. All of the socket's path may be 107 bytes long (unix(7)), so
   * this one about 80.
   */
  readonly parent?: string;
}

/** Options of {@link ConsoleSocket.terminal}. */
export interface TerminalOptions {
  /** Ends the wait; the promise is rejected with the reason of the signal. */
  readonly signal?: AbortSignal;
}

/**
 * A socket over which a runtime hands out the terminal of a container (`process.terminal` of config.json), for `--console-socket`
 * of `create`, `run` and `exec`. It lies in a folder of its own that no other user may enter.
 *
 * @example
 * ```ts
 * import { ConsoleSocket } from '@opencontainers-ts/runtime-client';
 *
 * const socket = ConsoleSocket.listen();
 * try {
 *   // Before this: client.create('shell', { bundle, consoleSocket: socket.path })
 *   const terminal = await socket.terminal({ signal: AbortSignal.timeout(100) });
 *   terminal.resize({ columns: 80, rows: 24 });
 *   terminal.output.pipe(process.stdout);
 * } catch (error) {
 *   console.log((error as Error).name); // TimeoutError
 * } finally {
 *   socket.close();
 * }
 * ```
 */
export class ConsoleSocket {
  /** For the runtime. */
  readonly path: string;
  readonly #folder: string;
  readonly #listener: number;
  readonly #closing = new AbortController();

  private constructor(folder: string, path: string, listener: number) {
    this.#folder = folder;
    this.path = path;
    this.#listener = listener;
  }

  /**
   * Makes the folder and the socket. Close it when the terminal has come, or will not.
   *
   * @throws RuntimeClientError `ERR_CONSOLE`: the path is too long, the folder cannot be made, ...
   */
  static listen({ parent = tmpdir() }: ConsoleSocketOptions = {}): ConsoleSocket {
    let folder: string | undefined;
    try {
      // Mode 0700.
      folder = mkdtempSync(join(parent, 'oci-console-'));
      const path = join(folder, 'socket');
      return new ConsoleSocket(folder, path, listenUnix(path));
    } catch (cause) {
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
      throw consoleError(`no console socket can be made in ${quoted(String(parent))}`, cause);
    }
  }

  /**
   * The next terminal that a runtime sends. Where the runtime fails, none comes: end the wait then.
   *
   * @returns a terminal that is the caller's to close; closing the socket leaves it
   * @throws RuntimeClientError `ERR_CONSOLE`: something else was sent, or the socket was closed; the reason of the signal
   */
  async terminal({ signal }: TerminalOptions = {}): Promise<Terminal> {
    signal?.throwIfAborted();
    const stop = new AbortController();
    const abort = () => stop.abort(signal?.reason);
    const close = () => stop.abort(closedError(this.path));
    if (this.#closing.signal.aborted) throw closedError(this.path);
    signal?.addEventListener('abort', abort, { once: true });
    this.#closing.signal.addEventListener('abort', close, { once: true });
    try {
      const connection = await this.#connection(stop.signal);
      try {
        await whenReadable(connection, { signal: stop.signal });
        return terminalFrom(connection);
      } finally {
        closeDescriptor(connection);
      }
    } finally {
      signal?.removeEventListener('abort', abort);
      this.#closing.signal.removeEventListener('abort', close);
    }
  }

  /** Removes the socket with its folder, and ends all waits with `ERR_CONSOLE`. Terminals that have come stay open. */
  close(): void {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    closeDescriptor(this.#listener);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Of several that wait at once, each gets another connection. */
  async #connection(signal: AbortSignal): Promise<number> {
    for (;;) {
      await whenReadable(this.#listener, { signal });
      // It may have been closed since the wait was over, and its number belong to another file.
      signal.throwIfAborted();
      try {
        return acceptUnix(this.#listener);
      } catch (cause) {
        const isTaken = cause instanceof ErrnoError && cause.code === 'EAGAIN';
        if (!isTaken) throw consoleError('no connection can be taken', cause);
      }
    }
  }
}

/** Whatever came is closed if it is no terminal. */
function terminalFrom(connection: number): Terminal {
  let received: number | undefined;
  try {
    received = receiveDescriptor(connection).descriptor;
    windowSize(received);
    return openTerminal(received);
  } catch (cause) {
    if (received !== undefined) closeDescriptor(received);
    throw consoleError('what came over the console socket is no terminal', cause);
  }
}

function consoleError(problem: string, cause?: unknown): RuntimeClientError {
  const why = cause instanceof Error ? `: ${quoted(cause.message)}` : '';
  return new RuntimeClientError('ERR_CONSOLE', `${problem}${why}`, { cause });
}

const closedError = (path: string) => consoleError(`the console socket ${quoted(path)} is closed`);
