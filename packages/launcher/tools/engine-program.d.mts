export function linkEngineProgram(program: {
  readonly snapshot: string;
  readonly sources: readonly string[];
  readonly output: string;
  readonly architecture?: string;
  readonly flags?: readonly string[];
  readonly compiler?: string;
  readonly objects?: readonly string[];
}): Promise<void>;
