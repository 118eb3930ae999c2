/** Stops forwarding; doing it again does nothing. */
export type StopForwarding = () => void;

/**
 * Hands signals that this process gets on. While it does, they no longer end this process.
 *
 * @param source - where the signals arrive: `process`
 * @param send - hands one on; its failures are told to `onError`
 */
export function forwardSignals(
  source: Pick<NodeJS.Process, 'on' | 'off'>,
  names: readonly NodeJS.Signals[],
  send: (name: NodeJS.Signals) => Promise<void>,
  onError: (error: unknown) => void,
): StopForwarding {
  const forward = (name: NodeJS.Signals) => {
    send(name).catch(onError);
  };
  const added: NodeJS.Signals[] = [];
  const stop = () => {
    for (const name of added.splice(0)) source.off(name, forward);
  };
  try {
    for (const name of new Set(names)) {
      source.on(name, forward); // EINVAL for SIGKILL and SIGSTOP, which no process can catch
      added.push(name);
    }
  } catch (error) {
    stop();
    throw error;
  }
  return stop;
}
