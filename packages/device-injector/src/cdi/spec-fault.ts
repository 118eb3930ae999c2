/** Where in a spec something is: member names and list indexes, from the top. */
export type SpecPath = readonly (string | number)[];

/** Thrown by the steps that read a spec, caught where the file is known; never leaves this folder. */
export class SpecFault extends Error {
  readonly path: SpecPath;
  /** Offset in the text, where the text itself is at fault. */
  readonly offset: number | undefined;

  constructor(message: string, path: SpecPath = [], offset?: number) {
    super(message);
    this.path = path;
    this.offset = offset;
  }
}
