import { type JsonObject, objectAt, objectsAt, textOf } from '@opencontainers-ts/rootfs-rewriter/spec-edit';
import { isQualifiedName } from '../cdi/qualified-name.js';
import type { SearchedSpecs } from '../cdi/registry/search-specs.js';
import { DeviceError } from '../device-error.js';
import { cleanPath } from '../go-path.js';
import { goQuote } from '../go-quote.js';
import { VISIBLE_DEVICES_FOLDER } from '../nvidia-requests.js';
import { environmentOf, environmentRequest } from './environment-request.js';
import { isNvidiaGpu, kindOf } from './nvidia-gpu.js';
import { shortened } from './shortened.js';
import { hasSysAdminCapability } from './sys-admin-capability.js';

/** Where a container may request devices. */
export type CdiRequestSource = 'annotations' | 'mounts' | 'env';

/** The prefix of annotations that request CDI devices (pkg/cdi/annotations.go of the CDI library). */
export const ANNOTATION_PREFIX = 'cdi.k8s.io/';

const MOUNT_FOLDER = `${VISIBLE_DEVICES_FOLDER}/`;

/** A text that occurs in the destination of such a mount however it is written: a path component has only one spelling. */
export const MOUNT_TEXT = 'nvidia-container-devices';

/**
 * Far more than plugins that give devices to one container. A pod may have 256 KiB of annotations, 7000 of these, and
 * taking each out of the text took a minute.
 */
const MOST_ANNOTATIONS = 500;

/** Which requests are read, and how. */
export interface RequestOptions {
  readonly sources: readonly CdiRequestSource[];
  /** `vendor/class` of names that say none; without it they are left to the runtime behind. */
  readonly defaultKind?: string;
  readonly acceptEnvWhenUnprivileged: boolean;
}

/** What a container requests. */
export interface DeviceRequests {
  /** What annotations and mounts request: qualified names without duplicates, in order. */
  readonly names: readonly string[];
  /** Names that may be undefined, because they mean no device (`none`). */
  readonly optional: ReadonlySet<string>;
  /** Keys of the annotations with requests. */
  readonly annotations: readonly string[];
  /** Indexes of the mounts that are requests. */
  readonly mounts: readonly number[];
  /** What NVIDIA_VISIBLE_DEVICES (or a CUDA image without it) requests from CDI; undefined if nothing. */
  readonly env: EnvironmentRequest | undefined;
  readonly warnings: readonly string[];
}

/** What the environment requests from CDI. */
export interface EnvironmentRequest {
  /** Qualified names without duplicates; empty if it requests no device. */
  readonly names: readonly string[];
  /** Whether a container like this one may make requests by its environment. */
  readonly counts: boolean;
}

/**
 * What a container requests, in the order annotations, mounts, environment.
 *
 * @throws DeviceError `ERR_CDI_REQUEST` for an annotation that does not name a CDI device
 */
export function deviceRequests(spec: JsonObject, options: RequestOptions): DeviceRequests {
  const { sources, defaultKind } = options;
  const annotations = sources.includes('annotations') ? annotationRequests(spec, defaultKind) : [];
  const mounts = sources.includes('mounts') ? mountRequests(spec, defaultKind) : { found: [], warnings: [] };
  const fromEnv = sources.includes('env') ? environmentRequest(environmentOf(spec), defaultKind) : undefined;
  const asked = [...annotations.flatMap(({ names }) => names), ...mounts.found.map(({ name }) => name)];
  return {
    names: [...new Set(asked)],
    optional: new Set(defaultKind === undefined ? [] : [`${defaultKind}=none`]),
    annotations: annotations.map(({ key }) => key),
    mounts: mounts.found.map(({ index }) => index),
    env: fromEnv && {
      names: fromEnv,
      counts: options.acceptEnvWhenUnprivileged || hasSysAdminCapability(spec),
    },
    warnings: mounts.warnings,
  };
}

/**
 * Whether what annotations and mounts request replaces what the environment requests. In NVIDIA's toolkit it always does;
 * here only if they request a device of the same kind or a GPU, so that another device does not take the GPU away.
 */
export function overrulesEnvironment(
  asked: readonly string[],
  { names }: EnvironmentRequest,
  specs: Pick<SearchedSpecs, 'device'>,
): boolean {
  const kinds = new Set(names.map(kindOf));
  return asked.some((name) => kinds.has(kindOf(name)) || isNvidiaGpu(name, specs.device(name)));
}

function annotationRequests(spec: JsonObject, defaultKind: string | undefined) {
  const annotations = objectAt(spec, ['annotations']);
  const keys = Object.keys(annotations).filter((key) => key.startsWith(ANNOTATION_PREFIX));
  if (keys.length > MOST_ANNOTATIONS) {
    throw new DeviceError(
      'ERR_CDI_REQUEST',
      `${keys.length} annotations ask for CDI devices, more than the ${MOST_ANNOTATIONS} that are served`,
      { details: { annotations: keys.length } },
    );
  }
  return keys.sort().map((key) => {
    const value = textOf(annotations, key, ['annotations']);
    return { key, names: value.split(',').map((name) => annotatedName(key, name, defaultKind)) };
  });
}

/** Not trimmed, as upstream: a name with a space in it is none. */
function annotatedName(key: string, name: string, defaultKind: string | undefined): string {
  if (isQualifiedName(name)) return name;
  if (defaultKind !== undefined) return `${defaultKind}=${name || 'none'}`;
  throw new DeviceError(
    'ERR_CDI_REQUEST',
    `the annotation ${goQuote(shortened(key))} asks for ${goQuote(shortened(name))}: invalid CDI device name`,
    { details: { annotation: key, name } },
  );
}

function mountRequests(spec: JsonObject, defaultKind: string | undefined) {
  const found: { readonly index: number; readonly name: string }[] = [];
  const warnings: string[] = [];
  for (const [index, mount] of objectsAt(spec, ['mounts']).entries()) {
    const place = ['mounts', index];
    if (cleanPath(textOf(mount, 'source', place)) !== '/dev/null') continue;
    const destination = cleanPath(textOf(mount, 'destination', place));
    if (!destination.startsWith(MOUNT_FOLDER)) continue;
    const device = destination.slice(MOUNT_FOLDER.length);
    const name = mountedName(device, defaultKind);
    if (name !== undefined) found.push({ index, name });
    else if (device.startsWith('cdi/')) {
      warnings.push(
        `the mount ${goQuote(shortened(destination))} asks for no CDI device, and is left as it is`,
      );
    }
  }
  return { found, warnings };
}

/** `cdi/vendor/class/name`, `cdi/vendor/class=name`, a qualified name, or with a default kind any name. */
function mountedName(device: string, defaultKind: string | undefined): string | undefined {
  if (device.startsWith('cdi/')) {
    const name = device.slice('cdi/'.length);
    if (isQualifiedName(name)) return name;
    const [vendor = '', kind = '', ...rest] = name.split('/');
    const joined = `${vendor}/${kind}=${rest.join('/')}`;
    return isQualifiedName(joined) ? joined : undefined;
  }
  // Channels of IMEX are no devices of a CDI spec: they belong to NVIDIA's hook.
  if (device.startsWith('imex/')) return undefined;
  if (isQualifiedName(device)) return device;
  return defaultKind === undefined ? undefined : `${defaultKind}=${device}`;
}
