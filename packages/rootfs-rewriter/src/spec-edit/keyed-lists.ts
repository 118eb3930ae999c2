import type { JsonValue } from '@opencontainers-ts/runtime-spec';
import { tidyPath } from './absolute-path.js';
import { mountOptionKey } from './mount-option-key.js';
import { canonicalText } from './same-json.js';

/** What makes two elements of a list the same entry. */
type KeyOf = (element: JsonValue) => string | undefined;

const member =
  (name: string, tidy: (text: string) => string = (text) => text): KeyOf =>
  (element) => {
    const value = field(element, name);
    return typeof value === 'string' ? tidy(value) : undefined;
  };
const whole: KeyOf = (element) => (typeof element === 'string' ? element : canonicalText(element));
const path: KeyOf = (element) => (typeof element === 'string' ? tidyPath(element) : undefined);
const envName: KeyOf = (element) => (typeof element === 'string' ? element.split('=', 1)[0] : undefined);
const option: KeyOf = (element) => (typeof element === 'string' ? mountOptionKey(element) : undefined);

// Lists of a spec whose elements are told apart by a key: the runtime spec asks for it (namespaces, rlimits), or two
// entries with one key would undo each other. `*` stands for any step.
const KEYED_LISTS: readonly (readonly [pattern: string, key: KeyOf])[] = [
  ['process/env', envName],
  ['process/rlimits', member('type')],
  ['process/capabilities/*', whole],
  ['process/user/additionalGids', whole],
  ['mounts', member('destination', tidyPath)],
  ['mounts/*/options', option],
  ['hooks/*', hookKey],
  ['linux/devices', member('path', tidyPath)],
  ['linux/namespaces', member('type')],
  ['linux/maskedPaths', path],
  ['linux/readonlyPaths', path],
  ['linux/resources/devices', deviceRuleKey],
  ['linux/resources/hugepageLimits', member('pageSize')],
  ['linux/seccomp/syscalls', verdictOf],
];

const PATTERNS = KEYED_LISTS.map(([pattern, key]) => ({ steps: pattern.split('/'), key }));

/** The key of the elements of the list at a place; `undefined` where only their order tells them apart. */
export function keyAt(place: readonly (string | number)[]): KeyOf | undefined {
  const found = PATTERNS.find(
    ({ steps }) =>
      steps.length === place.length && steps.every((step, index) => step === '*' || step === place[index]),
  );
  return found?.key;
}

/** A hook is known by what it runs: its program and arguments. */
export function hookKey(hook: JsonValue): string | undefined {
  const program = field(hook, 'path');
  if (typeof program !== 'string') return undefined;
  const args = field(hook, 'args');
  return [program, ...(Array.isArray(args) ? args.slice(1) : [])].join(' ');
}

/** The devices that a rule of the device cgroup speaks about; without a number, any. */
export function deviceRuleKey(rule: JsonValue): string {
  const [type, major, minor] = ['type', 'major', 'minor'].map((name) => field(rule, name));
  const number = (value: JsonValue | undefined) =>
    value === undefined || value === null ? '*' : String(value);
  return `${type === undefined || type === null || type === '' ? 'a' : type} ${number(major)}:${number(minor)}`;
}

/** What an entry of a system call filter says, whichever calls it says it about. */
function verdictOf(entry: JsonValue): string | undefined {
  if (typeof entry !== 'object' || entry === null) return undefined;
  const { names: _, ...verdict } = entry as { readonly [key: string]: JsonValue };
  return canonicalText(verdict);
}

function field(value: JsonValue, name: string): JsonValue | undefined {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as { readonly [key: string]: JsonValue })[name];
}
