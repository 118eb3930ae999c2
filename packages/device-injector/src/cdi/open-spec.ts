import { withoutAlikeDevices } from './alike-devices.js';
import type { CdiSpec, CdiSpecDevice } from './cdi-spec.js';
import { checkSpecText, specText } from './check-spec-text.js';
import { parsePlainSpec } from './parse-spec.js';
import type { CdiProblem, CdiSpecFile } from './registry.js';
import { SpecFault } from './spec-fault.js';
import { validateSpec } from './validate-spec.js';

/** A spec that is sound, of which a device becomes a value when it is asked for. */
export interface OpenedSpec {
  /** The file, with all that concerns more than one device; not necessarily with every device. */
  readonly file: CdiSpecFile;
  device(name: string): CdiSpecDevice | undefined;
  /** The file with every device, as {@link checkSpecText} gives it. */
  whole(): CdiSpecFile | CdiProblem;
}

/** @param path - the name of the text in messages */
export type OpenSpec = (path: string, bytes: Uint8Array) => OpenedSpec | CdiProblem;

/** Checks the text of a spec and makes values of all its devices. */
export const openWholeSpec: OpenSpec = (path, bytes) => {
  const file = checkSpecText(path, bytes);
  if ('message' in file) return file;
  return { file, device: (name) => deviceOf(file.spec, name), whole: () => file };
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
  const { alone } = thinned;
  if (spec.devices.some(({ name }) => alone(name) !== undefined)) return undefined;
  return {
    file: { path, spec },
    device: (name) => {
      const device = alone(name);
      return device === undefined ? deviceOf(spec, name) : onlyDevice(device);
    },
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

function deviceOf({ devices }: CdiSpec, wanted: string): CdiSpecDevice | undefined {
  return devices.find(({ name }) => name === wanted);
}
