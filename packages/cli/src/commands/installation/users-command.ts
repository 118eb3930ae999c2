import { printable } from '@opencontainers-ts/runtime-spec';
import type { CommandModule } from 'yargs';

import { type RuntimeUser, runtimeUsers } from '../../installation/container-users.js';
import { resolve } from '../../system/paths.js';
import { answerOf, isFailure, type System } from '../../system/system.js';
import { type CommandOutput, jsonOutput } from '../output.js';
import { usageText } from '../usage-text.js';
import type { Emit, World } from '../world.js';
import { userText } from './uninstall-command.js';

type UsersWorld = Pick<World, 'system' | 'cwd' | 'self'>;

interface UsersArguments {
  readonly program: string | undefined;
  readonly json: boolean;
}

/**
 * The containers that a program has to be there for, whatever names their engines have for its file: what a package asks before
 * it is removed.
 *
 * @param program - a path; this program where it is undefined
 * @throws CliError `ERR_CONTAINERS_UNKNOWN`
 * @throws SystemError where there is no such file
 */
export function listUsers(
  { program, json }: UsersArguments,
  { system, cwd, self }: UsersWorld,
): CommandOutput {
  const file = program === undefined ? self : answerOf(system.stat(resolve(cwd, program)), program);
  const users = runtimeUsers(system).filter((user) => isFile(system, user.runtime, file) && !isCommand(user));
  const lines = users.map((user) => `${printable(userText(user))}\n`);
  return { status: 0, stdout: json ? jsonOutput({ users }) : lines.join('') };
}

/** A name without a slash is looked up on PATH by its engine, and no engine is given one for a wrapper. */
function isFile(
  system: System,
  runtime: string,
  { dev, ino }: { readonly dev: bigint; readonly ino: bigint },
): boolean {
  const found = runtime.startsWith('/') ? system.stat(runtime) : undefined;
  return found !== undefined && !isFailure(found) && found.dev === dev && found.ino === ino;
}

/** This call, and others that people make. */
function isCommand({ by, runtime }: RuntimeUser): boolean {
  return by === 'call' && runtime.endsWith('/ociwrap');
}

/** `ociwrap users`. */
export function usersCommand(world: UsersWorld, emit: Emit): CommandModule<object, UsersArguments> {
  return {
    command: 'users',
    describe: 'List the containers that are stopped and removed by calls of this program',
    builder: (yargs) =>
      yargs
        .usage(
          usageText('Lists the containers that an engine calls a program for, whatever it calls its file.', [
            ['users', 'may this program be removed? If it prints nothing'],
            ['users --program /usr/bin/runc', 'of another program'],
          ]),
        )
        .options({
          program: { type: 'string', requiresArg: true, describe: 'The program, if it is not this one' },
          json: { type: 'boolean', default: false, describe: 'Print data for machines' },
        }),
    handler: (given) => emit(listUsers(given, world)),
  };
}
