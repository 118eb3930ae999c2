import { REWRITER_ERROR_CODES, RewriterError } from '@opencontainers-ts/rootfs-rewriter';
import { isQualifiedName } from '../cdi/qualified-name.js';
import { type CdiRegistry, DEFAULT_CDI_DIRECTORIES } from '../cdi/registry/registry.js';
import { goQuote } from '../go-quote.js';
import type { CdiRequestSource } from './device-requests.js';

/** Options of `cdiDevices`. */
export interface CdiDevicesOptions {
  /** Qualified names of devices that every container except sandboxes gets. Default none. */
  readonly devices?: readonly string[];
  /**
   * Where containers may request devices: annotations `cdi.k8s.io/*`, mounts of /dev/null below
   * `/var/run/nvidia-container-devices`, and `NVIDIA_VISIBLE_DEVICES`. Default all three.
   */
  readonly sources?: readonly CdiRequestSource[];
  /** Folders of CDI specs; the later one wins. Default `/etc/cdi` and `/var/run/cdi`. */
  readonly specDirs?: readonly string[];
  /**
   * The `vendor/class` of names that have none, such as `nvidia.com/gpu`: then CDI alone serves GPUs. Without it, such names
   * are left to NVIDIA's hook or runtime.
   */
  readonly defaultKind?: string;
  /** Whether `NVIDIA_VISIBLE_DEVICES` counts in a container without CAP_SYS_ADMIN, as with NVIDIA's toolkit. Default true. */
  readonly acceptEnvWhenUnprivileged?: boolean;
  /**
   * What happens to what injections leave on a volume that is the root of a container: `clean` removes it before each start,
   * and records on this node what this start will leave. Default `keep`.
   */
  readonly residue?: 'keep' | 'clean';
  /** Whether to mount a tmpfs on /run if the root is a volume and nothing is mounted there. Default false. */
  readonly runTmpfs?: boolean;
  /** What happens to a container whose runtime skips hooks that its devices rely on. Default `refuse`. */
  readonly hooksSkipped?: 'refuse' | 'warn';
  /** Specs that have already been loaded, instead of those in `specDirs`. */
  readonly registry?: CdiRegistry;
}

/** The options with their defaults. */
export type CdiSetup = Required<Omit<CdiDevicesOptions, 'defaultKind' | 'registry'>> &
  Pick<CdiDevicesOptions, 'defaultKind' | 'registry'>;

/**
 * The options with their defaults.
 *
 * @throws RewriterError `ERR_RULE_INVALID` for a name that is not qualified, or a kind that is none; `details.option`
 *   names the option
 */
export function cdiSetup(options: CdiDevicesOptions): CdiSetup {
  const { devices = [], specDirs = DEFAULT_CDI_DIRECTORIES, defaultKind } = options;
  const strange = devices.find((name) => !isQualifiedName(name));
  if (strange !== undefined) {
    throw invalid('devices', `must be qualified names, vendor/class=name, not ${goQuote(strange)}`);
  }
  if (defaultKind !== undefined && !isQualifiedName(`${defaultKind}=all`)) {
    throw invalid(
      'defaultKind',
      `must be vendor/class, such as "nvidia.com/gpu", not ${goQuote(defaultKind)}`,
    );
  }
  const folder = specDirs.find((path) => !path.startsWith('/'));
  if (folder !== undefined) throw invalid('specDirs', `must be absolute folders, not ${goQuote(folder)}`);
  return {
    sources: ['annotations', 'mounts', 'env'],
    acceptEnvWhenUnprivileged: true,
    residue: 'keep',
    runTmpfs: false,
    hooksSkipped: 'refuse',
    ...options,
    devices,
    specDirs,
  };
}

function invalid(option: keyof CdiDevicesOptions, what: string): RewriterError {
  const { hint } = REWRITER_ERROR_CODES.ERR_RULE_INVALID;
  return new RewriterError('ERR_RULE_INVALID', `cdi-devices: ${option} ${what}`, {
    hint,
    details: { option, fault: what },
  });
}
