import type { JsonValue } from '@opencontainers-ts/runtime-spec';

/**
 * The codes of refusals and errors of this package. `summary` is what `docs/errors.md` says, `hint` is what the reader of
 * the error can do. Codes are stable: they are part of the public API.
 *
 * @example
 * ```ts
 * import { DEVICE_ERROR_CODES } from '@opencontainers-ts/device-injector';
 *
 * console.log(DEVICE_ERROR_CODES.ERR_CDI_UNRESOLVABLE.summary);
 * ```
 */
export const DEVICE_ERROR_CODES = {
  ERR_CDI_UNRESOLVABLE: {
    summary: 'A container asks for CDI devices that no CDI spec on this node defines.',
    hint: 'compare the names with "ociwrap cdi list"; specs of GPUs are made by "nvidia-ctk cdi generate"',
  },
  ERR_CDI_REQUEST: {
    summary: 'A container asks for CDI devices in a way that cannot be understood.',
    hint: 'write qualified names, vendor/class=name, separated by commas and without spaces; a bare name needs cdi.default-kind in the configuration',
  },
  ERR_CDI_DEVICE_NODE: {
    summary: 'A device node that a CDI spec names is not on this node, or is another kind of device.',
    hint: 'load the driver, or make the CDI spec anew; "ociwrap cdi inspect" shows the nodes of a device',
  },
  ERR_CDI_HOOKS_SKIPPED: {
    summary:
      'The runtime would skip hooks that the CDI devices of a container rely on, as runsc before release-20260520 does.',
    hint: 'use runsc of release-20260520 or later, which runs createContainer hooks, or another runtime; cdi.hooks-skipped = "warn" starts the container without them',
  },
  ERR_NVIDIA_CONFIG: {
    summary: "The NVIDIA toolkit's config.toml cannot be used.",
    hint: 'docs/nvidia.md says which keys there are; "ociwrap nvidia config" tries the file',
  },
  ERR_NVIDIA_STATE: {
    summary: 'What the NVIDIA hook got on standard input is not the state of a container.',
    hint: 'the hook is for runtimes to call, with the state that the OCI specification describes',
  },
  ERR_NVIDIA_SPEC: {
    summary: 'The NVIDIA hook cannot read the config.json of a bundle.',
    hint: 'check it with "ociwrap validate"',
  },
  ERR_NVIDIA_REQUEST: {
    summary: "A container asks NVIDIA's hook for what there is not, or for what it may not have.",
    hint: 'look at its NVIDIA_* variables: "ociwrap nvidia config" shows what each of them does',
  },
  ERR_NVIDIA_MODE: {
    summary: 'The NVIDIA hook is called for a container that only the NVIDIA Container Runtime can set up.',
    hint: 'CDI devices are for the rule cdi-devices or for nvidia-container-runtime; docs/nvidia.md says when the hook is',
  },
  ERR_NVIDIA_CLI: {
    summary: 'nvidia-container-cli is not there, or cannot be started.',
    hint: 'install libnvidia-container-tools, or set nvidia-container-cli.path in its config.toml',
  },
} as const;

/** A code of this package. */
export type DeviceErrorCode = keyof typeof DEVICE_ERROR_CODES;

/**
 * The error class of this package.
 *
 * @example
 * ```ts
 * import { DeviceError } from '@opencontainers-ts/device-injector';
 *
 * const error = new DeviceError('ERR_CDI_UNRESOLVABLE', 'unresolvable CDI devices vendor.com/device=d');
 * console.log(error.code); // ERR_CDI_UNRESOLVABLE
 * ```
 */
export class DeviceError extends Error {
  override readonly name: string = 'DeviceError';
  readonly code: DeviceErrorCode;
  /** What the reader of the error can do. */
  readonly hint: string;
  /** Facts about the failure, for programs. */
  readonly details: Readonly<Record<string, JsonValue>>;

  constructor(
    code: DeviceErrorCode,
    message: string,
    options: { readonly details?: Readonly<Record<string, JsonValue>>; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = DEVICE_ERROR_CODES[code].hint;
    this.details = options.details ?? {};
  }
}
