import { quoted } from '@opencontainers-ts/runtime-spec';
import type { DeviceEntry } from '../generated/rule-definition.js';
import type { Host } from '../planning/host.js';
import { refuse } from '../planning/refuse.js';
import type { Refuse } from '../planning/rule.js';

/** A device with all that its node needs. */
export interface FoundDevice {
  readonly type: 'c' | 'b' | 'u' | 'p';
  /** 0 for a FIFO, which has none. */
  readonly major: number | bigint;
  readonly minor: number | bigint;
}

/** A device that the host was asked for in vain. */
export interface MissingDevice {
  readonly path: string;
  readonly why: string;
}

/** The device of an entry: as the entry says, or as the host has it. The host is looked at only where it must be. */
export function findDevice(entry: DeviceEntry, host: Host): FoundDevice | MissingDevice {
  const { type, major, minor, require = false } = entry;
  const said =
    type === 'p' || (type !== undefined && major !== undefined && minor !== undefined)
      ? { type, major: major ?? 0, minor: minor ?? 0 }
      : undefined;
  return said !== undefined && !require ? said : onHost(entry, said, host);
}

function onHost(
  { path: inContainer, hostPath, type, major, minor }: DeviceEntry,
  said: FoundDevice | undefined,
  host: Host,
): FoundDevice | MissingDevice {
  const path = hostPath ?? inContainer;
  const real = host.realpath(path);
  const entry = real === undefined ? undefined : host.lstat(real);
  if (entry === undefined) return { path, why: 'is not there' };
  if (said?.type === 'p') return entry.type === 'fifo' ? said : { path, why: 'is not a FIFO' };
  if (entry.device === undefined) return { path, why: 'is not a device' };
  const isBlock = entry.device.kind === 'block';
  const found = {
    type: type ?? (isBlock ? 'b' : 'c'),
    major: major ?? entry.device.major,
    minor: minor ?? entry.device.minor,
  };
  const isSame =
    isBlock === (found.type === 'b') &&
    BigInt(found.major) === BigInt(entry.device.major) &&
    BigInt(found.minor) === BigInt(entry.device.minor);
  if (isSame) return found;
  const kind = isBlock ? 'b' : 'c';
  return { path, why: `is another device, ${kind} ${entry.device.major}:${entry.device.minor}` };
}

/** The refusal for devices that are not as they should be. */
export function devicesMissing(missing: readonly MissingDevice[]): Refuse {
  const listed = missing.map(({ path, why }) => `${quoted(path)} ${why}`).join('; ');
  return refuse('ERR_RULE_DEVICE_MISSING', `the host lacks a device that it adds: ${listed}`, {
    paths: missing.map(({ path }) => path),
  });
}
