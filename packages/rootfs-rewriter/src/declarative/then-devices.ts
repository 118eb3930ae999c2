import { tidyPath } from '../absolute-path.js';
import type { DeviceEntry, DeviceRule, DevicesEdit } from '../generated/rule-definition.js';
import type { Host } from '../host.js';
import { devicesMissing, type FoundDevice, findDevice, type MissingDevice } from './host-device.js';
import { dropKeys, putByKey } from './keyed-list.js';
import { deviceRuleKey } from './keyed-lists.js';
import { type JsonObject, objectsAt, textOf, withList } from './spec-tree.js';
import { addDeviceRules, isAllowed } from './then-device-rules.js';
import { placesIn, type Verb } from './verb.js';

const DEVICES = ['linux', 'devices'];
const RULES = ['linux', 'resources', 'devices'];

const pathOf = (device: JsonObject) => tidyPath(textOf(device, 'path', DEVICES));

/** Changes the device nodes of the container, and what the device cgroup allows. */
export const thenDevices: Verb<DevicesEdit> = {
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
    const kept = dropKeys(objectsAt(spec, DEVICES), remove.map(tidyPath), pathOf);
    const nodes = found.map(({ entry, device }) => nodeOf(entry, device));
    const devices = nodes.reduce((before, node) => putByKey(before, node, pathOf), kept);
    const rules = found.flatMap(({ entry, device }) => ruleFor(spec, entry, device));
    return addDeviceRules(withList(spec, DEVICES, devices), rules);
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

function ruleFor(spec: JsonObject, { access = 'rwm' }: DeviceEntry, device: FoundDevice): DeviceRule[] {
  if (access === '' || device.type === 'p') return [];
  const wanted = {
    type: device.type === 'b' ? 'b' : 'c',
    major: device.major,
    minor: device.minor,
    access,
  } as const;
  return isAllowed(spec, wanted) ? [] : [{ allow: true, ...wanted }];
}
