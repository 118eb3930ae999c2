import { DeviceError } from '../device-error.js';
import type { NvidiaProfile } from './profile.js';

const UINT32_MAX = 4_294_967_295n;

// What `%d.%d.%d\n` of fmt.Sscanf takes: white space is skipped before each number and at the end, signs are not taken, and
// nobody looks at what comes after a line break.
const SPACE = '(?:[^\\S\\n\\ufeff]|\\u0085)*';
const SCANNED = new RegExp(
  `^${SPACE}([0-9]+)(?:\\.${SPACE}([0-9]+)(?:\\.${SPACE}([0-9]+))?)?${SPACE}(?:\\n[^]*)?$`,
);

/** The lenient form of github.com/Masterminds/semver. */
const LENIENT =
  /^v?([0-9]+)(?:\.([0-9]+))?(?:\.[0-9]+)?(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/;

/**
 * The requirement that stands for `CUDA_VERSION` of a legacy image: `cuda>=MAJOR.MINOR`.
 *
 * @throws DeviceError `ERR_NVIDIA_REQUEST`
 */
export function cudaRequirement(version: string, profile: NvidiaProfile): string {
  const { major, minor } = profile === 'current' ? lenientVersion(version) : scannedVersion(version);
  return `cuda>=${major}.${minor}`;
}

interface MajorMinor {
  readonly major: bigint;
  readonly minor: bigint;
}

function scannedVersion(version: string): MajorMinor {
  const [, ...parts] = SCANNED.exec(version) ?? [];
  const [major, minor = 0n, patch = 0n] = parts.map((part) => BigInt(part ?? 0));
  if (major === undefined || [major, minor, patch].some((part) => part > UINT32_MAX)) {
    throw new DeviceError('ERR_NVIDIA_REQUEST', `invalid CUDA version: ${version}`);
  }
  return { major, minor };
}

function lenientVersion(version: string): MajorMinor {
  const [, major, minor = '0'] = LENIENT.exec(version) ?? [];
  if (major === undefined) throw invalidVersion(version, 'invalid version string: invalid semantic version');
  const found = { major: BigInt(major), minor: BigInt(minor) };
  if (found.major > UINT32_MAX) throw invalidVersion(version, 'invalid major version');
  if (found.minor > UINT32_MAX) throw invalidVersion(version, 'invalid minor version');
  return found;
}

function invalidVersion(version: string, why: string): DeviceError {
  const message = `failed to get requirements failed to get version: invalid CUDA version ${version}: ${why}`;
  return new DeviceError('ERR_NVIDIA_REQUEST', message);
}
