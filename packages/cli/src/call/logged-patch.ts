import type { JsonPatch, JsonValue, Operation } from '@opencontainers-ts/runtime-spec';

/** Characters of a patch that a record of a rewrite repeats: a node starts many containers, and a log has an end. */
export const MOST_LOGGED = 4096;

/** Characters of one text in it. */
const MOST_OF_TEXT = 512;

/**
 * What was changed in a config.json, as JSON, for the record of a rewrite: whole operations, as many as there is room for, and behind them
 * how many there are besides.
 *
 * The log holds no environment and no arguments of a process, where secrets are: of a variable the name stands there alone.
 */
export function loggedPatch(patch: JsonPatch): string {
  const texts: string[] = [];
  let room = MOST_LOGGED;
  for (const operation of patch) {
    const text = operationText(operation);
    room -= text.length + 1;
    if (room < 0) break;
    texts.push(text);
  }
  const left = patch.length - texts.length;
  const more = left === 0 ? '' : `... and ${left} more operation${left === 1 ? '' : 's'}`;
  return `[${texts.join(',')}]${more}`;
}

function operationText(operation: Operation): string {
  const keys = operation.path.split('/').slice(1);
  const shown = 'value' in operation ? { ...operation, value: shownValue(operation.value, keys) } : operation;
  return JSON.stringify(shown);
}

/** @param keys - the way from the top of the document to the value */
function shownValue(value: unknown, keys: readonly string[]): JsonValue {
  if (typeof value === 'string') return shownText(value, keys);
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return value.map((each, at) => shownValue(each, [...keys, String(at)]));
  if (typeof value !== 'object' || value === null) return value as JsonValue;
  const members = Object.entries(value).map(
    ([key, each]) => [key, shownValue(each, [...keys, key])] as const,
  );
  return Object.fromEntries(members);
}

function shownText(text: string, keys: readonly string[]): string {
  const list = keys.at(-2);
  // Of a hook as of a process (config.md, "POSIX-platform Hooks").
  if (list === 'env') return `${text.slice(0, text.indexOf('=') + 1)}...`;
  if (list === 'args' && keys[0] === 'process') return '...';
  const more = text.length - MOST_OF_TEXT;
  return more > 0 ? `${text.slice(0, MOST_OF_TEXT)}... and ${more} more characters` : text;
}
