/** All releases of the CDI specification that upstream knows, in order. */
export const CDI_VERSIONS = [
  '0.1.0',
  '0.2.0',
  '0.3.0',
  '0.4.0',
  '0.5.0',
  '0.6.0',
  '0.7.0',
  '0.8.0',
  '1.0.0',
  '1.1.0',
] as const;

/** A release of the CDI specification. */
export type CdiVersion = (typeof CDI_VERSIONS)[number];

/** The latest of some releases; 0.3.0 if none: nothing says what 0.1.0 and 0.2.0 were, and upstream asks for 0.3.0 at least. */
export function latestVersion(versions: readonly CdiVersion[]): CdiVersion {
  const ranks = versions.map((version) => CDI_VERSIONS.indexOf(version));
  return CDI_VERSIONS[Math.max(CDI_VERSIONS.indexOf('0.3.0'), ...ranks)] ?? '0.3.0';
}
