import { minimumEditsVersion } from '../edits/container-edits.js';
import { goQuote } from '../go-quote.js';
import type { CdiSpec } from './cdi-spec.js';
import { CDI_VERSIONS, type CdiVersion, latestVersion } from './cdi-version.js';
import { splitKind } from './qualified-name.js';

/** What is wrong with the version of a spec, in upstream's words. */
export function versionFault(spec: CdiSpec): string | undefined {
  const version = spec.cdiVersion.replace(/^v/, '');
  const rank = (CDI_VERSIONS as readonly string[]).indexOf(version);
  if (rank < 0) return `invalid version ${goQuote(spec.cdiVersion)}`;
  const minimum = minimumVersion(spec);
  return CDI_VERSIONS.indexOf(minimum) > rank ? `the spec version must be at least v${minimum}` : undefined;
}

/** The oldest version of the specification that has all that a spec uses (CDI SPEC.md, "Released versions"). */
function minimumVersion({ kind, annotations, containerEdits = {}, devices }: CdiSpec): CdiVersion {
  const { class: className, vendor } = splitKind(kind);
  const hasDottedClass = vendor !== '' && className.includes('.');
  return latestVersion([
    ...(hasDottedClass ? (['0.6.0'] as const) : []),
    ...annotationsVersion(annotations),
    minimumEditsVersion(containerEdits),
    ...devices.flatMap((device) => [
      ...nameVersion(device.name),
      ...annotationsVersion(device.annotations),
      minimumEditsVersion(device.containerEdits),
    ]),
  ]);
}

function annotationsVersion(annotations: Readonly<Record<string, string>> = {}): readonly CdiVersion[] {
  return Object.keys(annotations).length > 0 ? ['0.6.0'] : [];
}

/** Names of devices may begin with a digit since 0.5.0. */
function nameVersion(name: string): readonly CdiVersion[] {
  return name !== '' && !/^[A-Za-z]/.test(name) ? ['0.5.0'] : [];
}
