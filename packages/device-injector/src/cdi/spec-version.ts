import { goQuote } from '../go-quote.js';
import type { CdiIntelRdt, CdiSpec, ContainerEdits } from './cdi-spec.js';
import { splitKind } from './qualified-name.js';

/** All releases of the CDI specification that upstream knows, in order. */
const VERSIONS = ['0.1.0', '0.2.0', '0.3.0', '0.4.0', '0.5.0', '0.6.0', '0.7.0', '0.8.0', '1.0.0', '1.1.0'];

// Nothing says what 0.1.0 and 0.2.0 were: upstream asks for 0.3.0 at least.
const EARLIEST = '0.3.0';

/** What is wrong with the version of a spec, in upstream's words. */
export function versionFault(spec: CdiSpec): string | undefined {
  const version = spec.cdiVersion.replace(/^v/, '');
  if (!VERSIONS.includes(version)) return `invalid version ${goQuote(spec.cdiVersion)}`;
  const minimum = minimumVersion(spec);
  return VERSIONS.indexOf(minimum) > VERSIONS.indexOf(version)
    ? `the spec version must be at least v${minimum}`
    : undefined;
}

/** The oldest version of the specification that has all that a spec uses (CDI SPEC.md, "Released versions"). */
export function minimumVersion(spec: CdiSpec): string {
  const edits = [spec.containerEdits ?? {}, ...spec.devices.map(({ containerEdits }) => containerEdits)];
  if (edits.some(needs110)) return '1.1.0';
  if (edits.some(needs070)) return '0.7.0';
  if (needs060(spec)) return '0.6.0';
  if (needs050(spec, edits)) return '0.5.0';
  return edits.some(({ mounts = [] }) => mounts.some(({ type = '' }) => type !== '')) ? '0.4.0' : EARLIEST;
}

function needs110({ intelRdt, netDevices = [] }: ContainerEdits): boolean {
  return netDevices.length > 0 || (intelRdt !== undefined && monitorsOrLists(intelRdt));
}

function monitorsOrLists({ schemata, enableMonitoring }: CdiIntelRdt): boolean {
  return schemata !== undefined || enableMonitoring === true;
}

function needs070({ intelRdt, additionalGids = [] }: ContainerEdits): boolean {
  return intelRdt !== undefined || additionalGids.length > 0;
}

function needs060({ kind, annotations = {}, devices }: CdiSpec): boolean {
  const { vendor, class: name } = splitKind(kind);
  return (
    [annotations, ...devices.map((device) => device.annotations ?? {})].some(
      (each) => Object.keys(each).length > 0,
    ) ||
    (vendor !== '' && name.includes('.'))
  );
}

function needs050({ devices }: CdiSpec, edits: readonly ContainerEdits[]): boolean {
  return (
    devices.some(({ name }) => name !== '' && !/^[A-Za-z]/.test(name)) ||
    edits.some(({ deviceNodes = [] }) => deviceNodes.some(({ hostPath = '' }) => hostPath !== ''))
  );
}
