import type { CdiSpec, CdiSpecDevice } from './cdi-spec.js';
import { checkSpecText, specText } from './check-spec-text.js';
import { parsePlainSpec } from './parse-spec.js';
import { withoutAlikeDevices } from './registry/alike-devices.js';
import type { CdiProblem, CdiSpecFile } from './registry/registry.js';
import { SpecFault } from './spec-fault.js';
import { validateSpec } from './validate-spec.js';

/** A spec that is sound, of which a device becomes a value when it is asked for. */
export interface OpenedSpec {
  /** The file, with all that concerns more than one device; not necessarily with every device. */
  readonly file: CdiSpecFile;
  device(name: string): CdiSpecDevice | undefined;
  /** Of all devices. */
  names(): readonly string[];
  /** The file with every device, as {@link checkSpecText} gives it. */
  whole(): CdiSpecFile | CdiProblem;
}

/** @param path - the name of the text in messages */
export type OpenSpec = (path: string, bytes: Uint8Array) => OpenedSpec | CdiProblem;

/** Checks the text of a spec and makes values of all its devices. */
export const openWholeSpec: OpenSpec = (path, bytes) => {
  const file = checkSpecText(path, bytes);
  if ('message' in file) return file;
  return { file, ...devicesOf(file.spec), whole: () => file };
};

/**
 * Checks the text of a spec as {@link checkSpecText} does, and finds the same faults, but makes values of those devices only
 * that are asked for, where devices are written alike.
 */
export const openSpec: OpenSpec = (path, bytes) => openThinned(path, bytes) ?? openWholeSpec(path, bytes);

/** Undefined where a closer look is needed. */
function openThinned(path: string, bytes: Uint8Array): OpenedSpec | undefined {
  const text = specText(bytes);
  const thinned = text === undefined ? undefined : withoutAlikeDevices(text);
  const spec = thinned && soundSpec(thinned.text);
  if (thinned === undefined || spec === undefined) return undefined;
  const { alone, names } = thinned;
  const others = devicesOf(spec);
  if (others.names().some((name) => alone(name) !== undefined)) return undefined;
  return {
    file: { path, spec },
    device: (name) => {
      const device = alone(name);
      return device === undefined ? others.device(name) : onlyDevice(device);
    },
    names: () => [...others.names(), ...names()],
    whole: () => checkSpecText(path, bytes),
  };
}

function soundSpec(text: string): CdiSpec | undefined {
  const spec = parsePlainSpec(text);
  if (spec === undefined || spec instanceof SpecFault) return undefined;
  try {
    validateSpec(spec);
    return spec;
  } catch (error) {
    // Which fault it is depends on what was left out.
    if (error instanceof SpecFault) return undefined;
    throw error;
  }
}

function onlyDevice(text: string): CdiSpecDevice | undefined {
  const spec = parsePlainSpec(text);
  return spec instanceof SpecFault ? undefined : spec?.devices[0];
}

function devicesOf({ devices }: CdiSpec): Pick<OpenedSpec, 'device' | 'names'> {
  let byName: ReadonlyMap<string, CdiSpecDevice> | undefined;
  return {
    device: (name) => {
      byName ??= new Map(devices.map((device) => [device.name, device]));
      return byName.get(name);
    },
    names: () => devices.map(({ name }) => name),
  };
}
