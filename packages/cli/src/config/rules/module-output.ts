/** A line that a rule module wrote to stdout or stderr. */
export interface ModuleLine {
  /** The file of the module. */
  readonly module: string;
  /** As it was written, without the line end; a long one is cut. */
  readonly line: string;
}

/** Takes what rule modules write. */
export type TellLine = (said: ModuleLine) => void;

const MOST_LINES = 100;
const LONGEST_LINE = 1000;

/** What one module writes, line by line, with an end: a module that writes in a loop must not fill the log. */
export class ModuleOutput {
  readonly #module: string;
  readonly #tell: TellLine;
  #told = 0;
  #rest = '';

  constructor(module: string, tell: TellLine) {
    this.#module = module;
    this.#tell = tell;
  }

  /** Takes text as it comes; not a word is told before {@link ModuleOutput.flush}. */
  write(text: string): void {
    // One character and one line more than is told, so that it can be told that there was more.
    this.#rest += text.slice(0, Math.max(0, (MOST_LINES + 1) * (LONGEST_LINE + 1) - this.#rest.length));
  }

  /** Tells what has been written. */
  flush(): void {
    const lines = this.#rest.split('\n').filter((line) => line.trim() !== '');
    this.#rest = '';
    for (const line of lines) {
      if (this.#told > MOST_LINES) return;
      this.#told += 1;
      this.#tell({
        module: this.#module,
        line: this.#told > MOST_LINES ? 'and more, which is left out' : shortened(line),
      });
    }
  }
}

function shortened(line: string): string {
  return line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}…` : line;
}
