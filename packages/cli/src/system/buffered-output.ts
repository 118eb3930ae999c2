import { answerOf, type System } from './system.js';
import { bytesOf, joinBytes } from './text.js';
import { writeAll } from './write-all.js';

/** What is collected before it is written. */
const BUFFER = 65_536;

/** Output that is written in large pieces, however small those are that it is given. */
export interface BufferedOutput {
  /** @throws SystemError where it cannot be written */
  add(piece: string | Uint8Array): void;
  /** Writes what is left. @throws SystemError */
  flush(): void;
}

/**
 * Makes the output to a descriptor.
 *
 * @param name - what errors call it
 */
export function bufferedOutput(system: System, descriptor: number, name: string): BufferedOutput {
  let pieces: Uint8Array[] = [];
  let size = 0;
  const flush = () => {
    const whole = pieces.length === 1 ? pieces[0] : joinBytes(pieces);
    pieces = [];
    size = 0;
    if (whole !== undefined) answerOf(writeAll(system, descriptor, whole), name);
  };
  return {
    add: (piece) => {
      const bytes = bytesOf(piece);
      pieces.push(bytes);
      size += bytes.length;
      if (size >= BUFFER) flush();
    },
    flush,
  };
}
