import { refusalOf } from '../../call/refusal.js';
import { failure } from '../failure.js';
import type { CommandOutput } from '../output.js';
import type { ProgramEnd } from './container-commands.js';

/**
 * What `run` and `exec` end with where it is not the status of the program, as podman-run(1) and docker have it (docs.docker.com, "Exit
 * status"): 126 and 127 are those of a shell for a program that cannot be executed, and that is not there.
 */
const OWN_FAILURE = 125;
const NOT_EXECUTABLE = 126;
const NO_SUCH_PROGRAM = 127;

/** A failure of the program itself in the text of a runtime, in which quotes are escaped: `exec: \"sh\": ...` is runc's, `open executable` crun's. */
const OF_PROGRAM = String.raw`(?:exec: \\".*|exec \/.*|open executable|failed to load .*)`;

const PROGRAM_TEXTS: readonly (readonly [status: number, text: RegExp])[] = [
  [NO_SUCH_PROGRAM, /executable file .*not found|error finding executable/i],
  [NOT_EXECUTABLE, /the path .* exists but it is not executable/i],
  [NO_SUCH_PROGRAM, new RegExp(`${OF_PROGRAM}: no such file or directory`, 'i')],
  [NOT_EXECUTABLE, new RegExp(`${OF_PROGRAM}: (?:permission denied|is a directory|exec format error)`, 'i')],
];

const PROGRAM_COMMANDS: readonly string[] = ['run', 'exec'];

/** Whether the exit status of a command line is that of a program. */
export function endsAsProgram(args: readonly string[]): boolean {
  return PROGRAM_COMMANDS.includes(args[0] ?? '');
}

/** Anything thrown by `run` and `exec`: in one line, with a status that tells it from the program's. */
export function programFailure(error: unknown): CommandOutput {
  return { ...failure(error), status: statusOfFailure(error) };
}

function statusOfFailure(error: unknown): number {
  const { code, message } = refusalOf(error);
  if (code !== 'ERR_RUNTIME_CALL') return OWN_FAILURE;
  return PROGRAM_TEXTS.find(([, text]) => text.test(message))?.[0] ?? OWN_FAILURE;
}

/** The status of a shell: 128 and the number of the signal. What is not known is no success. */
export function statusOfEnd(end: ProgramEnd): number {
  if ('exitCode' in end) return end.exitCode;
  return 'signal' in end ? 128 + end.number : OWN_FAILURE;
}
