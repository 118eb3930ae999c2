import {
  canonicalText,
  type JsonObject,
  listAt,
  objectAt,
  objectsAt,
  textOf,
  tidyPath,
  withList,
} from '@opencontainers-ts/rootfs-rewriter/spec-edit';

import { INT64, pointers, struct, TEXT, UINT32 } from '../cdi/shape.js';
import type { DeviceHost } from '../device-host.js';
import { goQuote } from '../go-quote.js';
import { type CdiDeviceNode, cgroupRule, deviceEntry, fillNode } from './device-node.js';
import { type EditFault, type EditKind, everyFault, faultAt, firstFault, LIST_EDIT } from './edit-kind.js';
import { putEntries } from './put-entries.js';
import { relativePathFaults } from './relative-path.js';

const DEVICES = ['linux', 'devices'];
const RULES = ['linux', 'resources', 'devices'];
const USER = ['process', 'user'];

/** Device nodes of the host, and the rules of the device cgroup that allow them. */
export const deviceNodes: EditKind<readonly CdiDeviceNode[]> = {
  ...LIST_EDIT,
  shape: pointers(
    struct<CdiDeviceNode>(
      'DeviceNode',
      {
        path: TEXT,
        hostPath: TEXT,
        type: TEXT,
        major: INT64,
        minor: INT64,
        fileMode: { ...UINT32, goType: 'fs.FileMode' },
        permissions: TEXT,
        uid: UINT32,
        gid: UINT32,
      },
      { path: '' },
    ),
  ),
  minimumVersion: (nodes) => (nodes.some(({ hostPath = '' }) => hostPath !== '') ? '0.5.0' : undefined),
  fault: (nodes) => firstFault(nodes, nodeFault),
  lint: (nodes) => everyFault(nodes, lintNode),
  reads: [DEVICES, RULES, USER],
  holds: (nodes) => nodes.map(({ path }) => [...DEVICES, tidyPath(path)]),
  apply: putDevices,
};

function nodeFault(node: CdiDeviceNode): EditFault | undefined {
  const { path, type = '', major = 0, minor = 0, permissions = '' } = node;
  if (path === '') return faultAt(['path'], 'invalid (empty) device path');
  const device = `device ${goQuote(path)}`;
  if (!['', 'b', 'c', 'u', 'p'].includes(type)) {
    return faultAt(['type'], `${device}: invalid type ${goQuote(type)}`);
  }
  // -1 is every device there is, for a device cgroup.
  if (major < 0 || minor < 0) {
    const member = major < 0 ? 'major' : 'minor';
    return faultAt([member], `${device}: invalid (negative) device number ${major}:${minor}`);
  }
  return permissions === 'none' || /^[rwm]*$/.test(permissions)
    ? undefined
    : faultAt(['permissions'], `${device}: invalid permissions ${goQuote(permissions)}`);
}

// OCI runtime-spec, config-linux.md, "Devices": path is the full path inside the container.
function lintNode({ path, hostPath = '' }: CdiDeviceNode): readonly EditFault[] {
  return [
    ...relativePathFaults('path', path, 'the device node'),
    ...(hostPath === '' ? [] : relativePathFaults('hostPath', hostPath, `the device node ${goQuote(path)}`)),
  ];
}

/**
 * Adds device nodes, and rules of the device cgroup that allow them. Nodes are identified by their literal path. A rule that
 * exists already is not added again.
 */
function putDevices(spec: JsonObject, nodes: readonly CdiDeviceNode[], host: DeviceHost): JsonObject {
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
