import type { Host } from './host.js';
import type { Call } from './rule.js';

/** The call, for code that need not leave alone what it is handed. */
export function lentCall({ verb, bundle, runtime }: Call): Call {
  return frozen({ verb, bundle, ...(runtime === undefined ? {} : { runtime: frozen({ ...runtime }) }) });
}

/**
 * The host, for code that need not leave alone what it is handed: each answer is its own. It is not asked for versions: a rule of
 * others would name the program to start.
 */
export function lentHost(host: Host): Host {
  return frozen<Host>({
    lstat: (path) => {
      const entry = host.lstat(path);
      if (entry === undefined) return undefined;
      const { device } = entry;
      return frozen({ ...entry, ...(device === undefined ? {} : { device: frozen({ ...device }) }) });
    },
    realpath: (path) => host.realpath(path),
    readFile: (path) => {
      const bytes = host.readFile(path);
      return bytes === undefined ? undefined : new Uint8Array(bytes);
    },
    readDirectory: (path) => {
      const names = host.readDirectory(path);
      return names === undefined ? undefined : frozen([...names]);
    },
    mountInfo: () =>
      frozen(host.mountInfo().map((mount) => frozen({ ...mount, options: frozen([...mount.options]) }))),
    resolveBeneath: (root, path) => frozen({ ...host.resolveBeneath(root, path) }),
  });
}

const frozen: <T>(value: T) => Readonly<T> = Object.freeze;
