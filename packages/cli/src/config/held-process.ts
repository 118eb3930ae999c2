import { Writable } from 'node:stream';

import { CliError } from '../cli-error.js';

/** Takes what code writes to the process's output. */
export type Write = (text: string) => void;

/** By which code could end this process, put another program in its place, or have the runtime start as another user or
 * in another folder, where a `--bundle` that is relative names another bundle. The umask is set back. */
const NOT_FOR_RULES = [
  ...['exit', 'reallyExit', 'abort', 'kill', 'execve'],
  ...['chdir', 'setuid', 'seteuid', 'setgid', 'setegid', 'setgroups', 'initgroups'],
] as const;

interface Step {
  readonly write: Write;
  /** What the code asked for, whether or not it caught that it was not done. */
  asked?: string;
}
/** Steps that run now; the innermost is the last. */
const steps: Step[] = [];
let isHeld = false;

/**
 * Runs code of others so that it cannot end the process or change whose it is and where, and so that what it writes to stdout and stderr (console.log
 * too) comes here instead: those are the container's. What it writes to the descriptors themselves is its own doing.
 *
 * The functions and streams of `process` are replaced once and for good, since code may keep them; outside of a step they
 * are what they were.
 *
 * @throws CliError `ERR_RULE_EXIT` where the code wanted that
 */
export function heldProcess<T>(write: Write, step: () => T): T {
  if (!isHeld) hold();
  isHeld = true;
  const { exitCode } = process;
  const current: Step = { write };
  steps.push(current);
  try {
    const value = step();
    if (current.asked === undefined) return value;
    throw exitError(current.asked);
  } catch (error) {
    // Whatever became of that in between: this is why.
    throw current.asked === undefined ? error : exitError(current.asked);
  } finally {
    steps.pop();
    process.exitCode = exitCode;
  }
}

function hold(): void {
  const holder = process as unknown as Record<string, ((...args: unknown[]) => unknown) | undefined>;
  for (const name of NOT_FOR_RULES) {
    const real = holder[name];
    if (real === undefined) continue;
    holder[name] = (...args) => {
      const current = steps.at(-1);
      if (current === undefined) return Reflect.apply(real, process, args);
      current.asked = `process.${name}`;
      throw exitError(current.asked);
    };
  }
  const rawDebug = holder['_rawDebug'];
  holder['_rawDebug'] = (...args) => {
    const current = steps.at(-1);
    if (current === undefined)
      return rawDebug === undefined ? undefined : Reflect.apply(rawDebug, process, args);
    return current.write(`${args.join(' ')}\n`);
  };
  holdStream('stdout');
  holdStream('stderr');
}

/** Without a look at the stream: Node makes it when it is first looked at, and makes a pipe non-blocking as it does. */
function holdStream(name: 'stdout' | 'stderr'): void {
  const real = Object.getOwnPropertyDescriptor(process, name);
  const realStream = (): NodeJS.WritableStream =>
    real?.get === undefined ? real?.value : Reflect.apply(real.get, process, []);
  const held = new Writable({
    decodeStrings: false,
    write: (chunk: unknown, _encoding, done) => {
      const current = steps.at(-1);
      if (current === undefined) realStream().write(chunk as string);
      else current.write(String(chunk));
      done();
    },
  });
  Object.defineProperty(process, name, {
    configurable: true,
    enumerable: true,
    get: () => (steps.length === 0 ? realStream() : held),
    ...(real?.set === undefined ? {} : { set: real.set }),
  });
}

const exitError = (call: string): CliError =>
  new CliError('ERR_RULE_EXIT', `${call} was called, which is not for a rule to do`);
