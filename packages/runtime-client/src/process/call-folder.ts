import { type FileHandle, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** A log is read up to this many bytes, the last ones: the record that counts is the last. */
const LONGEST_LOG = 1024 * 1024;

/** What a runtime printed is kept up to this many bytes. */
const LONGEST_TEXT = 64 * 1024;

/** A private folder (mode 0700) of one call, with the log that the runtime writes. */
export class CallFolder {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async make(): Promise<CallFolder> {
    return new CallFolder(await mkdtemp(join(tmpdir(), 'runtime-client-')));
  }

  /** What `--log` is given. */
  get log(): string {
    return join(this.path, 'log.json');
  }

  /** Where the runtime's own standard error goes where the container does not inherit it. */
  get errors(): string {
    return join(this.path, 'stderr');
  }

  /** The text of the log; none where the runtime wrote none. */
  logText(): Promise<string> {
    return endOfFile(this.log, LONGEST_LOG);
  }

  errorText(): Promise<string> {
    return startOfFile(this.errors, LONGEST_TEXT);
  }

  /** A file of this text that the runtime reads as its standard input. */
  async openInput(text: string): Promise<FileHandle> {
    const path = join(this.path, 'stdin');
    await writeFile(path, text, { mode: 0o600 });
    return open(path, 'r');
  }

  /** A text that the runtime wrote, by its name in the folder or its path. */
  read(name: string): Promise<string> {
    return readFile(resolve(this.path, name), 'utf8');
  }

  /** Removes the folder and all in it. */
  remove(): Promise<void> {
    return rm(this.path, { recursive: true, force: true });
  }
}

function startOfFile(path: string, most: number): Promise<string> {
  return partOfFile(path, () => ({ position: 0, length: most }));
}

function endOfFile(path: string, most: number): Promise<string> {
  return partOfFile(path, (size) => ({ position: Math.max(0, size - most), length: most }));
}

async function partOfFile(
  path: string,
  partOf: (size: number) => { readonly position: number; readonly length: number },
): Promise<string> {
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (file === undefined) return '';
  try {
    const { size } = await file.stat();
    const { position, length } = partOf(size);
    const { bytesRead, buffer } = await file.read({
      buffer: Buffer.alloc(Math.min(length, size)),
      position,
    });
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}
