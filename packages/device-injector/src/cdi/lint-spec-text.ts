import { formatPointer } from '@opencontainers-ts/runtime-spec';

import { lintEdits } from '../edits/container-edits.js';
import type { EditFault } from '../edits/edit-kind.js';
import { goQuote } from '../go-quote.js';
import type { CdiSpec } from './cdi-spec.js';
import { checkSpecText } from './check-spec-text.js';
import type { CdiProblem } from './registry/registry.js';
import { SpecFault } from './spec-fault.js';
import { faultPositions } from './spec-position.js';

/**
 * All problems of the text of a spec: why it could not be loaded or, if the CDI library accepts it, why containers that get
 * one of its devices would fail.
 *
 * @param path - the name of the text in messages
 *
 * @example
 * ```ts
 * import { lintSpecText } from '@opencontainers-ts/device-injector';
 *
 * const edits = { mounts: [{ hostPath: '/lib', containerPath: '/lib' }] };
 * const spec = { cdiVersion: '0.6.0', kind: 'vendor.com/device', devices: [{ name: 'd', containerEdits: edits }] };
 * const [problem] = lintSpecText('vendor.json', new TextEncoder().encode(JSON.stringify(spec)));
 * console.log(problem?.pointer); // /devices/0/containerEdits/mounts/0
 * ```
 */
export function lintSpecText(path: string, bytes: Uint8Array): readonly CdiProblem[] {
  const checked = checkSpecText(path, bytes);
  if ('message' in checked) return [checked];
  const text = new TextDecoder().decode(bytes);
  const positionOf = faultPositions(text);
  return lintSpec(checked.spec).map(({ message, path: place }) => ({
    path,
    message,
    pointer: formatPointer(place),
    ...positionOf(new SpecFault(message, place)),
  }));
}

function lintSpec({ containerEdits = {}, devices }: CdiSpec): readonly EditFault[] {
  return [
    ...lintEdits(containerEdits).map(({ message, path }) => ({ message, path: ['containerEdits', ...path] })),
    ...devices.flatMap(({ name, containerEdits: edits }, index) =>
      lintEdits(edits).map(({ message, path }) => ({
        message: `device ${goQuote(name)}: ${message}`,
        path: ['devices', index, 'containerEdits', ...path],
      })),
    ),
  ];
}
