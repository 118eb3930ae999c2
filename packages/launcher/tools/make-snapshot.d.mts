export interface Snapshot {
  readonly pieces: readonly { readonly start: number; readonly bytes: Uint8Array }[];
}

export function hostFunctionNames(file?: string): string[];

export function makeSnapshot(bundle: {
  readonly source: string;
  readonly fileName: string;
  readonly hostFunctions: readonly string[];
}): Promise<Snapshot>;

export function writeSnapshot(snapshot: Snapshot, into: string): void;
