import type { JsonValue } from '@opencontainers-ts/runtime-spec';
import type { DeviceRule, DeviceRulesEdit } from '../generated/rule-definition.js';
import { dropKeys } from './keyed-list.js';
import { deviceRuleKey } from './keyed-lists.js';
import { type JsonObject, objectsAt, withList, withValue } from './spec-tree.js';
import { placesIn, type Verb } from './verb.js';

const RULES = ['linux', 'resources', 'devices'];

/** Changes the rules of the device cgroup. */
export const thenDeviceRules: Verb<DeviceRulesEdit> = {
  reads: () => ['/linux/resources/devices'],
  holds: ({ set, add = [] }) =>
    set === undefined
      ? placesIn(
          RULES,
          add.map((rule) => deviceRuleKey({ ...rule })),
        )
      : ['/linux/resources/devices'],
  apply: (spec, { set, add = [] }) => {
    const start = set === undefined ? spec : withValue(spec, RULES, set.map(asJson));
    return addDeviceRules(start, add);
  },
};

/** Puts rules at the end of the list, where nothing that follows undoes them. */
export function addDeviceRules(spec: JsonObject, rules: readonly DeviceRule[]): JsonObject {
  if (rules.length === 0) return spec;
  const added = rules.map(asJson);
  const kept = dropKeys(objectsAt(spec, RULES), added.map(deviceRuleKey), deviceRuleKey);
  return withList(spec, RULES, [...kept, ...added]);
}

/** A device, and what is to be done with it. */
export interface DeviceAccess {
  readonly type: 'c' | 'b';
  readonly major: number | bigint;
  readonly minor: number | bigint;
  readonly access: string;
}

/** Whether the rules of the spec allow it. Read from the back: of two rules about one device the last counts. */
export function isAllowed(spec: JsonObject, wanted: DeviceAccess): boolean {
  const open = new Set(wanted.access);
  for (const rule of objectsAt(spec, RULES).toReversed()) {
    if (!isAbout(rule, wanted)) continue;
    for (const letter of letters(rule)) {
      if (open.has(letter) && rule['allow'] !== true) return false;
      open.delete(letter);
    }
    if (open.size === 0) return true;
  }
  return false;
}

function isAbout(rule: JsonObject, { type, major, minor }: DeviceAccess): boolean {
  const [ruleType, ruleMajor, ruleMinor] = ['type', 'major', 'minor'].map((name) => memberOf(rule, name));
  return (
    (ruleType === undefined || ruleType === '' || ruleType === 'a' || ruleType === type) &&
    isNumber(ruleMajor, major) &&
    isNumber(ruleMinor, minor)
  );
}

/** runc takes a missing number and -1 for any. */
function isNumber(inRule: JsonValue | undefined, wanted: number | bigint): boolean {
  return inRule === undefined || String(inRule) === '-1' || String(inRule) === String(wanted);
}

/** What a rule speaks about; runc takes a missing access for all. */
function letters(rule: JsonObject): string {
  const access = memberOf(rule, 'access');
  return typeof access === 'string' && access !== '' ? access : 'rwm';
}

function memberOf(object: JsonObject, name: string): JsonValue | undefined {
  const value = Object.hasOwn(object, name) ? object[name] : undefined;
  return value === null ? undefined : value;
}

function asJson(rule: DeviceRule): JsonObject {
  return { ...rule };
}
