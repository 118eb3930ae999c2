import { formatPointer, type SpecDocument } from '@opencontainers-ts/runtime-spec';
import type { Refuse } from '../planning/rule.js';
import { flag, items, members, orRefusal, text } from './spec-fields.js';

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
 * `document.spec` is what JSON.parse read: its type is a promise that nobody has checked. This checks it where the
 * rule looks. `null` is what Go reads as absent, and some engines write it.
 *
 * @returns the checked view, or a refusal with `ERR_SPEC_FIELD`
 */
export function readContainerSpec(document: SpecDocument): ContainerSpec | Refuse {
  return orRefusal(() => {
    const spec = members(document.spec, '');
    const linux = members(spec['linux'], '/linux');
    return {
      annotations: annotationsOf(members(spec['annotations'], '/annotations')),
      root: rootOf(members(spec['root'], '/root')),
      mounts: items(spec['mounts'], '/mounts').map(mountOf),
      devicePaths: items(linux['devices'], '/linux/devices').map((device, index) => {
        const pointer = `/linux/devices/${index}`;
        return text(members(device, pointer)['path'], `${pointer}/path`);
      }),
    };
  });
}

/** The annotations, each a string. */
export function annotationsOf(annotations: Members): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(annotations).map(([key, value]) => [
      key,
      text(value, formatPointer(['annotations', key])),
    ]),
  );
}

function rootOf(root: Members): ContainerSpec['root'] {
  const path = text(root['path'], '/root/path');
  if (path === '') return undefined;
  const readonly = flag(root['readonly'], '/root/readonly');
  return readonly === undefined ? { path } : { path, readonly };
}

function mountOf(value: unknown, index: number): SpecMount {
  const pointer = `/mounts/${index}`;
  const mount = members(value, pointer);
  const options = items(mount['options'], `${pointer}/options`).map((option, at) =>
    text(option, `${pointer}/options/${at}`),
  );
  return {
    index,
    destination: text(mount['destination'], `${pointer}/destination`),
    source: text(mount['source'], `${pointer}/source`),
    options,
    isBind:
      text(mount['type'], `${pointer}/type`) === 'bind' || options.some((o) => o === 'bind' || o === 'rbind'),
    isIdMapped:
      options.some((o) => o === 'idmap' || o === 'ridmap') ||
      ['uidMappings', 'gidMappings'].some((key) => items(mount[key], `${pointer}/${key}`).length > 0),
  };
}
