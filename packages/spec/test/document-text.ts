import { SpecDocument } from '../src/index.js';

/** A document from its text, or from bytes. */
export function documentOf(content: string | Uint8Array): SpecDocument {
  return SpecDocument.parse(typeof content === 'string' ? new TextEncoder().encode(content) : content);
}

/** The text of a document's bytes. */
export function textOf(document: SpecDocument): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(document.bytes);
}

/** Bytes from parts, so that a document can hold what is not UTF-8. */
export function bytesOf(...parts: (string | readonly number[])[]): Uint8Array {
  return Uint8Array.from(
    parts.flatMap((part) => (typeof part === 'string' ? [...new TextEncoder().encode(part)] : part)),
  );
}

/** The error that `work` throws. */
export function errorOf(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}
