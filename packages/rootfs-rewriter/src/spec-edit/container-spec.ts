import type { SpecDocument } from '@opencontainers-ts/runtime-spec';
import type { IdMapping } from '../planning/host-action.js';
import type { Refuse } from '../planning/rule.js';
import { count, flag, items, members, orRefusal, text, texts } from './spec-fields.js';

/** One mount of the spec, with the members that choosing a root needs. */
export interface SpecMount {
  /** Place in `mounts`. */
  readonly index: number;
  readonly destination: string;
  readonly source: string;
  readonly options: readonly string[];
  /** The runtime takes it for a bind mount: type `bind`, or `bind` or `rbind` among its options. */
  readonly isBind: boolean;
  /** It is id-mapped, by a member or by an option. */
  readonly isIdMapped: boolean;
  /** The mappings of its own that it has, if any. */
  readonly idMappings: IdMappings;
}

/** Ranges of ids of a user namespace; a list is empty where the spec has none. */
export interface IdMappings {
  readonly uid: readonly IdMapping[];
  readonly gid: readonly IdMapping[];
}

/** The part of a spec that the rule works on, each member with the type it should have. */
export interface ContainerSpec {
  readonly annotations: ReadonlyMap<string, string>;
  readonly root: { readonly path: string; readonly readonly?: boolean } | undefined;
  readonly mounts: readonly SpecMount[];
  /** `linux.devices[].path` */
  readonly devicePaths: readonly string[];
  /** The mappings of `linux`, where `linux.namespaces` has a user namespace. */
  readonly userNamespace: IdMappings | undefined;
}

type Members = Readonly<Record<string, unknown>>;

/**
 * What the document says is what JSON.parse read: its type is a promise that nobody has checked. This checks it where the
 * rule looks. `null` is what Go reads as absent, and some engines write it.
 *
 * @returns the checked view, or a refusal with `ERR_SPEC_FIELD`
 */
export function readContainerSpec(document: SpecDocument): ContainerSpec | Refuse {
  return orRefusal(() => ({
    annotations: annotationsOf(members(document.value('/annotations'), '/annotations')),
    root: rootOf(members(document.value('/root'), '/root')),
    mounts: items(document.value('/mounts'), '/mounts').map(mountOf),
    devicePaths: devicePathsOf(document),
    userNamespace: userNamespaceOf(document),
  }));
}

/** The annotations, each a string. */
export function annotationsOf(annotations: Members): ReadonlyMap<string, string> {
  const checked = new Map<string, string>();
  for (const key of Object.keys(annotations)) {
    checked.set(key, text(annotations[key], '/annotations', key));
  }
  return checked;
}

function rootOf(root: Members): ContainerSpec['root'] {
  const path = text(root['path'], '/root', 'path');
  if (path === '') return undefined;
  const readonly = flag(root['readonly'], '/root', 'readonly');
  return readonly === undefined ? { path } : { path, readonly };
}

function devicePathsOf(document: SpecDocument): readonly string[] {
  const devices = document.value('/linux/devices');
  if (devices === undefined) {
    // Read only where it is no object, and so wrong: a seccomp profile may be in it.
    const linux = document.source('/linux') ?? '{';
    if (!linux.startsWith('{')) members(JSON.parse(linux), '/linux');
  }
  return items(devices, '/linux/devices').map((device, index) => {
    const place = { list: '/linux/devices', index };
    return text(members(device, place)['path'], place, 'path');
  });
}

function mountOf(value: unknown, index: number): SpecMount {
  const place = { list: '/mounts', index };
  const mount = members(value, place);
  const options = texts(mount['options'], place, 'options');
  const type = text(mount['type'], place, 'type');
  const idMappings = mappingsOfMount(mount, index);
  return {
    index,
    destination: text(mount['destination'], place, 'destination'),
    source: text(mount['source'], place, 'source'),
    options,
    isBind: type === 'bind' || options.includes('bind') || options.includes('rbind'),
    isIdMapped: options.includes('idmap') || options.includes('ridmap') || isMapped(idMappings),
    idMappings,
  };
}

const UNMAPPED: IdMappings = { uid: [], gid: [] };

/** Nearly no mount has any, and there may be thousands. */
function mappingsOfMount({ uidMappings, gidMappings }: Members, index: number): IdMappings {
  if (uidMappings === undefined && gidMappings === undefined) return UNMAPPED;
  const list = `/mounts/${index}`;
  return {
    uid: mappingsIn(uidMappings, `${list}/uidMappings`),
    gid: mappingsIn(gidMappings, `${list}/gidMappings`),
  };
}

function isMapped({ uid, gid }: IdMappings): boolean {
  return uid.length > 0 || gid.length > 0;
}

function userNamespaceOf(document: SpecDocument): IdMappings | undefined {
  const list = '/linux/namespaces';
  const namespaces = items(document.value(list), list).map((namespace, index) =>
    text(members(namespace, { list, index })['type'], { list, index }, 'type'),
  );
  if (!namespaces.includes('user')) return undefined;
  const [uid, gid] = ['/linux/uidMappings', '/linux/gidMappings'] as const;
  return { uid: mappingsIn(document.value(uid), uid), gid: mappingsIn(document.value(gid), gid) };
}

function mappingsIn(value: unknown, list: string): readonly IdMapping[] {
  return items(value, list).map((element, index) => {
    const place = { list, index };
    const mapping = members(element, place);
    return {
      containerID: count(mapping['containerID'], place, 'containerID'),
      hostID: count(mapping['hostID'], place, 'hostID'),
      size: count(mapping['size'], place, 'size'),
    };
  });
}
