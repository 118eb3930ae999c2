import { objectAt, withValue } from '@opencontainers-ts/rootfs-rewriter/spec-edit';

import { pointers, struct, TEXT } from '../cdi/shape.js';
import { goQuote } from '../go-quote.js';
import { type EditFault, type EditKind, faultAt, firstFault, LIST_EDIT } from './edit-kind.js';

/** A network interface of the host that moves into the container (OCI runtime spec 1.3, `linux.netDevices`). */
export interface CdiNetDevice {
  readonly hostInterfaceName: string;
  /** In the container. */
  readonly name: string;
}

const NET_DEVICES = ['linux', 'netDevices'];

/** Network interfaces of the host that move into the container: in an OCI spec, a map by their names on the host. */
export const netDevices: EditKind<readonly CdiNetDevice[]> = {
  ...LIST_EDIT,
  shape: pointers(
    struct<CdiNetDevice>(
      'LinuxNetDevice',
      { hostInterfaceName: TEXT, name: TEXT },
      { hostInterfaceName: '', name: '' },
    ),
  ),
  minimumVersion: (devices) => (devices.length > 0 ? '1.1.0' : undefined),
  fault: netDevicesFault,
  reads: [NET_DEVICES],
  holds: (devices) => devices.map(({ hostInterfaceName }) => [...NET_DEVICES, hostInterfaceName]),
  apply: (spec, devices) => {
    if (devices.length === 0) return spec;
    const added = devices.map(({ hostInterfaceName, name }) => [hostInterfaceName, { name }]);
    return withValue(spec, NET_DEVICES, { ...objectAt(spec, NET_DEVICES), ...Object.fromEntries(added) });
  },
};

function netDevicesFault(devices: readonly CdiNetDevice[]): EditFault | undefined {
  const namesByHost = new Map<string, string>();
  const hostsByName = new Map<string, string>();
  return firstFault(devices, ({ hostInterfaceName: host, name }) => {
    const invalid = 'invalid linux net device';
    if (host === '') return faultAt(['hostInterfaceName'], `${invalid}, empty HostInterfaceName`);
    if (name === '') return faultAt(['name'], `${invalid}, empty Name`);
    const otherName = namesByHost.get(host);
    if (otherName !== undefined) {
      const names = `${goQuote(name)} and ${goQuote(otherName)}`;
      return faultAt([], `${invalid}, duplicate HostInterfaceName ${goQuote(host)} with names ${names}`);
    }
    const otherHost = hostsByName.get(name);
    if (otherHost !== undefined) {
      const hosts = `${goQuote(host)} and ${goQuote(otherHost)}`;
      return faultAt([], `${invalid}, duplicate Name ${goQuote(name)} with HostInterfaceName ${hosts}`);
    }
    namesByHost.set(host, name);
    hostsByName.set(name, host);
    return undefined;
  });
}
