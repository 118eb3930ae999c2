import { withValue } from '@opencontainers-ts/rootfs-rewriter/spec-edit';

import type { CdiVersion } from '../cdi/cdi-version.js';
import { BOOLEAN, struct, TEXT, TEXTS } from '../cdi/shape.js';
import { type EditFault, type EditKind, faultAt } from './edit-kind.js';

/** Cache and memory bandwidth of the container (OCI runtime spec, `linux.intelRdt`). */
export interface CdiIntelRdt {
  /** The class of service: the name of a folder in resctrl. */
  readonly closID?: string;
  /** A line of resctrl's `schemata` that begins with `L3:`. */
  readonly l3CacheSchema?: string;
  /** A line of resctrl's `schemata` that begins with `MB:`. */
  readonly memBwSchema?: string;
  /** Lines of resctrl's `schemata`. */
  readonly schemata?: readonly string[];
  readonly enableMonitoring?: boolean;
}

const INTEL_RDT = ['linux', 'intelRdt'];

/** Cache and memory bandwidth. An edit replaces the whole object, so that the last one wins. */
export const intelRdt: EditKind<CdiIntelRdt> = {
  shape: struct<CdiIntelRdt>(
    'IntelRdt',
    {
      closID: TEXT,
      l3CacheSchema: TEXT,
      memBwSchema: TEXT,
      schemata: TEXTS,
      enableMonitoring: BOOLEAN,
    },
    {},
  ),
  minimumVersion: intelRdtVersion,
  fault: closIdFault,
  lint: () => [],
  isEmpty: () => false,
  merge: (edits) => edits.at(-1) ?? edits[0],
  reads: [INTEL_RDT],
  holds: () => [INTEL_RDT],
  apply: (spec, edit) => withValue(spec, INTEL_RDT, withoutEmptyMembers(edit)),
};

function intelRdtVersion({ schemata, enableMonitoring }: CdiIntelRdt): CdiVersion {
  return schemata !== undefined || enableMonitoring === true ? '1.1.0' : '0.7.0';
}

/** A ClosID names a folder of /sys/fs/resctrl; `/` is the group that is always there. */
function closIdFault({ closID = '' }: CdiIntelRdt): EditFault | undefined {
  if (closID === '/') return undefined;
  const bytes = new TextEncoder().encode(closID).length;
  return bytes >= 4096 || closID === '.' || closID === '..' || /[/\n]/.test(closID)
    ? faultAt(['closID'], 'invalid ClosID')
    : undefined;
}

/** As Go writes it: `omitempty` leaves out empty members. */
function withoutEmptyMembers(edit: CdiIntelRdt): Readonly<Record<string, string | readonly string[] | true>> {
  const isSaid = (value: unknown) =>
    Array.isArray(value) ? value.length > 0 : value !== '' && value !== false && value !== undefined;
  return Object.fromEntries(Object.entries(edit).filter(([, value]) => isSaid(value)));
}
