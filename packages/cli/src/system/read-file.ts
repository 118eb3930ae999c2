import { type Failure, isFailure, OPEN, type Path, type System } from './system.js';
import { joinBytes } from './text.js';

/** Read at once of a file whose size says nothing: those of /proc have none. */
const PIECE = 65536;

/** A size beyond this is not believed before the bytes are there: a file system may say any, and memory is taken for all of it. */
const LARGEST_BELIEVED = 1n << 24n;

/** The bytes of a file, symlinks followed. */
export function readFile(system: System, path: Path): Uint8Array | Failure {
  const fd = system.open(path, OPEN.read);
  if (isFailure(fd)) return fd;
  const bytes = readAll(system, fd);
  system.close(fd); // nothing was written that it could lose
  return bytes;
}

/** What is left to read of an open file. */
export function readAll(system: System, fd: number): Uint8Array | Failure {
  const status = system.fstat(fd);
  if (isFailure(status)) return status;
  const pieces: Uint8Array[] = [];
  // One byte more than the size, so that a file that has not grown is read in one go; then its end is asked for, with as little
  // memory as that takes.
  const size = status.size > LARGEST_BELIEVED ? 0 : Number(status.size);
  for (let most = size === 0 ? PIECE : size + 1; ; most = size === 0 || pieces.length > 1 ? PIECE : 1) {
    const piece = system.read(fd, most);
    if (isFailure(piece)) return piece;
    if (piece.length === 0) return pieces.length === 1 ? (pieces[0] ?? piece) : joinBytes(pieces);
    pieces.push(piece);
  }
}
