import { EDITS_SHAPE } from '../edits/container-edits.js';
import type { CdiSpec, CdiSpecDevice } from './cdi-spec.js';
import { type StructShape, struct, TEXT, TEXT_MAP } from './shape.js';

const DEVICE = struct<CdiSpecDevice>(
  'Device',
  { name: TEXT, annotations: TEXT_MAP, containerEdits: EDITS_SHAPE },
  { name: '', containerEdits: {} },
);

/** A whole spec. */
export const SPEC_SHAPE: StructShape = struct<CdiSpec>(
  'Spec',
  {
    cdiVersion: TEXT,
    kind: TEXT,
    annotations: TEXT_MAP,
    devices: { is: 'list', of: DEVICE, goType: '[]specs.Device' },
    containerEdits: EDITS_SHAPE,
  },
  { cdiVersion: '', kind: '', devices: [] },
);
