import type { JsonObject } from '@opencontainers-ts/runtime-spec';
import type { SeccompEdit } from '../../generated/rule-definition.js';
import { canonicalText } from '../../spec-edit/same-json.js';
import {
  objectAt,
  objectsAt,
  textOf,
  textsOf,
  valueAt,
  withList,
  withValue,
} from '../../spec-edit/spec-tree.js';
import { type EditKind, placesIn } from '../edit-kind.js';
import { readSeccompProfile } from '../seccomp-profile.js';

const SECCOMP = ['linux', 'seccomp'];
const SYSCALLS = [...SECCOMP, 'syscalls'];
/** EPERM: what a process gets that may not. */
const REFUSED: JsonObject = { action: 'SCMP_ACT_ERRNO', errnoRet: 1 };
const ALLOWED: JsonObject = { action: 'SCMP_ACT_ALLOW' };
/** Default actions under which a system call that no entry names does not take place. */
const REFUSING = new Set([
  'SCMP_ACT_ERRNO',
  'SCMP_ACT_KILL',
  'SCMP_ACT_KILL_PROCESS',
  'SCMP_ACT_KILL_THREAD',
  'SCMP_ACT_TRAP',
]);

/** Changes the system call filter. */
export const thenSeccomp: EditKind<SeccompEdit> = {
  reads: () => ['/linux/seccomp'],
  holds: ({ profile, deny = [], allow = [] }) =>
    profile === undefined ? placesIn(SYSCALLS, [...deny, ...allow]) : ['/linux/seccomp'],
  apply: (spec, { profile, deny = [], allow = [] }, host) => {
    const start = profile === undefined ? spec : withValue(spec, SECCOMP, readSeccompProfile(profile, host));
    return allowCalls(
      denyCalls(
        start,
        deny.filter((name) => !allow.includes(name)),
      ),
      allow,
    );
  },
};

function denyCalls(spec: JsonObject, names: readonly string[]): JsonObject {
  if (names.length === 0) return spec;
  const filtered = hasFilter(spec)
    ? spec
    : withValue(spec, SECCOMP, { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [] });
  return sayOf(filtered, names, REFUSING.has(defaultAction(filtered)) ? undefined : REFUSED);
}

function allowCalls(spec: JsonObject, names: readonly string[]): JsonObject {
  if (names.length === 0 || !hasFilter(spec)) return spec;
  return sayOf(spec, names, defaultAction(spec) === 'SCMP_ACT_ALLOW' ? undefined : ALLOWED);
}

function hasFilter(spec: JsonObject): boolean {
  return (valueAt(spec, SECCOMP) ?? null) !== null;
}

function defaultAction(spec: JsonObject): string {
  return textOf(objectAt(spec, SECCOMP), 'defaultAction', SECCOMP);
}

/**
 * Makes one verdict the only one about some system calls; without one, the default action is left to speak. They
 * leave all other entries: libseccomp refuses or combines contradicting ones, each version otherwise.
 */
function sayOf(spec: JsonObject, names: readonly string[], verdict: JsonObject | undefined): JsonObject {
  const wanted = new Set(names);
  const entries = objectsAt(spec, SYSCALLS).map((entry, index) => ({
    entry,
    names: textsOf(entry, 'names', [...SYSCALLS, index]),
  }));
  const isVerdict = (entry: JsonObject) => {
    const { names: _, ...said } = entry;
    return verdict !== undefined && canonicalText(withoutEmpty(said)) === canonicalText(verdict);
  };
  const home = entries.findIndex(({ entry }) => isVerdict(entry));
  const changed = entries.flatMap(({ entry, names: listed }, index) => {
    const kept = index === home ? listed : listed.filter((name) => !wanted.has(name));
    const added = index === home ? [...wanted].filter((name) => !listed.includes(name)) : [];
    if (kept.length === listed.length && added.length === 0) return [entry];
    return kept.length + added.length === 0 ? [] : [{ ...entry, names: [...kept, ...added] }];
  });
  const fresh = verdict !== undefined && home < 0 ? [{ names: [...wanted], ...verdict }] : [];
  return withList(spec, SYSCALLS, [...changed, ...fresh]);
}

/** `args: []` and `args: null` say nothing; Go writes them. */
function withoutEmpty(entry: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(entry).filter(
      ([, value]) => value !== null && !(Array.isArray(value) && value.length === 0),
    ),
  );
}
