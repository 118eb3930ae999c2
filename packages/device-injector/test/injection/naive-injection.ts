import { posix } from 'node:path';

import type { CdiDeviceNode, CdiHook, CdiMount, CdiSpec } from '../../src/index.js';

interface Device {
  path: string;
  type: string;
  major: number;
  minor: number;
  fileMode?: number;
  uid?: number;
  gid?: number;
}

/** A spec that may be changed. */
export interface LooseSpec {
  process?: { env?: string[]; user?: { uid?: number; gid?: number; additionalGids?: number[] } };
  mounts?: { destination: string; source?: string; type?: string; options?: string[] }[];
  hooks?: Record<string, object[]>;
  linux?: {
    namespaces?: { type: string }[];
    devices?: Device[];
    resources?: { devices?: object[] };
    netDevices?: Record<string, { name: string }>;
    intelRdt?: object;
  };
}

const HOST: Readonly<Record<string, { type: string; major: number; minor: number; fileMode: number }>> = {
  '/dev/null': { type: 'c', major: 1, minor: 3, fileMode: 0o666 },
  '/dev/disk': { type: 'b', major: 8, minor: 1, fileMode: 0o666 },
};

/** CDI as its text describes it, step by step on a copy: what the rule is compared with. */
export function injectedNaively(
  spec: LooseSpec,
  specs: Readonly<Record<string, CdiSpec>>,
  names: readonly string[],
): LooseSpec {
  const result = structuredClone(spec);
  const edits = [...new Set(names)].flatMap((name, index, all) => {
    const [kind, device] = name.split('=');
    const found = Object.values(specs).find((each) => each.kind === kind);
    const isFirst = !all.slice(0, index).some((other) => other.startsWith(`${kind}=`));
    const own = found?.devices.find((each) => each.name === device)?.containerEdits;
    return [...(isFirst && found?.containerEdits ? [found.containerEdits] : []), ...(own ? [own] : [])];
  });
  for (const variable of edits.flatMap(({ env = [] }) => env)) putVariable(result, variable);
  const nodes = edits.flatMap(({ deviceNodes = [] }) => deviceNodes);
  for (const [index, node] of nodes.entries()) {
    putDevice(result, node, !nodes.slice(index + 1).some(({ path }) => path === node.path));
  }
  for (const { hostInterfaceName, name } of edits.flatMap(({ netDevices = [] }) => netDevices)) {
    result.linux = {
      ...result.linux,
      netDevices: { ...result.linux?.netDevices, [hostInterfaceName]: { name } },
    };
  }
  const mounts = edits.flatMap((each) => each.mounts ?? []);
  for (const [index, mount] of mounts.entries()) {
    putMount(
      result,
      mount,
      !mounts.slice(index + 1).some((each) => each.containerPath === mount.containerPath),
    );
  }
  const depth = (path: string) =>
    [...posix.join(path.replace(/(.)\/$/, '$1'))].filter((each) => each === '/').length;
  if (mounts.length > 0)
    result.mounts?.sort((one, other) => depth(one.destination) - depth(other.destination));
  for (const hook of edits.flatMap(({ hooks = [] }) => hooks)) putHook(result, hook);
  const intelRdt = edits.findLast((each) => each.intelRdt !== undefined)?.intelRdt;
  if (intelRdt !== undefined) {
    result.linux = { ...result.linux, intelRdt: intelRdt.closID ? { closID: intelRdt.closID } : {} };
  }
  for (const gid of edits.flatMap(({ additionalGids = [] }) => additionalGids)) {
    if (gid === 0 || result.process?.user?.additionalGids?.includes(gid)) continue;
    const user = result.process?.user ?? {};
    result.process = {
      ...result.process,
      user: { ...user, additionalGids: [...(user.additionalGids ?? []), gid] },
    };
  }
  return result;
}

function putVariable(spec: LooseSpec, variable: string): void {
  const env = spec.process?.env ?? [];
  const name = `${variable.split('=')[0]}=`;
  const at = env.findIndex((each) => each.startsWith(name));
  if (at < 0) env.push(variable);
  else env[at] = variable;
  spec.process = { ...spec.process, env };
}

function putDevice(spec: LooseSpec, node: CdiDeviceNode, isLast: boolean): void {
  const found = HOST[node.hostPath ?? node.path] ?? { type: 'c', major: 0, minor: 0, fileMode: 0 };
  const { uid = 0, gid = 0 } = spec.process?.user ?? {};
  const device: Device = {
    path: node.path,
    ...found,
    fileMode: node.fileMode ?? found.fileMode,
    ...(node.uid === undefined ? (uid > 0 ? { uid } : {}) : { uid: node.uid }),
    ...(gid > 0 ? { gid } : {}),
  };
  const devices = spec.linux?.devices ?? [];
  const present = devices.find((each) => each.path === node.path);
  const isThere = present !== undefined && sameMembers(present, device);
  const kept = isThere || !isLast ? devices : [...devices.filter((each) => each !== present), device];
  const rules = spec.linux?.resources?.devices ?? [];
  const rule = {
    allow: true,
    type: found.type,
    major: found.major,
    minor: found.minor,
    ...(node.permissions === 'none' ? {} : { access: node.permissions ?? 'rwm' }),
  };
  const known = rules.some((each) => sameMembers(each, rule));
  spec.linux = {
    ...spec.linux,
    devices: kept,
    resources: { ...spec.linux?.resources, devices: known ? rules : [...rules, rule] },
  };
}

function putMount(spec: LooseSpec, mount: CdiMount, isLast: boolean): void {
  const { containerPath, hostPath, type, options = [] } = mount;
  const isNamespaced = spec.linux?.namespaces?.some((each) => each.type === 'user') === true;
  const mapping = options.includes('rbind')
    ? 'ridmap'
    : type === 'bind' || options.includes('bind')
      ? 'idmap'
      : '';
  const all = isNamespaced && mapping !== '' ? [...options, mapping] : [...options];
  const made = {
    destination: containerPath,
    ...(type === undefined ? {} : { type }),
    source: hostPath,
    ...(all.length === 0 ? {} : { options: all }),
  };
  const mounts = spec.mounts ?? [];
  const present = mounts.find((each) => each.destination === containerPath);
  if ((present !== undefined && sameMembers(present, made)) || !isLast) return;
  spec.mounts = [...mounts.filter((each) => each !== present), made];
}

function putHook(spec: LooseSpec, { hookName, path, args = [], env = [], timeout }: CdiHook): void {
  const plain = {
    path,
    ...(args.length === 0 ? {} : { args }),
    ...(env.length === 0 ? {} : { env }),
    ...(timeout === undefined ? {} : { timeout }),
  };
  const needs = hookName !== 'prestart' && env.length === 0;
  const safe = needs ? { ...plain, env: ['NVIDIA_CTK_DEBUG=false'] } : plain;
  const hooks = spec.hooks?.[hookName] ?? [];
  if (hooks.some((each) => sameMembers(each, safe))) return;
  const at = hooks.findIndex((each) => sameMembers(each, plain));
  spec.hooks = { ...spec.hooks, [hookName]: at < 0 ? [...hooks, safe] : hooks.with(at, safe) };
}

function sameMembers(one: object, other: object): boolean {
  const text = (value: object) => JSON.stringify(Object.entries(value).sort());
  return text(one) === text(other);
}
