import { quoted } from '@opencontainers-ts/runtime-spec';

/** What is started for a hook. */
export interface PlannedHook {
  /** Absolute. */
  readonly path: string;
  /** With the name that the program sees as the first. */
  readonly argv: readonly [string, ...string[]];
  /** The whole environment; of two entries of one name the last, as os/exec of Go takes it, and so runc and runsc. */
  readonly env: Readonly<Record<string, string>>;
  /** Undefined for none. */
  readonly timeoutMs: number | undefined;
}

/** Why there is nothing to start. */
export interface FaultyHook {
  readonly fault: string;
}

/**
 * What is started for an entry of a list of hooks, or why nothing can be. The entry may be any value: no runtime looks at all of it
 * before it starts the first one.
 *
 * `args` is argv as it is: the first is a name, and may differ from the path (config.md: "the same semantics as execv's argv").
 * Without any, the path is the name, as with runc and crun: an empty argv is refused or mended by the kernel (Linux 5.18), and
 * programs that look at argv[0] crash on it.
 */
export function planHook(hook: unknown): PlannedHook | FaultyHook {
  if (!isRecord(hook)) return { fault: 'it is not an object' };
  const { path, args, env, timeout } = hook;
  const fault = pathFault(path) ?? textsFault('args', args) ?? envFault(env) ?? timeoutFault(timeout);
  if (fault !== undefined) return { fault };
  const [name = path as string, ...more] = (args ?? []) as readonly string[];
  return {
    path: path as string,
    argv: [name, ...more],
    env: Object.fromEntries(((env ?? []) as readonly string[]).map(nameAndValue)),
    timeoutMs: timeout === undefined || timeout === null ? undefined : (timeout as number) * 1000,
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function pathFault(path: unknown): string | undefined {
  if (typeof path !== 'string') return 'its path is not a text';
  if (path.trim() === '') return 'its path is blank';
  if (!path.startsWith('/')) return `its path ${quoted(path)} is not absolute`;
  return path.includes('\0') ? `its path ${quoted(path)} has a null byte in it` : undefined;
}

function textsFault(member: string, texts: unknown): string | undefined {
  if (texts === undefined || texts === null) return undefined;
  if (!Array.isArray(texts)) return `its ${member} is not an array`;
  const at = texts.findIndex((text) => typeof text !== 'string' || text.includes('\0'));
  if (at === -1) return undefined;
  return `${member}[${at}] is ${typeof texts[at] === 'string' ? 'a text with a null byte in it' : 'not a text'}`;
}

function envFault(env: unknown): string | undefined {
  const fault = textsFault('env', env);
  if (fault !== undefined) return fault;
  const without = ((env ?? []) as readonly string[]).find((entry) => entry.indexOf('=') < 1);
  return without === undefined ? undefined : `${quoted(without)} in its env is not of the form NAME=value`;
}

/** "timeout MUST be greater than zero" (config.md). Of zero runc makes a limit that is over at once, and crun none. */
function timeoutFault(timeout: unknown): string | undefined {
  if (timeout === undefined || timeout === null) return undefined;
  if (typeof timeout !== 'number' || !Number.isSafeInteger(timeout))
    return 'its timeout is not a whole number';
  return timeout > 0 ? undefined : `its timeout is ${timeout}, and must be greater than zero`;
}

function nameAndValue(entry: string): [name: string, value: string] {
  const at = entry.indexOf('=');
  return [entry.slice(0, at), entry.slice(at + 1)];
}
