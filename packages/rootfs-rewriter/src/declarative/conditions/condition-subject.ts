import { formatPointer, type JsonObject } from '@opencontainers-ts/runtime-spec';
import { isRefusal } from '../../planning/refuse.js';
import type { Call } from '../../planning/rule.js';
import { type PodIdentity, podIdentity } from '../../pvc-rootfs/pod-identity.js';
import { tidyPath } from '../../spec-edit/absolute-path.js';
import { type ContainerNames, containerNames } from '../../spec-edit/container-names.js';
import { members, text } from '../../spec-edit/spec-fields.js';
import { objectAt, objectsAt, textOf, textsAt, textsOf, valueAt } from '../../spec-edit/spec-tree.js';
import { envNameOf } from '../then/then-env.js';

/** A mount as conditions see it. */
export interface SeenMount {
  readonly destination: string;
  readonly source: string;
  readonly type: string;
  readonly options: readonly string[];
}

/** What conditions ask about. Each question looks only at the part of the spec that it needs. */
export class ConditionSubject {
  readonly #spec: JsonObject;
  readonly verb: Call['verb'];

  constructor(spec: JsonObject, call: Call) {
    this.#spec = spec;
    this.verb = call.verb;
  }

  annotation(key: string): string | undefined {
    const value = valueAt(this.#spec, ['annotations', key]);
    // Go reads null in a map of strings as the empty string.
    return value === undefined ? undefined : text(value, formatPointer(['annotations', key]));
  }

  /** The value that getenv(3) gives: of several entries with one name the first counts. */
  env(name: string): string | undefined {
    const entry = textsAt(this.#spec, ['process', 'env']).find((each) => envNameOf(each) === name);
    return entry?.slice(name.length + 1);
  }

  args(): readonly string[] {
    return textsAt(this.#spec, ['process', 'args']);
  }

  mounts(): readonly SeenMount[] {
    return objectsAt(this.#spec, ['mounts']).map((mount, index) => ({
      destination: tidyPath(textOf(mount, 'destination', ['mounts', index])),
      source: tidySource(textOf(mount, 'source', ['mounts', index])),
      type: textOf(mount, 'type', ['mounts', index]),
      options: textsOf(mount, 'options', ['mounts', index]),
    }));
  }

  containerType(): PodIdentity['containerType'] {
    return this.#identity().containerType;
  }

  names(): ContainerNames {
    const names = containerNames(this.#annotations(), this.#identity());
    if (isRefusal(names)) throw names;
    return names;
  }

  #identity(): PodIdentity {
    const identity = podIdentity(this.#annotations());
    if (isRefusal(identity)) throw identity;
    return identity;
  }

  #annotations(): ReadonlyMap<string, string> {
    const annotations = members(objectAt(this.#spec, ['annotations']), '/annotations');
    return new Map(
      Object.entries(annotations).map(([key, value]) => [
        key,
        text(value, formatPointer(['annotations', key])),
      ]),
    );
  }
}

function tidySource(source: string): string {
  return source.startsWith('/') ? tidyPath(source) : source;
}
