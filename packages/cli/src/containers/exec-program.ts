import { isChildSubreaper, setChildSubreaper } from '@opencontainers-ts/exec-native';
import type { ContainerStore, RuntimeClient, RuntimeProcess } from '@opencontainers-ts/runtime-client';

import type { ExecRequest, ProgramEnd } from '../commands/containers/container-commands.js';
import { attachTerminal, withConsole } from './attached-terminal.js';
import { findContainer } from './found-container.js';
import { PASSED_SIGNALS } from './passed-signals.js';
import { programEnd } from './program-end.js';

/** Runs a program in a container, with the streams of this process. */
export async function execProgram(store: ContainerStore, request: ExecRequest): Promise<ProgramEnd> {
  const { id, client } = await findContainer(store, request);
  const { command: args, terminal } = request;
  if (terminal) return execInTerminal(client, id, args);
  // The runtime stays in front of the program, and hands signals on to it.
  const program = await client.exec(id, { args, stdio: 'inherit' });
  return passingSignals(program);
}

/** The runtime leaves, and the program becomes ours. */
async function execInTerminal(
  client: RuntimeClient,
  id: string,
  args: readonly string[],
): Promise<ProgramEnd> {
  if (!isChildSubreaper()) setChildSubreaper(true);
  const { made, terminal } = await withConsole(
    (consoleSocket) =>
      client.exec(id, { args, terminal: true, consoleSocket, detach: true, stdio: 'ignore' }),
    async ({ pid }) => void process.kill(pid, 'SIGKILL'),
  );
  const ended = passingSignals(made);
  ended.catch(() => undefined); // awaited below
  const attached = await attachTerminal(terminal);
  try {
    return await ended;
  } finally {
    await attached.detach();
  }
}

/** Until the end is known the pid is that of the process: it is our child, and nobody else collects it. */
async function passingSignals({ pid, exit }: RuntimeProcess): Promise<ProgramEnd> {
  const pass = (name: NodeJS.Signals) => {
    process.kill(pid, name);
  };
  for (const name of PASSED_SIGNALS) process.on(name, pass);
  try {
    return programEnd(await exit);
  } finally {
    for (const name of PASSED_SIGNALS) process.off(name, pass);
  }
}
