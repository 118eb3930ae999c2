import { DeviceError } from '../device-error.js';
import { errnoText } from '../go-errno.js';
import {
  type GoPlace,
  GoTypeError,
  integerOf,
  listOf,
  membersNamed,
  plainValue,
  structOf,
  textOf,
} from './go-decode.js';
import { firstJsonValue, type GoJson, type GoMember } from './go-json.js';
import { GoSyntaxError } from './json-cursor.js';
import { ReceivedJson } from './received-json.js';

/**
 * The part of a `config.json` that the rules of the NVIDIA hook use. A `Spec` of `@opencontainers-ts/runtime-spec` is one.
 */
export interface NvidiaSpec {
  readonly ociVersion: string;
  readonly process: {
    /** Each `NAME=value`. */
    readonly env?: readonly string[];
    /** An object of sets, or a list in specifications before 1.0.0-rc5. */
    readonly capabilities?: unknown;
  };
  readonly root: { readonly path: string };
  readonly mounts?: readonly NvidiaMount[];
}

/** The members of a mount that can be a request for a device. */
export interface NvidiaMount {
  readonly source?: string;
  readonly destination: string;
}

/** The state of the container that the runtime passes to a hook. */
export interface ContainerState {
  /** 0 if the state has none. */
  readonly pid: bigint;
  /** Empty, which means the working directory of the hook, if the state has none. */
  readonly bundle: string;
}

/**
 * Reads the state that a runtime writes to the standard input of a hook. It stops after the state, without waiting for more.
 *
 * @param readMore - returns the next piece of the input; undefined at its end
 * @throws DeviceError `ERR_NVIDIA_STATE`
 *
 * @example
 * ```ts
 * import { readContainerState } from '@opencontainers-ts/device-injector';
 *
 * const pieces = ['{"pid":42,', '"bundle":"/run/b"}'].map((text) => new TextEncoder().encode(text));
 * console.log(readContainerState(() => pieces.shift())); // { pid: 42n, bundle: '/run/b' }
 * ```
 */
export function readContainerState(readMore: () => Uint8Array | undefined): ContainerState {
  const input = new ReceivedJson();
  for (;;) {
    const piece = readPiece(readMore);
    const value = decoding('ERR_NVIDIA_STATE', 'could not decode container state', () => {
      if (piece === undefined) return firstJsonValue(input.bytes());
      input.add(piece);
      return input.mayBeWhole() ? valueIfWhole(input.bytes()) : undefined;
    });
    if (value !== undefined) return decodeContainerState(value);
  }
}

function readPiece(readMore: () => Uint8Array | undefined): Uint8Array | undefined {
  try {
    return readMore();
  } catch (cause) {
    const message = `could not decode container state: read /dev/stdin: ${errnoText(cause)}`;
    throw new DeviceError('ERR_NVIDIA_STATE', message, { cause });
  }
}

function valueIfWhole(bytes: Uint8Array): GoJson | undefined {
  try {
    return firstJsonValue(bytes);
  } catch (error) {
    if (error instanceof GoSyntaxError && error.isIncomplete) return undefined;
    throw error;
  }
}

function decodeContainerState(value: GoJson): ContainerState {
  return decoding('ERR_NVIDIA_STATE', 'could not decode container state', () => {
    const members = structOf([value], { struct: '', path: [] }, 'main.HookState') ?? [];
    const at = (name: string): [readonly GoJson[], GoPlace] => [
      membersNamed(members, name),
      { struct: 'HookState', path: [name] },
    ];
    // Runtimes before Docker 17.06 say bundlePath.
    const [pid, bundle, bundlePath] = [
      integerOf(...at('pid')),
      textOf(...at('bundle')),
      textOf(...at('bundlePath')),
    ];
    return { pid, bundle: bundle || bundlePath || '' };
  });
}

/**
 * Decodes the `config.json` of a bundle as the hook does, which knows few of its members.
 *
 * @throws DeviceError `ERR_NVIDIA_SPEC`
 */
export function decodeContainerSpec(bytes: Uint8Array): NvidiaSpec {
  const spec = decoding('ERR_NVIDIA_SPEC', 'could not decode OCI spec', () =>
    decodeSpec(firstJsonValue(bytes)),
  );
  const { ociVersion, process, root, mounts } = spec;
  if (ociVersion === undefined) throw incomplete('Version');
  if (process === undefined) throw incomplete('Process');
  if (root === undefined) throw incomplete('Root');
  return { ociVersion, process, root, mounts };
}

function decodeSpec(value: GoJson) {
  const members = structOf([value], { struct: '', path: [] }, 'main.Spec') ?? [];
  const below = (name: string, type: string) =>
    structOf(membersNamed(members, name), { struct: 'Spec', path: [name] }, type);
  const process = below('process', 'main.Process');
  const root = below('root', 'main.Root');
  const mounts = listOf(
    membersNamed(members, 'mounts'),
    { struct: 'Spec', path: ['mounts'] },
    '[]main.Mount',
  );
  return {
    ociVersion: textOf(membersNamed(members, 'ociVersion'), { struct: 'Spec', path: ['ociVersion'] }),
    process: process && decodeProcess(process),
    root: root && {
      path: textOf(membersNamed(root, 'path'), { struct: 'Root', path: ['root', 'path'] }) ?? '',
    },
    mounts: mounts.map(decodeMount),
  };
}

function decodeProcess(members: readonly GoMember[]): NvidiaSpec['process'] {
  const place = { struct: 'Process', path: ['process', 'env'] };
  const env = listOf(membersNamed(members, 'env'), place, '[]string').map(
    (item) => textOf([item], place) ?? '',
  );
  const capabilities = membersNamed(members, 'capabilities').at(-1);
  return capabilities === undefined || capabilities.kind === 'null'
    ? { env }
    : { env, capabilities: plainValue(capabilities) };
}

function decodeMount(item: GoJson): NvidiaMount {
  const members = structOf([item], { struct: 'Spec', path: ['mounts'] }, 'main.Mount') ?? [];
  const text = (name: string) =>
    textOf(membersNamed(members, name), { struct: 'Mount', path: ['mounts', name] }) ?? '';
  return { source: text('source'), destination: text('destination') };
}

function incomplete(what: string): DeviceError {
  return new DeviceError('ERR_NVIDIA_SPEC', `${what} is empty in OCI spec`);
}

/** Errors of Go's decoder, in the words of the hook. */
function decoding<T>(code: 'ERR_NVIDIA_STATE' | 'ERR_NVIDIA_SPEC', prefix: string, decode: () => T): T {
  try {
    return decode();
  } catch (cause) {
    if (!(cause instanceof GoSyntaxError || cause instanceof GoTypeError)) throw cause;
    throw new DeviceError(code, `${prefix}: ${cause.message}`, { cause });
  }
}
