// What the engine of the static program has beyond ECMAScript 2023.

declare class TextEncoder {
  encode(text?: string): Uint8Array<ArrayBuffer>;
}

declare class TextDecoder {
  constructor(
    label?: 'utf-8',
    options?: { readonly fatal?: boolean | undefined; readonly ignoreBOM?: boolean | undefined },
  );
  decode(bytes?: Uint8Array): string;
}

/** Not the engine's: the bundler puts a text in its place. */
interface ImportMeta {
  readonly dirname: string;
}
