/** The two ends of a pipe. */
export interface PipeEnds {
  /** For reading only. It ends when nobody has the other one open any more. */
  readonly reading: number;
  /** For writing only. Without a reader, EPIPE. */
  readonly writing: number;
}
