import { quoted } from '@opencontainers-ts/runtime-spec';
import { RuntimeClientError } from '../runtime-client-error.js';
import { variableOf } from './environment-variable.js';

/** What there is of NVIDIA's driver, in the order in which runsc names it. */
const CAPABILITIES = ['compute', 'display', 'graphics', 'ngx', 'utility', 'video', 'compat32'] as const;

/** A part of NVIDIA's driver that a container may use. */
export type DriverCapability = (typeof CAPABILITIES)[number];

const DEFAULTS: readonly DriverCapability[] = ['compute', 'utility'];

/**
 * The parts of NVIDIA's driver that runsc lets a container use, by `NVIDIA_DRIVER_CAPABILITIES` (NVProxyDriverCapsFromEnv in
 * runsc/specutils/nvidia.go). Without the variable they are compute and utility, as far as they are allowed, and everything that is
 * allowed for an image of CUDA 8 or before (it has `CUDA_VERSION` and no `NVIDIA_REQUIRE_CUDA`). `all` means what is allowed.
 *
 * @param env - `process.env` of config.json; of two entries with one name the last one counts
 * @param allowed - what `--nvproxy-allowed-driver-capabilities` of runsc allows
 * @throws RuntimeClientError `ERR_GPU_REQUEST` where the variable names a part that there is not, or that is not allowed
 * @example
 * ```ts
 * import { driverCapabilities } from '@opencontainers-ts/runtime-client';
 *
 * console.log(driverCapabilities([])); // [ 'compute', 'utility' ]
 * console.log(driverCapabilities(['NVIDIA_DRIVER_CAPABILITIES=utility'])); // [ 'utility' ]
 * console.log(driverCapabilities(['NVIDIA_DRIVER_CAPABILITIES=all'], ['video', 'compute'])); // [ 'compute', 'video' ]
 * ```
 */
export function driverCapabilities(
  env: readonly string[],
  allowed: readonly DriverCapability[] = DEFAULTS,
): readonly DriverCapability[] {
  const among = (wanted: readonly string[]) =>
    CAPABILITIES.filter((each) => allowed.includes(each) && wanted.includes(each));
  const asked = variableOf(env, 'NVIDIA_DRIVER_CAPABILITIES');
  if (asked === undefined && isLegacyImage(env)) return among(allowed);
  if (asked === undefined || asked === '') return among(DEFAULTS);
  const names = asked
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  const unknown = names.find((name) => name !== 'all' && !CAPABILITIES.some((each) => each === name));
  if (unknown !== undefined) throw refused(unknown, 'there is no such part of the driver', asked);
  if (names.includes('all')) return among(allowed);
  const forbidden = names.find((name) => !allowed.some((each) => each === name));
  if (forbidden !== undefined) throw refused(forbidden, `allowed are ${among(allowed).join(', ')}`, asked);
  return among(names);
}

function isLegacyImage(env: readonly string[]): boolean {
  return (
    (variableOf(env, 'CUDA_VERSION') ?? '') !== '' && (variableOf(env, 'NVIDIA_REQUIRE_CUDA') ?? '') === ''
  );
}

function refused(name: string, why: string, asked: string): RuntimeClientError {
  const message = `NVIDIA_DRIVER_CAPABILITIES asks for ${quoted(name)}, which runsc does not give: ${why}`;
  return new RuntimeClientError('ERR_GPU_REQUEST', message, { details: { name, asked } });
}
