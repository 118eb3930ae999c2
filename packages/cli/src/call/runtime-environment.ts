import { bytesOf, startsWith, textOf } from '../system/text.js';

const DEPTH = 'OCIWRAP_DEPTH=';
const NVIDIA_CONFIG = 'NVIDIA_CTK_CONFIG_FILE_PATH=';

/** Decodes the environment for reading. Bytes that are not UTF-8 become U+FFFD here; what is handed on stays bytes. */
export function readEnvironment(env: readonly Uint8Array[]): Readonly<Record<string, string | undefined>> {
  const variables = new Map<string, string>();
  for (const entry of env) {
    const text = textOf(entry);
    const end = text.indexOf('=', 1);
    const name = end === -1 ? text : text.slice(0, end);
    // getenv(3) gives the first of duplicate entries, and so do we.
    if (end !== -1 && !variables.has(name)) {
      variables.set(name, text.slice(end + 1));
    }
  }
  return Object.fromEntries(variables);
}

/**
 * The caller's environment, byte for byte, with what we add: how often a call has come through here, and where NVIDIA's
 * runtime has a configuration that nobody names to it, that.
 */
export function environmentForRuntime(
  env: readonly Uint8Array[],
  { depth, nvidiaConfig }: { readonly depth: number; readonly nvidiaConfig?: string | undefined },
): readonly Uint8Array[] {
  const added = [
    ...(nvidiaConfig === undefined ? [] : [[NVIDIA_CONFIG, nvidiaConfig] as const]),
    [DEPTH, String(depth)] as const,
  ];
  const isOurs = (entry: Uint8Array) => added.some(([start]) => startsWith(entry, start));
  return [
    ...env.filter((entry) => !isOurs(entry)),
    ...added.map(([start, value]) => bytesOf(`${start}${value}`)),
  ];
}
