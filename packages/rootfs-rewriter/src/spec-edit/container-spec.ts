import type { SpecDocument } from '@opencontainers-ts/runtime-spec';
import type { Refuse } from '../planning/rule.js';
import { flag, items, members, orRefusal, type Place, text, texts } from './spec-fields.js';

/** One mount of the spec, with the members that choosing a root needs. */
export interface SpecMount {
  /** Place in `mounts`. */
  readonly index: number;
  readonly destination: string;
  readonly source: string;
  readonly options: readonly string[];
  /** The runtime takes it for a bind mount: type `bind`, or `bind` or `rbind` among its options. */
  readonly isBind: boolean;
  /** It carries id mappings, in a member or as an option. */
  readonly isIdMapped: boolean;
}

/** The part of a spec that the rule works on, each member with the type it should have. */
export interface ContainerSpec {
  readonly annotations: ReadonlyMap<string, string>;
  readonly root: { readonly path: string; readonly readonly?: boolean } | undefined;
  readonly mounts: readonly SpecMount[];
  /** `linux.devices[].path` */
  readonly devicePaths: readonly string[];
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
  return {
    index,
    destination: text(mount['destination'], place, 'destination'),
    source: text(mount['source'], place, 'source'),
    options,
    isBind: type === 'bind' || options.includes('bind') || options.includes('rbind'),
    isIdMapped: options.includes('idmap') || options.includes('ridmap') || hasMappings(mount, place),
  };
}

function hasMappings(mount: Members, place: Place): boolean {
  const { uidMappings, gidMappings } = mount;
  if (uidMappings === undefined && gidMappings === undefined) return false;
  const all = [items(uidMappings, place, 'uidMappings'), items(gidMappings, place, 'gidMappings')];
  return all.some(({ length }) => length > 0);
}
