/** Something that whoever writes a pod, or a CDI spec, can make as large as they like. */
export interface Family {
  /** The smallest of the sizes that are compared. */
  readonly size: number;
  /** Prepares it in one size, and returns what is to be counted. */
  readonly work: (size: number) => () => unknown;
  /** What the work returns, so that one that was refused at once does not pass for quick. */
  readonly ends: unknown;
}

export type Families = Readonly<Record<string, Family>>;

export function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** The code of what is thrown. */
export function codeThrown(work: () => unknown): unknown {
  try {
    work();
    return 'nothing thrown';
  } catch (error) {
    return (error as { readonly code?: unknown }).code;
  }
}
