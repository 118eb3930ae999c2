export interface ProgramFuzzer {
  readonly program: string;
  readonly maker: string;
}

export function buildProgramFuzzer(): ProgramFuzzer;

export function fuzzProgram(
  programs: ProgramFuzzer,
  asked: {
    readonly seed: number;
    readonly runs: number;
    readonly from?: number;
    readonly shows?: boolean;
  },
): Promise<{
  readonly counts: Readonly<Record<string, number>>;
  readonly faults: readonly string[];
  readonly told: string;
}>;
