import { planRewrite, RefusedError } from '@opencontainers-ts/rootfs-rewriter';
import { printable, quoted, SpecDocument } from '@opencontainers-ts/runtime-spec';
import { failure } from '../failure.js';
import { configPlace, type NamedConfig, readConfigAt } from '../given-config.js';
import type { CommandOutput } from '../output.js';
import { type CdiWorld, type FolderOptions, loadFolders } from './cdi-folders.js';

/**
 * Prints a config.json with devices in it, as the rule `cdi-devices` would put them. Status 1, and nothing
 * printed, where one of them is not there or cannot be.
 */
export async function injectCdi(
  {
    devices,
    file,
    bundle,
    ...options
  }: FolderOptions & NamedConfig & { readonly devices: readonly string[] },
  world: CdiWorld,
): Promise<CommandOutput> {
  const { cdiDevices, DeviceError, isQualifiedName, resolveDevices } = await import(
    '@opencontainers-ts/device-injector'
  );
  const place = configPlace({ file, bundle }, world, '-');
  const [name, dir] = place === '-' ? ['/dev/stdin', world.cwd] : [place.path, place.dir];
  try {
    const strange = devices.find((name) => !isQualifiedName(name));
    if (strange !== undefined) {
      const message = `--device ${quoted(strange)} is not a qualified name, vendor/class=name`;
      throw new DeviceError('ERR_CDI_REQUEST', message, { details: { device: strange } });
    }
    const document = SpecDocument.parse(readConfigAt(place, world), name);
    const registry = await loadFolders(options, world);
    // The rule asks no registry for a sandbox, and leaves what NVIDIA's runtime makes up to it.
    resolveDevices(devices, registry);
    const rule = cdiDevices({ devices, sources: [], registry });
    const plan = planRewrite(document, [rule], { verb: 'create', bundle: dir }, world.host);
    if (plan.decision === 'refuse') throw new RefusedError(plan);
    const warnings = plan.warnings.map((warning) => `warning: ${warning}`);
    const reasons = plan.trace.flatMap(({ outcome }) => (outcome.kind === 'pass' ? [outcome.reason] : []));
    const said = [...warnings, ...reasons.map((reason) => `nothing changed: ${reason}`)];
    const stderr = said.map((line) => `ociwrap: ${printable(line)}\n`).join('');
    return { status: 0, stdout: plan.document.bytes, stderr };
  } catch (error) {
    return failure(error);
  }
}
