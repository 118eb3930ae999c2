import { CliError } from '../cli-error.js';
import type { System } from '../system/system.js';
import { type ImageIdentity, readRecord, writeRecord } from './volume-record.js';

/** How far a volume is filled, and from which image: `.ociwrap/seed.json` at its top. */
export interface SeedRecord {
  readonly version: 1;
  /** `filling`: all that lies on the volume is ours. `filled`: written last, and the volume is the container's from then on. */
  readonly state: 'filling' | 'filled';
  /** `/proc/sys/kernel/random/boot_id` of the machine that fills it; see {@link NO_BOOT}. */
  readonly bootId: string;
  readonly image: ImageIdentity;
}

/** No machine's: what has been copied is not to be relied on. */
export const NO_BOOT = '';

/**
 * The record on a volume. A container may have written it: its members are checked, and nothing else is read of it.
 *
 * @param volume - the volume's top, open
 * @returns undefined where there is none
 * @throws CliError `ERR_VOLUME_RECORD`
 * @throws SystemError
 */
export function readSeedRecord(system: System, volume: number): SeedRecord | undefined {
  const value = readRecord(system, volume, 'seed.json');
  if (value === undefined) return undefined;
  const record = seedRecordOf(value);
  if (record !== undefined) return record;
  throw new CliError('ERR_VOLUME_RECORD', 'the record ".ociwrap/seed.json" on the volume is none of ours', {
    hint: 'empty the volume, so that it is filled anew; or remove that file, so that the volume is used as it is',
    details: { record: 'seed.json' },
  });
}

/** A JSON value as the record that it is; undefined where it is none. */
export function seedRecordOf(value: unknown): SeedRecord | undefined {
  if (!isObject(value)) return undefined;
  const { version, state, bootId, image } = value;
  if (version !== 1 || (state !== 'filling' && state !== 'filled')) return undefined;
  if (typeof bootId !== 'string' || !isObject(image)) return undefined;
  const { name, fingerprint } = image;
  if ((name !== null && typeof name !== 'string') || typeof fingerprint !== 'string') return undefined;
  return { version, state, bootId, image: { name, fingerprint } };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whole, and on the disk when this returns. Whoever writes holds the lock of the volume. */
export function writeSeedRecord(system: System, volume: number, record: Omit<SeedRecord, 'version'>): void {
  writeRecord(system, volume, 'seed.json', { version: 1, ...record }, { flush: true });
}
