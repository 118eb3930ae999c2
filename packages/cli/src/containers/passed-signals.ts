/**
 * What a program in front gets by its terminal or its user, and is to be for the one in the container. Not SIGTTIN and its kin, which stop
 * this command, and not those of its own work (SIGCHLD, SIGPIPE).
 */
export const PASSED_SIGNALS = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGUSR1', 'SIGUSR2'] as const;

/** Gives up what is under way when somebody ends this command meanwhile. */
export async function interruptible<Result>(act: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const caller = new AbortController();
  const giveUp = (name: NodeJS.Signals) => caller.abort(new Error(`interrupted by ${name}`));
  const names = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const;
  for (const name of names) process.on(name, giveUp);
  try {
    return await act(caller.signal);
  } finally {
    for (const name of names) process.off(name, giveUp);
  }
}
