import { bytesOf, joinBytes, startsWith, textOf } from '../system/text.js';

const DEPTH = bytesOf('OCIWRAP_DEPTH=');
const NVIDIA_CONFIG = bytesOf('NVIDIA_CTK_CONFIG_FILE_PATH=');

/** Decodes the environment for reading. Bytes that are not UTF-8 become U+FFFD here; what is handed on stays bytes. */
export function readEnvironment(env: readonly Uint8Array[]): Readonly<Record<string, string | undefined>> {
  const variables: [name: string, value: string][] = [];
  // Of entries with one name the last given counts below; getenv(3) gives the first, and so do we.
  for (let index = env.length - 1; index >= 0; index -= 1) {
    const text = textOf(env[index] ?? NOTHING);
    const end = text.indexOf('=', 1);
    if (end !== -1) variables.push([text.slice(0, end), text.slice(end + 1)]);
  }
  return Object.fromEntries(variables);
}

const NOTHING = new Uint8Array();

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
    ...added.map(([start, value]) => joinBytes([start, bytesOf(value)])),
  ];
}
