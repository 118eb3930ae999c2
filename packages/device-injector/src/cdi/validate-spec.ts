import { areEmpty, editsFault } from '../edits/container-edits.js';
import { goQuote } from '../go-quote.js';
import type { CdiSpec, CdiSpecDevice } from './cdi-spec.js';
import { classFault, deviceNameFault, splitKind, vendorFault } from './qualified-name.js';
import { SpecFault, type SpecPath } from './spec-fault.js';
import { versionFault } from './spec-version.js';

/**
 * Checks a spec in the order and with the words of the CDI library (`Spec.validate`).
 *
 * @throws SpecFault
 */
export function validateSpec(spec: CdiSpec): void {
  check(versionFault(spec), ['cdiVersion']);
  const { vendor, class: name } = splitKind(spec.kind);
  check(vendorFault(vendor), ['kind']);
  check(classFault(name), ['kind']);
  // Upstream has rules for annotations too, but a type assertion that never holds keeps them from being applied.
  const fault = editsFault(spec.containerEdits ?? {});
  check(fault?.message, ['containerEdits', ...(fault?.path ?? [])]);
  const names = new Set<string>();
  for (const [index, device] of spec.devices.entries()) {
    checkDevice(device, ['devices', index]);
    if (names.has(device.name)) {
      check(`invalid spec, multiple device ${goQuote(device.name)}`, ['devices', index, 'name']);
    }
    names.add(device.name);
  }
  check(names.size === 0 ? 'invalid spec, no devices' : undefined, ['devices']);
}

function checkDevice({ name, containerEdits }: CdiSpecDevice, path: SpecPath): void {
  const failed = `failed add device ${goQuote(name)}: `;
  const nameFault = deviceNameFault(name);
  check(nameFault && failed + nameFault, [...path, 'name']);
  const edits = [...path, 'containerEdits'];
  check(areEmpty(containerEdits) ? `${failed}invalid device, empty device edits` : undefined, edits);
  const fault = editsFault(containerEdits);
  check(fault && `${failed}invalid device ${goQuote(name)}: ${fault.message}`, [
    ...edits,
    ...(fault?.path ?? []),
  ]);
}

function check(fault: string | undefined, path: SpecPath): void {
  if (fault !== undefined) throw new SpecFault(fault, path);
}
