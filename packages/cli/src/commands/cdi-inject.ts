import { planRewrite, RefusedError } from '@opencontainers-ts/rootfs-rewriter';
import { printable, SpecDocument } from '@opencontainers-ts/runtime-spec';

import { type CdiWorld, type FolderOptions, loadFolders } from './cdi-folders.js';
import { failure } from './failure.js';
import type { CommandOutput } from './output.js';
import { readInputFile } from './read-input.js';

/**
 * Prints the spec on standard input with devices in it, as the rule `cdi-devices` would put them. Status 1, and nothing
 * printed, where one of them cannot be.
 */
export async function injectCdi(
  { devices, ...options }: FolderOptions & { readonly devices: readonly string[] },
  world: CdiWorld,
): Promise<CommandOutput> {
  const { cdiDevices } = await import('@opencontainers-ts/device-injector');
  try {
    const document = SpecDocument.parse(readInputFile('-', world), '/dev/stdin');
    const rule = cdiDevices({ devices, sources: [], registry: await loadFolders(options, world) });
    const plan = planRewrite(document, [rule], { verb: 'create', bundle: world.cwd }, world.host);
    if (plan.decision === 'refuse') throw new RefusedError(plan);
    const warnings = plan.warnings.map((warning) => `ociwrap: warning: ${printable(warning)}\n`);
    return { status: 0, stdout: plan.document.bytes, stderr: warnings.join('') };
  } catch (error) {
    return failure(error);
  }
}
