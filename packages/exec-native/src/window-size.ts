/** The size of a terminal, in characters: 0 to 65535, where 0 is not known. */
export interface WindowSize {
  readonly columns: number;
  readonly rows: number;
}
