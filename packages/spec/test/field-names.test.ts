import { describe, expect, test } from '@jest/globals';
import type { FieldShape } from '../src/findings/field-table.js';
import { OBJECT_FIELDS } from '../src/generated/field-names.js';
import { foldName } from '../src/json/member-names.js';

/** What stands at a path of member names; `*` is any element of an array or entry of a map. */
function shapeAt(path: string): string {
  let shape: FieldShape | undefined = { kind: 'object', name: 'Spec' };
  for (const step of path.split('/')) {
    if (shape?.kind === 'object') shape = OBJECT_FIELDS[shape.name]?.[step];
    else if (shape?.kind === 'array' || shape?.kind === 'map') shape = shape.of;
    else shape = undefined;
  }
  if (shape === undefined) return 'unknown';
  if (shape.kind === 'object') return shape.name;
  return shape.kind === 'leaf' ? (shape.integer ?? 'leaf') : shape.kind;
}

describe('OBJECT_FIELDS', () => {
  test('fold to what they are in lower case', () => {
    const fields = Object.values(OBJECT_FIELDS).flatMap((known) => Object.keys(known));
    expect(fields.length).toBeGreaterThan(200);
    expect(fields.map(foldName)).toEqual(fields.map((field) => field.toLowerCase()));
  });

  test.each([
    ['root', 'Root'],
    ['root/path', 'leaf'],
    ['mounts', 'array'],
    ['mounts/*', 'Mount'],
    ['process/capabilities', 'LinuxCapabilities'],
    ['process/rlimits/*/hard', 'uint64'],
    ['hooks/poststop/*/timeout', 'int64'],
    ['annotations', 'map'],
    ['annotations/*', 'leaf'],
    ['linux/sysctl', 'map'],
    ['linux/timeOffsets', 'map'],
    ['linux/timeOffsets/*', 'LinuxTimeOffset'],
    ['linux/netDevices', 'map'],
    ['linux/netDevices/*', 'LinuxNetDevice'],
    ['linux/resources/rdma', 'map'],
    ['linux/resources/unified', 'map'],
    ['linux/resources/blockIO/throttleReadBpsDevice/*/rate', 'uint64'],
    ['windows', 'Windows'],
    ['windows/resources/cpu/shares', 'uint16'],
    ['windows/credentialSpec', 'leaf'],
    ['vm/hwConfig/irqs/*', 'uint32'],
    ['vm/hwconfig', 'VMHWConfig'],
    ['zos/namespaces/*', 'ZOSNamespace'],
    ['solaris/anet/*', 'SolarisAnet'],
    ['freebsd/jail/enforceStatfs', 'uint8'],
    ['freebsd/devices/*/mode', 'uint32'],
    ['Root', 'unknown'],
  ])('%s is %s', (path, kind) => {
    expect(shapeAt(path)).toBe(kind);
  });

  test('names every object type that it leads to', () => {
    const names = JSON.stringify(OBJECT_FIELDS).matchAll(/"kind":"object","name":"(\w+)"/g);
    const missing = [...names]
      .map(([, name]) => String(name))
      .filter((name) => !Object.hasOwn(OBJECT_FIELDS, name));
    expect(missing).toEqual([]);
  });
});
