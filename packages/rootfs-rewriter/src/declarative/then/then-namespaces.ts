import type { JsonObject } from '@opencontainers-ts/runtime-spec';
import type { NamespacesEdit } from '../../generated/rule-definition.js';
import { dropKeys, putByKey } from '../../spec-edit/keyed-list.js';
import { objectsAt, textOf, withList } from '../../spec-edit/spec-tree.js';
import { type EditKind, placesIn } from '../edit-kind.js';

const NAMESPACES = ['linux', 'namespaces'];

const typeOf = (namespace: JsonObject) => textOf(namespace, 'type', NAMESPACES);

/** Changes the namespaces of the container. */
export const thenNamespaces: EditKind<NamespacesEdit> = {
  reads: () => ['/linux/namespaces'],
  holds: ({ set = [], remove = [] }) => placesIn(NAMESPACES, [...remove, ...set.map(({ type }) => type)]),
  apply: (spec, { set = [], remove = [] }) => {
    const types = set.map(({ type }) => type);
    const without = dropKeys(objectsAt(spec, NAMESPACES), remove, typeOf, types);
    const namespaces = set.reduce<readonly JsonObject[]>(
      (before, namespace) => putByKey(before, { ...namespace }, typeOf),
      without,
    );
    return withList(spec, NAMESPACES, namespaces);
  },
};
