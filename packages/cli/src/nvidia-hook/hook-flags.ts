import type { NvidiaProfile } from '@opencontainers-ts/device-injector';

/** The command line of the hook, as Go's package flag reads it. */
export type HookCommand =
  | { readonly kind: 'prestart'; readonly debug: boolean; readonly config?: string }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'version' }
  /** `problem`: what is wrong with it, if it was not help that was asked for. */
  | { readonly kind: 'usage'; readonly status: 0 | 2; readonly problem?: string };

interface Flags {
  readonly values: ReadonlyMap<string, string>;
  /** What comes after them. */
  readonly rest: readonly string[];
}

/** What strconv.ParseBool of Go takes. */
const BOOLEANS = new Map([
  ...['1', 't', 'T', 'TRUE', 'true', 'True'].map((text) => [text, true] as const),
  ...['0', 'f', 'F', 'FALSE', 'false', 'False'].map((text) => [text, false] as const),
]);

/**
 * Reads the arguments of the hook. Flags have one dash or two, take their value after `=` or, if it is a text, in the next
 * argument, and end at the first argument that is none.
 */
export function readHookArguments(args: readonly string[], profile: NvidiaProfile): HookCommand {
  const switches = profile === 'current' ? ['debug', 'version'] : ['debug'];
  const flags = readFlags(args, switches);
  if ('kind' in flags) return flags;
  const { values, rest } = flags;
  const isOn = (name: string) => BOOLEANS.get(values.get(name) ?? 'false') === true;
  if (isOn('version')) return { kind: 'version' };
  const [command] = rest;
  const config = values.get('config');
  if (command === 'prestart') {
    return { kind: 'prestart', debug: isOn('debug'), ...(config ? { config } : {}) };
  }
  // Nothing is left to do then.
  if (command === 'poststart' || command === 'poststop') return { kind: 'nothing' };
  return { kind: 'usage', status: 2 };
}

function readFlags(args: readonly string[], switches: readonly string[]): Flags | HookCommand {
  const values = new Map<string, string>();
  const rest = [...args];
  while (rest[0]?.startsWith('-') === true && rest[0] !== '-') {
    const argument = rest.shift() ?? '';
    if (argument === '--') break;
    const text = argument.slice(argument.startsWith('--') ? 2 : 1);
    if (text === '' || /^[-=]/.test(text)) return misuse(`bad flag syntax: ${argument}`);
    const [name = ''] = text.split('=', 1);
    const written = text === name ? undefined : text.slice(name.length + 1);
    if (name === 'config') {
      const value = written ?? rest.shift();
      if (value === undefined) return misuse('flag needs an argument: -config');
      values.set(name, value);
    } else if (switches.includes(name)) {
      if (!BOOLEANS.has(written ?? 'true')) {
        return misuse(`invalid boolean value ${JSON.stringify(written)} for -${name}: parse error`);
      }
      values.set(name, written ?? 'true');
    } else {
      const isHelp = name === 'help' || name === 'h';
      return isHelp ? { kind: 'usage', status: 0 } : misuse(`flag provided but not defined: -${name}`);
    }
  }
  return { values, rest };
}

function misuse(problem: string): HookCommand {
  return { kind: 'usage', status: 2, problem };
}

/** How the hook is called, for stderr. */
export function hookUsage(name: string, profile: NvidiaProfile): string {
  const version = profile === 'current' ? ['  -version', '    \tenable version output'] : [];
  return [
    `Usage of ${profile === 'current' ? 'nvidia-container-runtime-hook' : name}:`,
    '  -config string',
    '    \tconfiguration file',
    '  -debug',
    '    \tenable debug output',
    ...version,
    '',
    'Commands:',
    ...['  prestart', '        run the prestart hook'],
    ...['  poststart', '        no-op'],
    ...['  poststop', '        no-op'],
  ].join('\n');
}
