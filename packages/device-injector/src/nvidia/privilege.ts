import { DeviceError } from '../device-error.js';
import type { NvidiaSpec } from './container-spec.js';
import { compareVersions } from './go-semver.js';
import type { NvidiaProfile } from './profile.js';

const CAP_SYS_ADMIN = 'CAP_SYS_ADMIN';
const SETS = ['bounding', 'effective', 'inheritable', 'permitted', 'ambient'] as const;

/**
 * Whether a container counts as privileged: `CAP_SYS_ADMIN` is in its bounding set, whoever its user is. Before OCI
 * 1.0.0-rc5 capabilities were one list.
 *
 * @throws DeviceError `ERR_NVIDIA_SPEC` where the capabilities have not the shape that the version asks for
 */
export function isPrivileged({ ociVersion, process }: NvidiaSpec, profile: NvidiaProfile): boolean {
  const { capabilities } = process;
  if (capabilities === undefined || capabilities === null) return false;
  const isList =
    compareVersions(ociVersion, '1.0.0-rc1') >= 0 && compareVersions(ociVersion, '1.0.0-rc5') < 0;
  if (isList)
    return texts(capabilities, 'value of type []string', 'value of type string').includes(CAP_SYS_ADMIN);
  if (typeof capabilities !== 'object' || Array.isArray(capabilities)) {
    const type = profile === 'current' ? 'specs.LinuxCapabilities' : 'main.LinuxCapabilities';
    throw wrongShape(capabilities, `value of type ${type}`);
  }
  // A capability that only the effective set has does not make a container privileged; a set that is no list is an error.
  const sets = SETS.map((name) => {
    const field = `struct field LinuxCapabilities.${name} of type`;
    const found = Object.entries(capabilities).filter(([key]) => key.toLowerCase() === name);
    return texts(found.at(-1)?.[1] ?? [], `${field} []string`, `${field} string`);
  });
  return sets[0]?.includes(CAP_SYS_ADMIN) ?? false;
}

function texts(value: unknown, into: string, intoItem: string): readonly string[] {
  if (!Array.isArray(value)) throw wrongShape(value, into);
  return value.map((item: unknown) => {
    if (item === null) return '';
    if (typeof item !== 'string') throw wrongShape(item, intoItem);
    return item;
  });
}

function wrongShape(value: unknown, into: string): DeviceError {
  const kind = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
  const message = `could not decode Process.Capabilities in OCI spec: json: cannot unmarshal ${kind} into Go ${into}`;
  return new DeviceError('ERR_NVIDIA_SPEC', message);
}
