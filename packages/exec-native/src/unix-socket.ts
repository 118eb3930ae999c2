import { type Bytes, toBytes } from './bytes.js';
import { toDescriptor } from './descriptor-number.js';
import { ErrnoError } from './errno-error.js';
import { loadAddon } from './load-addon.js';

/** What came with a message over a Unix socket. */
export interface ReceivedDescriptor {
  /** Close-on-exec, and the caller's to close. */
  readonly descriptor: number;
  /** The bytes of the message, at most 4096, as UTF-8. */
  readonly text: string;
}

/**
 * Makes a Unix stream socket at a path, where there is nothing yet, and listens on it: socket(2), bind(2), listen(2). It is
 * close-on-exec and non-blocking. Closing it leaves the file of the socket.
 *
 * @param path - At most 107 bytes (unix(7)). The mode of the file is what the umask leaves of 0777.
 * @throws ErrnoError `EADDRINUSE`: there is a file of this name; `ENAMETOOLONG`, `ENOENT`, `EACCES`, ...
 * @throws ArgumentError `ERR_INVALID_ARG_TYPE` or `ERR_INVALID_ARG_VALUE` (a NUL byte).
 * @throws ExecNativeError `ERR_ADDON_MISSING`.
 *
 * @example
 * ```ts
 * import { mkdtempSync, rmSync } from 'node:fs';
 * import { connect } from 'node:net';
 * import { acceptUnix, closeDescriptor, listenUnix, receiveDescriptor, whenReadable } from '@opencontainers-ts/exec-native';
 *
 * const folder = mkdtempSync('/tmp/example-');
 * const listener = listenUnix(`${folder}/socket`);
 * connect(`${folder}/socket`).end('a text alone');
 * await whenReadable(listener);
 * const connection = acceptUnix(listener);
 * await whenReadable(connection);
 * try {
 *   receiveDescriptor(connection);
 * } catch (error) {
 *   console.log((error as { code: string }).code); // EBADMSG
 * }
 * closeDescriptor(connection);
 * closeDescriptor(listener);
 * rmSync(folder, { recursive: true });
 * ```
 */
export function listenUnix(path: Bytes): number {
  const bytes = toBytes(path, 'path');
  const result = loadAddon().listenUnix(bytes);
  if (typeof result === 'object') throw new ErrnoError(result, result.syscall === 'bind' ? bytes : undefined);
  return result;
}

/**
 * Takes a connection to a listening socket, without waiting: accept4(2). The descriptor is close-on-exec and non-blocking.
 *
 * @param listener - A result of {@link listenUnix}.
 * @throws ErrnoError `EAGAIN`: nobody has connected; `EBADF`, `EMFILE`, ...
 * @throws ArgumentError `ERR_INVALID_ARG_TYPE`: not a whole number from 0 to 2147483647.
 * @throws ExecNativeError `ERR_ADDON_MISSING`.
 *
 * @example
 * ```ts
 * import { mkdtempSync, rmSync } from 'node:fs';
 * import { acceptUnix, closeDescriptor, listenUnix } from '@opencontainers-ts/exec-native';
 *
 * const folder = mkdtempSync('/tmp/example-');
 * const listener = listenUnix(`${folder}/socket`);
 * try {
 *   acceptUnix(listener);
 * } catch (error) {
 *   console.log((error as { code: string }).code); // EAGAIN
 * }
 * closeDescriptor(listener);
 * rmSync(folder, { recursive: true });
 * ```
 */
export function acceptUnix(listener: number): number {
  const result = loadAddon().acceptUnix(toDescriptor(listener, 'listener'));
  if (typeof result === 'object') throw new ErrnoError(result);
  return result;
}

/**
 * Takes a message with exactly one descriptor from a Unix socket, without waiting: recvmsg(2) with SCM_RIGHTS (unix(7)). No
 * descriptor stays open where it fails.
 *
 * @param connection - A result of {@link acceptUnix}, or another Unix socket.
 * @throws ErrnoError `EAGAIN`: no message is there yet; `ECONNRESET`: the other side has closed the connection; `EBADMSG`: a
 * message without a descriptor, or with several; `EBADF`, `ENOTSOCK`, ...
 * @throws ArgumentError `ERR_INVALID_ARG_TYPE`: not a whole number from 0 to 2147483647.
 * @throws ExecNativeError `ERR_ADDON_MISSING`.
 *
 * @example
 * ```ts
 * import { openSync } from 'node:fs';
 * import { closeDescriptor, receiveDescriptor } from '@opencontainers-ts/exec-native';
 *
 * const file = openSync('/dev/null', 'r');
 * try {
 *   receiveDescriptor(file);
 * } catch (error) {
 *   console.log((error as { code: string }).code); // ENOTSOCK
 * }
 * closeDescriptor(file);
 * ```
 */
export function receiveDescriptor(connection: number): ReceivedDescriptor {
  const result = loadAddon().receiveDescriptor(toDescriptor(connection, 'connection'));
  if ('errno' in result) throw new ErrnoError(result);
  return { descriptor: result.descriptor, text: Buffer.from(result.text).toString() };
}
