import { runHooks } from '@opencontainers-ts/runtime-client';

import type { HookRunner } from '../commands/hooks/hook-runner.js';

/** By which somebody ends a command. A hook is in a session of its own, and gets none of them from the terminal. */
const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Runs hooks on Node.js. Whoever ends this program ends the hook, too. */
export const nodeHookRunner: HookRunner = async (request) => {
  const caller = new AbortController();
  const giveUp = () => caller.abort();
  for (const name of ENDING) process.on(name, giveUp);
  try {
    return await runHooks({ ...request, signal: caller.signal });
  } finally {
    for (const name of ENDING) process.off(name, giveUp);
  }
};
