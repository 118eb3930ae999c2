import type { JsonObject } from '@opencontainers-ts/runtime-spec';
import type { Actions } from '../generated/rule-definition.js';
import type { Host } from '../planning/host.js';

import type { EditKind } from './edit-kind.js';
import { thenArgs } from './then/then-args.js';
import { thenCapabilities } from './then/then-capabilities.js';
import { thenDeviceRules } from './then/then-device-rules.js';
import { thenDevices } from './then/then-devices.js';
import { thenEnv } from './then/then-env.js';
import { thenHooks } from './then/then-hooks.js';
import { thenMounts } from './then/then-mounts.js';
import { thenNamespaces } from './then/then-namespaces.js';
import { thenPatch } from './then/then-patch.js';
import { thenPathList } from './then/then-path-list.js';
import { thenResources } from './then/then-resources.js';
import { thenRlimits } from './then/then-rlimits.js';
import { thenSeccomp } from './then/then-seccomp.js';
import { thenTextMap } from './then/then-text-map.js';
import { thenUser } from './then/then-user.js';
import { thenValue } from './then/then-value.js';

/** All of `then` but the root, which is more than a change of the spec: `then-root.ts`. */
type Edits = Omit<Actions, 'root'>;
type EditKinds = { readonly [Name in keyof Edits]-?: EditKind<NonNullable<Edits[Name]>> };

/**
 * Every member of `then`, in the order in which they are applied. The rules of the device cgroup stand behind the
 * devices, and have the last word; the raw patch sees all that the others did.
 */
const KINDS: EditKinds = {
  annotations: thenTextMap(['annotations']),
  args: thenArgs,
  env: thenEnv,
  cwd: thenValue(['process', 'cwd']),
  user: thenUser,
  capabilities: thenCapabilities,
  noNewPrivileges: thenValue(['process', 'noNewPrivileges']),
  apparmorProfile: thenValue(['process', 'apparmorProfile']),
  selinuxLabel: thenValue(['process', 'selinuxLabel']),
  oomScoreAdj: thenValue(['process', 'oomScoreAdj']),
  rlimits: thenRlimits,
  mounts: thenMounts,
  namespaces: thenNamespaces,
  sysctls: thenTextMap(['linux', 'sysctl']),
  maskedPaths: thenPathList(['linux', 'maskedPaths']),
  readonlyPaths: thenPathList(['linux', 'readonlyPaths']),
  seccomp: thenSeccomp,
  cgroupsPath: thenValue(['linux', 'cgroupsPath']),
  resources: thenResources,
  devices: thenDevices,
  deviceRules: thenDeviceRules,
  hooks: thenHooks,
  patch: thenPatch,
};

/** One edit that a rule makes: a member of its `then`. */
export interface RuleEdit {
  /** `env`, `mounts`, ... */
  readonly name: string;
  readonly reads: readonly string[];
  readonly holds: readonly string[];
  readonly prepare: (spec: JsonObject) => JsonObject;
  readonly apply: (spec: JsonObject, host: Host) => JsonObject;
}

/**
 * JSON Pointers of the members of a spec that edits look at, whole: an edit of one hook checks the types of all. Of
 * `process` and `linux` it is one of their members.
 */
export function partsOf(edits: readonly RuleEdit[]): readonly string[] {
  const parts = edits.flatMap(({ reads }) =>
    reads.map((pointer) => {
      const [top = '', member, inner] = pointer.split('/');
      if (member === undefined) return top;
      const isBroad = (member === 'process' || member === 'linux') && inner !== undefined;
      return isBroad ? `/${member}/${inner}` : `/${member}`;
    }),
  );
  return [...new Set(parts)];
}

/** The edits that a rule makes, in order. */
export function editsOf(then: Edits): readonly RuleEdit[] {
  const edits: RuleEdit[] = [];
  for (const name of NAMES) {
    // Most are not there, and an interpreter takes longer to call than to look.
    if (then[name] !== undefined) edits.push(...editOf(name, then));
  }
  return edits;
}

const NAMES = Object.keys(KINDS) as (keyof Edits)[];

function editOf<Name extends keyof Edits>(name: Name, then: Edits): readonly RuleEdit[] {
  const edit = then[name];
  if (edit === undefined) return [];
  const kind = KINDS[name] as EditKind<typeof edit>;
  return [
    {
      name,
      reads: kind.reads(edit),
      holds: kind.holds(edit),
      prepare: (spec) => kind.prepare?.(spec, edit) ?? spec,
      apply: (spec, host) => kind.apply(spec, edit, host),
    },
  ];
}
