import { DeviceError } from '../device-error.js';
import type { DeviceHost } from '../device-host.js';
import { errnoText } from '../go-errno.js';
import { absolutePath, joinPath } from '../go-path.js';
import { nvidiaCliArguments } from './cli-arguments.js';
import { findCliProgram } from './cli-program.js';
import { type ContainerState, decodeContainerSpec, type NvidiaSpec } from './container-spec.js';
import type { FoundHookConfig } from './find-hook-config.js';
import { getNvidiaConfig } from './nvidia-config.js';
import type { NvidiaMessage } from './nvidia-message.js';
import type { NvidiaProfile } from './profile.js';
import { NOT_LEGACY, nvidiaRuntimeMode } from './runtime-mode.js';

/** A call of the hook. */
export interface NvidiaHookCall {
  readonly profile: NvidiaProfile;
  readonly hookConfig: FoundHookConfig['config'];
  readonly state: ContainerState;
  /** The hook's flag `-debug`. */
  readonly debug: boolean;
  /** The hook's PATH. */
  readonly PATH?: string;
  /** The hook's working directory. Runtimes start hooks in the bundle, to which a relative root.path refers. */
  readonly cwd: string;
}

/** The program that the hook becomes. */
export interface NvidiaHookPlan {
  readonly file: string;
  readonly argv: readonly string[];
  /** The new PATH, if it changes. */
  readonly path?: string;
  /** Each `NAME=value`; appended to the environment of the hook. */
  readonly environment: readonly string[];
}

/**
 * Plans what the prestart hook does for a container.
 *
 * @param tell - prints a message on stderr, also if the call ends in an error
 * @returns undefined if it is not a GPU container
 * @throws DeviceError `ERR_NVIDIA_SPEC`, `ERR_NVIDIA_REQUEST`, `ERR_NVIDIA_MODE`, `ERR_NVIDIA_CLI`, in upstream's words
 *
 * @example
 * ```ts
 * import { nvidiaHookDefaults, planNvidiaHook } from '@opencontainers-ts/device-injector';
 * import { memoryHost } from '@opencontainers-ts/rootfs-rewriter/testing';
 *
 * const config = { ociVersion: '1.2.0', process: { env: ['NVIDIA_VISIBLE_DEVICES=all'] }, root: { path: 'rootfs' } };
 * const host = memoryHost({
 *   files: { '/run/b/config.json': JSON.stringify(config), '/usr/bin/nvidia-container-cli': '' },
 *   access: { '/usr/bin/nvidia-container-cli': { mode: 0o755 } },
 * });
 * const hookConfig = nvidiaHookDefaults('v1.5');
 * const state = { pid: 7n, bundle: '/run/b' };
 * const plan = planNvidiaHook({ profile: 'v1.5', hookConfig, state, debug: false, cwd: '/run/b' }, host, () => {});
 * console.log(plan?.argv.slice(0, 4).join(' ')); // /usr/bin/nvidia-container-cli --load-kmods configure --device=all
 * ```
 */
export function planNvidiaHook(
  call: NvidiaHookCall,
  host: DeviceHost,
  tell: (message: NvidiaMessage) => void,
): NvidiaHookPlan | undefined {
  const { profile, hookConfig, state, cwd, debug } = call;
  const spec = readContainerSpec(state.bundle, cwd, host);
  const { config, messages } = getNvidiaConfig(spec, hookConfig, profile);
  messages.forEach(tell);
  if (config === undefined) return undefined;
  if (profile === 'current') {
    const chosen = nvidiaRuntimeMode(config.devices, hookConfig);
    chosen.messages.forEach(tell);
    if (chosen.mode !== 'legacy') throw new DeviceError('ERR_NVIDIA_MODE', NOT_LEGACY);
  }
  const rootfs = absolutePath(spec.root.path, cwd);
  const program = findCliProgram(hookConfig.cli, call, profile, host);
  const args = nvidiaCliArguments(config, hookConfig, { pid: state.pid, rootfs, debug }, profile);
  return { ...program, argv: [program.file, ...args], environment: hookConfig.cli.environment };
}

/**
 * Reads the `config.json` of a bundle as the hook does.
 *
 * @param bundle - empty for the working directory
 * @throws DeviceError `ERR_NVIDIA_SPEC`
 *
 * @example
 * ```ts
 * import { readContainerSpec } from '@opencontainers-ts/device-injector';
 * import { memoryHost } from '@opencontainers-ts/rootfs-rewriter/testing';
 *
 * const text = '{"ociVersion":"1.2.0","process":{"env":["NVIDIA_VISIBLE_DEVICES=0"]},"root":{"path":"rootfs"}}';
 * const spec = readContainerSpec('/run/b', '/', memoryHost({ files: { '/run/b/config.json': text } }));
 * console.log(spec.process.env); // [ 'NVIDIA_VISIBLE_DEVICES=0' ]
 * ```
 */
export function readContainerSpec(
  bundle: string,
  cwd: string,
  host: Pick<DeviceHost, 'readFile'>,
): NvidiaSpec {
  const path = joinPath(bundle, 'config.json');
  let bytes: Uint8Array | undefined;
  let cause: unknown = { code: 'ENOENT' };
  try {
    bytes = host.readFile(absolutePath(path, cwd));
  } catch (error) {
    cause = error;
  }
  if (bytes === undefined) {
    throw new DeviceError('ERR_NVIDIA_SPEC', `could not open OCI spec: open ${path}: ${errnoText(cause)}`, {
      cause,
    });
  }
  return decodeContainerSpec(bytes);
}

/**
 * The error for an nvidia-container-cli that could not be started, in upstream's words.
 *
 * @param cause - the errno error of execve
 *
 * @example
 * ```ts
 * import { nvidiaExecFailure } from '@opencontainers-ts/device-injector';
 *
 * console.log(nvidiaExecFailure({ code: 'ENOEXEC' }).message); // exec failed: exec format error
 * ```
 */
export function nvidiaExecFailure(cause: unknown): DeviceError {
  return new DeviceError('ERR_NVIDIA_CLI', `exec failed: ${errnoText(cause)}`, { cause });
}
