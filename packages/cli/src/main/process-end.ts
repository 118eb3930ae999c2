/** Ends the process at once, with that status: no listener and no timer has a word in it. */
export type EndProcess = (status: number) => never;

/** What Node ends with, listeners to `exit` passed by. Taken before code that is not ours could replace it. */
const reallyExit = (process as NodeJS.Process & { reallyExit: EndProcess }).reallyExit.bind(process);

/**
 * From now on the process ends by what is returned here, or it fails: nobody may take it for a success that code which is
 * not ours (loaded by `--import`, a library) called `process.exit(0)`, or that nothing was left to wait for.
 *
 * @param say - says that nothing was done; with the error that nobody caught, where there is one
 */
export function failUnlessEnded(say: (error?: unknown) => void): EndProcess {
  let uncaught: unknown;
  process.on('uncaughtExceptionMonitor', (error) => {
    uncaught = error;
  });
  const fail = (status: number) => {
    say(uncaught);
    return reallyExit(status === 0 ? 1 : status);
  };
  // Both `process.exit` and an end with nothing left to do tell the listeners first.
  process.once('exit', fail);
  Object.assign(process, { reallyExit: fail });
  return reallyExit;
}
