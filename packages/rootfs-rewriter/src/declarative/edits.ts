import type { Actions } from '../generated/rule-definition.js';
import type { Host } from '../planning/host.js';
import type { JsonObject } from '../spec-edit/spec-tree.js';
import type { Verb } from './edit.js';
import { thenArgs } from './then-args.js';
import { thenCapabilities } from './then-capabilities.js';
import { thenDeviceRules } from './then-device-rules.js';
import { thenDevices } from './then-devices.js';
import { thenEnv } from './then-env.js';
import { thenHooks } from './then-hooks.js';
import { thenMounts } from './then-mounts.js';
import { thenNamespaces } from './then-namespaces.js';
import { thenPatch } from './then-patch.js';
import { thenPathList } from './then-path-list.js';
import { thenResources } from './then-resources.js';
import { thenRlimits } from './then-rlimits.js';
import { thenSeccomp } from './then-seccomp.js';
import { thenTextMap } from './then-text-map.js';
import { thenUser } from './then-user.js';
import { thenValue } from './then-value.js';

type VerbTable = { readonly [Name in keyof Actions]-?: Verb<NonNullable<Actions[Name]>> };

/**
 * Every member of `then`, in the order in which they are applied. The rules of the device cgroup stand behind the
 * devices, and have the last word; the raw patch sees all that the others did.
 */
const VERBS: VerbTable = {
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

/** A member of `then` with its edit. */
export interface Action {
  /** `env`, `mounts`, ... */
  readonly name: string;
  readonly reads: readonly string[];
  readonly holds: readonly string[];
  readonly prepare: (spec: JsonObject) => JsonObject;
  readonly apply: (spec: JsonObject, host: Host) => JsonObject;
}

/** What a rule does, in order. */
export function actionsOf(then: Actions): readonly Action[] {
  return (Object.keys(VERBS) as (keyof Actions)[]).flatMap((name) => actionOf(name, then));
}

function actionOf<Name extends keyof Actions>(name: Name, then: Actions): Action[] {
  const edit = then[name];
  if (edit === undefined) return [];
  const verb = VERBS[name] as Verb<typeof edit>;
  return [
    {
      name,
      reads: verb.reads(edit),
      holds: verb.holds(edit),
      prepare: (spec) => verb.prepare?.(spec, edit) ?? spec,
      apply: (spec, host) => verb.apply(spec, edit, host),
    },
  ];
}
