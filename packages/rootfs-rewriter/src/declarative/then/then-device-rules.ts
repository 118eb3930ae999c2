import type { JsonObject, JsonValue } from '@opencontainers-ts/runtime-spec';
import type { DeviceRule, DeviceRulesEdit } from '../../generated/rule-definition.js';
import { dropKeys } from '../../spec-edit/keyed-list.js';
import { deviceRuleKey } from '../../spec-edit/keyed-lists.js';
import { objectsAt, withList } from '../../spec-edit/spec-tree.js';
import { type EditKind, placesIn } from '../edit-kind.js';

const RULES = ['linux', 'resources', 'devices'];

/** Changes the rules of the device cgroup. */
export const thenDeviceRules: EditKind<DeviceRulesEdit> = {
  reads: () => ['/linux/resources/devices'],
  holds: ({ set, add = [] }) =>
    set === undefined
      ? placesIn(
          RULES,
          add.map((rule) => deviceRuleKey({ ...rule })),
        )
      : ['/linux/resources/devices'],
  // Devices of the same rule find the list without what is added here, and so do the same thing every time.
  prepare: (spec, { set, add = [] }) => {
    const rules = set === undefined ? objectsAt(spec, RULES) : set.map(asJson);
    return withList(spec, RULES, dropKeys(rules, add.map(asJson).map(deviceRuleKey), deviceRuleKey));
  },
  // At the end, where nothing that follows undoes them.
  apply: (spec, { add = [] }) => withList(spec, RULES, [...objectsAt(spec, RULES), ...add.map(asJson)]),
};

/** The spec in which the device cgroup allows all that is wanted; rules are added only where it does not. */
export function allowDevices(spec: JsonObject, wanted: readonly DeviceAccess[]): JsonObject {
  const rules = objectsAt(spec, RULES);
  if (wanted.every((each) => isAllowed(rules, each))) return spec;
  const others = dropKeys(rules, wanted.map(deviceRuleKey), deviceRuleKey);
  const needed = wanted.filter((each) => !isAllowed(others, each));
  return withList(spec, RULES, [...others, ...needed.map(allowing)]);
}

/** A device, and what is to be done with it. */
export interface DeviceAccess extends JsonObject {
  readonly type: 'c' | 'b';
  readonly major: number | bigint;
  readonly minor: number | bigint;
  readonly access: string;
}

/** Whether the rules allow it. Read from the back: of two rules about one device the last counts. */
function isAllowed(rules: readonly JsonObject[], wanted: DeviceAccess): boolean {
  const open = new Set(wanted.access);
  for (const rule of rules.toReversed()) {
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

function allowing(wanted: DeviceAccess): JsonObject {
  return { allow: true, ...wanted };
}
