import {
  canonicalText,
  type JsonObject,
  listAt,
  objectAt,
  objectsAt,
  textOf,
  withList,
  withValue,
} from '@opencontainers-ts/rootfs-rewriter/spec-edit';

import type { CdiDeviceNode, CdiNetDevice } from '../cdi/cdi-spec.js';
import type { DeviceHost } from '../device-host.js';
import { cgroupRule, deviceEntry, fillNode } from './device-node.js';
import { putEntries } from './put-entry.js';

const DEVICES = ['linux', 'devices'];
const RULES = ['linux', 'resources', 'devices'];
const USER = ['process', 'user'];

/**
 * Puts device nodes, and lets the device cgroup allow them. Nodes are told apart by their path as it is spelt; a rule
 * that is there already is not added again.
 *
 * @throws DeviceError `ERR_CDI_DEVICE_NODE`
 */
export function editDevices(spec: JsonObject, nodes: readonly CdiDeviceNode[], host: DeviceHost): JsonObject {
  if (nodes.length === 0) return spec;
  const filled = nodes.map((node) => ({ node: fillNode(node, host), permissions: node.permissions }));
  const user = objectAt(spec, USER);
  const owner = { uid: idOf(user, 'uid'), gid: idOf(user, 'gid') };
  const entries = filled.map(({ node }) => deviceEntry(node, owner));
  const pathOf = (device: JsonObject) => textOf(device, 'path', DEVICES);
  const devices = putEntries(objectsAt(spec, DEVICES), entries, pathOf);
  const rules = filled.map(({ node, permissions }) => cgroupRule(node, permissions));
  return addRules(
    withList(spec, DEVICES, devices),
    rules.filter((rule) => rule !== undefined),
  );
}

/** Moves interfaces of the host into the container: a map by their names on the host. */
export function editNetDevices(spec: JsonObject, devices: readonly CdiNetDevice[]): JsonObject {
  if (devices.length === 0) return spec;
  const place = ['linux', 'netDevices'];
  const added = devices.map(({ hostInterfaceName, name }) => [hostInterfaceName, { name }]);
  return withValue(spec, place, { ...objectAt(spec, place), ...Object.fromEntries(added) });
}

function addRules(spec: JsonObject, rules: readonly JsonObject[]): JsonObject {
  const present = listAt(spec, RULES);
  const known = new Set(present.map(canonicalText));
  const added = new Map(rules.map((rule) => [canonicalText(rule), rule]));
  for (const text of known) added.delete(text);
  return added.size === 0 ? spec : withList(spec, RULES, [...present, ...added.values()]);
}

function idOf(user: JsonObject, name: 'uid' | 'gid'): number {
  const id = Object.hasOwn(user, name) ? user[name] : 0;
  return typeof id === 'number' ? id : 0;
}
