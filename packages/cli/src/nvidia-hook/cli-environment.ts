import { bytesOf, wordOf } from '../system/text.js';

const EQUALS = 0x3d;

/**
 * The environment of nvidia-container-cli: that of the hook, in which of two entries with one name the first counts, as Go
 * reads it, with PATH changed in its place, and the configured entries behind it. Bytes stay as they are.
 */
export function environmentForCli(
  env: readonly Uint8Array[],
  path: string | undefined,
  configured: readonly string[],
): readonly Uint8Array[] {
  const seen = new Set<string>();
  const kept = env.filter((entry) => {
    const name = nameOf(entry);
    if (name === undefined) return entry.length > 0;
    const isNew = !seen.has(name);
    seen.add(name);
    return isNew;
  });
  const entry = bytesOf(`PATH=${path}`);
  const isPath = (candidate: Uint8Array) => nameOf(candidate) === 'PATH';
  const changed =
    path === undefined
      ? kept
      : kept.some(isPath)
        ? kept.map((candidate) => (isPath(candidate) ? entry : candidate))
        : [...kept, entry];
  return [...changed, ...configured.map(bytesOf)];
}

/** By its bytes; undefined for an entry without `=`. */
function nameOf(entry: Uint8Array): string | undefined {
  const end = entry.indexOf(EQUALS);
  return end === -1 ? undefined : wordOf(entry.subarray(0, end));
}
