const DEPTH = 'OCIWRAP_DEPTH=';

/** Decodes the environment for reading. Bytes that are not UTF-8 become U+FFFD here; what is handed on stays bytes. */
export function readEnvironment(env: readonly Uint8Array[]): Readonly<Record<string, string | undefined>> {
  const variables = new Map<string, string>();
  for (const entry of env) {
    const text = Buffer.from(entry).toString();
    const end = text.indexOf('=', 1);
    const name = end === -1 ? text : text.slice(0, end);
    // getenv(3) gives the first of duplicate entries, and so do we.
    if (end !== -1 && !variables.has(name)) {
      variables.set(name, text.slice(end + 1));
    }
  }
  return Object.fromEntries(variables);
}

/** The caller's environment, byte for byte, with the one variable that we add: how often a call has come through here. */
export function environmentForRuntime(env: readonly Uint8Array[], depth: number): readonly Uint8Array[] {
  const isDepth = (entry: Uint8Array) =>
    Buffer.from(entry).subarray(0, DEPTH.length).equals(Buffer.from(DEPTH));
  return [...env.filter((entry) => !isDepth(entry)), Buffer.from(`${DEPTH}${depth}`)];
}
