/**
 * execve for Node.js that restores the process state, and a few system calls that Node lacks.
 *
 * @packageDocumentation
 */
export type { Bytes } from './bytes.js';
export { isChildSubreaper, setChildSubreaper } from './child-subreaper.js';
export { closeDescriptor } from './close-descriptor.js';
export { listBeneath, lookBeneath, removeBeneath } from './entry-beneath.js';
export { ErrnoError } from './errno-error.js';
export { errnoName } from './errno-name.js';
export {
  ArgumentError,
  EXEC_NATIVE_ERROR_CODES,
  ExecNativeError,
  type ExecNativeErrorCode,
  type ExecNativeErrorOptions,
} from './exec-native-error.js';
export { type ExecveOptions, execve } from './execve.js';
export { exitOf } from './exit-of.js';
export type { FileId } from './file-id.js';
export type { EntryBeneath, ExpectedEntry, FoundFolder, RootFolder } from './folder.js';
export { mayExecute } from './may-execute.js';
export { openPipe } from './open-pipe.js';
export { openPidfd, signalPidfd } from './pidfd.js';
export type { PipeEnds } from './pipe-ends.js';
export type { ProcessExit } from './process-exit.js';
export type { InheritedDescriptor, ProcessState, ResourceLimit } from './process-state.js';
export { readProcessState } from './read-process-state.js';
export { resolveBeneath } from './resolve-beneath.js';
export { setWindowSize, windowSize } from './terminal-window.js';
export { tryLock } from './try-lock.js';
export {
  acceptUnix,
  listenUnix,
  type ReceivedDescriptor,
  receiveDescriptor,
} from './unix-socket.js';
export { type WhenReadableOptions, whenReadable } from './when-readable.js';
export type { WindowSize } from './window-size.js';
