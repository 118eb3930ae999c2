import type { JsonObject } from '@opencontainers-ts/runtime-spec';
import type { DeviceEntry, DevicesEdit } from '../../generated/rule-definition.js';
import type { Host } from '../../planning/host.js';
import { tidyPath } from '../../spec-edit/absolute-path.js';
import { dropKeys, putByKey } from '../../spec-edit/keyed-list.js';
import { deviceRuleKey } from '../../spec-edit/keyed-lists.js';
import { objectsAt, textOf, withList } from '../../spec-edit/spec-tree.js';
import { type EditKind, placesIn } from '../edit-kind.js';
import { devicesMissing, type FoundDevice, findDevice, type MissingDevice } from '../host-device.js';
import { allowDevices, type DeviceAccess } from './then-device-rules.js';

const DEVICES = ['linux', 'devices'];
const RULES = ['linux', 'resources', 'devices'];

const pathOf = (device: JsonObject) => tidyPath(textOf(device, 'path', DEVICES));

/** Changes the device nodes of the container, and what the device cgroup allows. */
export const thenDevices: EditKind<DevicesEdit> = {
  reads: () => ['/linux/devices', '/linux/resources/devices'],
  holds: ({ remove = [], add = [] }) => [
    ...placesIn(DEVICES, [...remove, ...add.map(({ path }) => path)].map(tidyPath)),
    ...add.flatMap(({ type, major, minor, access }) =>
      type === undefined || type === 'p' || major === undefined || minor === undefined || access === ''
        ? []
        : placesIn(RULES, [deviceRuleKey({ type: type === 'u' ? 'c' : type, major, minor })]),
    ),
  ],
  apply: (spec, { remove = [], add = [] }, host) => {
    const found = findAll(add, host);
    const paths = add.map(({ path }) => tidyPath(path));
    const kept = dropKeys(objectsAt(spec, DEVICES), remove.map(tidyPath), pathOf, paths);
    const nodes = found.map(({ entry, device }) => nodeOf(entry, device));
    const devices = nodes.reduce((before, node) => putByKey(before, node, pathOf), kept);
    const wanted = found.flatMap(({ entry, device }) => accessOf(entry, device));
    return allowDevices(withList(spec, DEVICES, devices), wanted);
  },
};

/** All devices, or one refusal that names every missing one. */
function findAll(add: readonly DeviceEntry[], host: Host) {
  const looked = add.map((entry) => ({ entry, device: findDevice(entry, host) }));
  const missing = looked.flatMap(({ device }): MissingDevice[] => ('why' in device ? [device] : []));
  if (missing.length > 0) throw devicesMissing(missing);
  return looked.flatMap(({ entry, device }) => ('why' in device ? [] : [{ entry, device }]));
}

function nodeOf({ path, fileMode, uid, gid }: DeviceEntry, { type, major, minor }: FoundDevice): JsonObject {
  return {
    path,
    type,
    ...(type === 'p' ? {} : { major, minor }),
    ...(fileMode === undefined ? {} : { fileMode }),
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
  };
}

function accessOf({ access = 'rwm' }: DeviceEntry, { type, major, minor }: FoundDevice): DeviceAccess[] {
  return access === '' || type === 'p' ? [] : [{ type: type === 'b' ? 'b' : 'c', major, minor, access }];
}
