export interface ComparedPrograms {
  readonly v8: readonly string[];
  readonly engine: readonly string[];
}

export function buildComparison(into: string): Promise<ComparedPrograms>;

export function compareEngines(
  programs: ComparedPrograms,
  asked: {
    readonly seed: number;
    readonly runs: number;
    readonly from?: number;
    readonly tell?: (done: number) => void;
  },
): Promise<{
  readonly cases: Readonly<Record<string, number>>;
  readonly differences: readonly string[];
  readonly killed: number;
}>;
