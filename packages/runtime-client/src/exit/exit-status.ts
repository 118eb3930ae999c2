import { constants } from 'node:os';

import type { ProcessExit } from '@opencontainers-ts/exec-native';

/** How a process ended. `unknown` says for people why that is not known; it is no success and no failure. */
export type ExitStatus =
  | { readonly exitCode: number }
  | { readonly signal: NodeJS.Signals }
  | { readonly unknown: string };

const UNKNOWN: Readonly<Record<Extract<ProcessExit, { unknown: unknown }>['unknown'], string>> = {
  'not-reaped': 'it ended, and its parent, another process, has not collected it yet',
  'not-kept':
    'it ended, its parent collected it, and this kernel keeps no status after that (Linux before 6.15)',
};

/** The same with the name of the signal. */
export function exitStatusOf(exit: ProcessExit): ExitStatus {
  if ('unknown' in exit) return { unknown: UNKNOWN[exit.unknown] };
  if ('exitCode' in exit) return exit;
  const name = signalName(exit.signal);
  return name === undefined
    ? { unknown: `it was ended by signal ${exit.signal}, which has no name` }
    : { signal: name };
}

/** From the form of waitpid(2), which is also that of field 52 of `/proc/PID/stat`. */
export function exitOfWaitStatus(status: number): ProcessExit {
  const signal = status & 0x7f;
  return signal === 0 ? { exitCode: (status >> 8) & 0xff } : { signal };
}

/** The last real-time signal (signal(7)). */
export const LAST_SIGNAL = 64;

/** The number of a signal, 0 to 64; undefined for what is none. */
export function signalNumber(signal: unknown): number | undefined {
  if (typeof signal === 'string')
    return Object.entries(constants.signals).find(([name]) => name === signal)?.[1];
  return Number.isInteger(signal) && Number(signal) >= 0 && Number(signal) <= LAST_SIGNAL
    ? Number(signal)
    : undefined;
}

// The first of a number: SIGABRT stands before SIGIOT, and SIGIO before SIGPOLL.
function signalName(number: number): NodeJS.Signals | undefined {
  const found = Object.entries(constants.signals).find(([, each]) => each === number);
  return found?.[0] as NodeJS.Signals | undefined;
}
