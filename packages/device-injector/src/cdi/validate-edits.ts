import { goQuote } from '../go-quote.js';
import type {
  CdiDeviceNode,
  CdiHook,
  CdiIntelRdt,
  CdiMount,
  CdiNetDevice,
  ContainerEdits,
} from './cdi-spec.js';
import type { SpecPath } from './spec-fault.js';

/** What is wrong with edits, and where in them. */
export interface EditsFault {
  readonly message: string;
  readonly path: SpecPath;
}

/** The first fault of edits, in the order and with the words of the CDI library (`ContainerEdits.Validate`). */
export function editsFault(edits: ContainerEdits): EditsFault | undefined {
  return (
    envFault(edits.env, ['env'], 'invalid container edits') ??
    firstFault(edits.deviceNodes, 'deviceNodes', deviceNodeFault) ??
    firstFault(edits.hooks, 'hooks', hookFault) ??
    firstFault(edits.mounts, 'mounts', mountFault) ??
    rdtFault(edits.intelRdt) ??
    netDevicesFault(edits.netDevices)
  );
}

function firstFault<T>(
  items: readonly T[] = [],
  member: string,
  faultOf: (item: T) => EditsFault | undefined,
): EditsFault | undefined {
  for (const [index, item] of items.entries()) {
    const fault = faultOf(item);
    if (fault !== undefined) return { ...fault, path: [member, index, ...fault.path] };
  }
  return undefined;
}

function fault(message: string, ...path: SpecPath): EditsFault {
  return { message, path };
}

function envFault(env: readonly string[] = [], path: SpecPath, prefix: string): EditsFault | undefined {
  const index = env.findIndex((each) => each.indexOf('=') <= 0);
  const variable = env[index];
  return variable === undefined
    ? undefined
    : fault(`${prefix}: invalid environment variable ${goQuote(variable)}`, ...path, index);
}

function deviceNodeFault(node: CdiDeviceNode): EditsFault | undefined {
  const { path, type = '', major = 0, minor = 0, permissions = '' } = node;
  if (path === '') return fault('invalid (empty) device path', 'path');
  const device = `device ${goQuote(path)}`;
  if (!['', 'b', 'c', 'u', 'p'].includes(type)) {
    return fault(`${device}: invalid type ${goQuote(type)}`, 'type');
  }
  // -1 is every device there is, for a device cgroup.
  if (major < 0 || minor < 0) {
    const member = major < 0 ? 'major' : 'minor';
    return fault(`${device}: invalid (negative) device number ${major}:${minor}`, member);
  }
  return permissions === 'none' || /^[rwm]*$/.test(permissions)
    ? undefined
    : fault(`${device}: invalid permissions ${goQuote(permissions)}`, 'permissions');
}

const HOOK_NAMES: readonly string[] = [
  'prestart',
  'createRuntime',
  'createContainer',
  'startContainer',
  'poststart',
  'poststop',
];

function hookFault(hook: CdiHook): EditsFault | undefined {
  const { hookName, path, env } = hook;
  if (!HOOK_NAMES.includes(hookName)) return fault(`invalid hook name ${goQuote(hookName)}`, 'hookName');
  if (path === '') return fault(`invalid hook ${goQuote(hookName)} with empty path`, 'path');
  return (
    envFault(env, ['env'], `invalid hook ${goQuote(hookName)}`) ??
    // Not upstream's: the runtime would look for it where it happens to stand, which is the container's root for
    // some hooks (OCI runtime-spec, config.md, "POSIX-platform Hooks": "path [...] absolute path").
    (path.startsWith('/')
      ? undefined
      : fault(`invalid hook ${goQuote(hookName)}: path ${goQuote(path)} is not absolute`, 'path'))
  );
}

function mountFault(mount: CdiMount): EditsFault | undefined {
  if (mount.hostPath === '') return fault('invalid mount, empty host path', 'hostPath');
  return mount.containerPath === ''
    ? fault('invalid mount, empty container path', 'containerPath')
    : undefined;
}

/** A ClosID names a folder of /sys/fs/resctrl; `/` is the group that is always there. */
function rdtFault({ closID = '' }: CdiIntelRdt = {}): EditsFault | undefined {
  if (closID === '/') return undefined;
  const bytes = new TextEncoder().encode(closID).length;
  return bytes >= 4096 || closID === '.' || closID === '..' || /[/\n]/.test(closID)
    ? fault('invalid ClosID', 'intelRdt', 'closID')
    : undefined;
}

function netDevicesFault(devices: readonly CdiNetDevice[] = []): EditsFault | undefined {
  const namesByHost = new Map<string, string>();
  const hostsByName = new Map<string, string>();
  return firstFault(devices, 'netDevices', (device) => {
    const { hostInterfaceName: host, name } = device;
    const invalid = 'invalid linux net device';
    if (host === '') return fault(`${invalid}, empty HostInterfaceName`, 'hostInterfaceName');
    if (name === '') return fault(`${invalid}, empty Name`, 'name');
    const otherName = namesByHost.get(host);
    if (otherName !== undefined) {
      const names = `${goQuote(name)} and ${goQuote(otherName)}`;
      return fault(`${invalid}, duplicate HostInterfaceName ${goQuote(host)} with names ${names}`);
    }
    const otherHost = hostsByName.get(name);
    if (otherHost !== undefined) {
      const hosts = `${goQuote(host)} and ${goQuote(otherHost)}`;
      return fault(`${invalid}, duplicate Name ${goQuote(name)} with HostInterfaceName ${hosts}`);
    }
    namesByHost.set(host, name);
    hostsByName.set(name, host);
    return undefined;
  });
}
