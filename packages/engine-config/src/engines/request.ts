import { quoted } from '@opencontainers-ts/runtime-spec';

import type { HandlerRequest } from '../engine-change.js';
import { EngineConfigError } from '../engine-config-error.js';

/** A DNS label, which a RuntimeClass has to name: no engine, and no TOML key, takes less. */
const HANDLER = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;

/** A path that means the same in TOML, in JSON and in a template of Go: without quotes, backslashes and braces. */
const PROGRAM = /^(?:\/[A-Za-z0-9._+@ -]+)+$/;

/** The keys of annotations, and what path.Match of Go makes patterns with. */
const PATTERN = /^[A-Za-z0-9._/*?[\]^-]{1,316}$/;

/**
 * Refuses what some engine would read otherwise than it is meant.
 *
 * @throws EngineConfigError `ERR_ENGINE_REQUEST`
 */
export function checkRequest(request: HandlerRequest): void {
  const { handler, program, podAnnotations, containerAnnotations = [] } = request;
  // The name of the engine's own, which every container has that names none.
  if (!HANDLER.test(handler) || handler === 'runc') {
    throw new EngineConfigError('ERR_ENGINE_REQUEST', `${quoted(handler)} cannot be the name of a handler`);
  }
  if (!PROGRAM.test(program) || program.includes('/../') || program.endsWith('/..')) {
    throw new EngineConfigError('ERR_ENGINE_REQUEST', `${quoted(program)} cannot be the path of a program`);
  }
  for (const pattern of [...podAnnotations, ...containerAnnotations]) {
    if (!PATTERN.test(pattern)) {
      throw new EngineConfigError('ERR_ENGINE_REQUEST', `${quoted(pattern)} is no pattern of annotations`);
    }
  }
}

/** Whether a program is the wrapper, under the name of a handler or its own. */
export function isOurProgram(path: string | undefined): boolean {
  return /(?:^|\/)oci-runtime-wrapper(?:-[a-z0-9-]+)?$/.test(path ?? '');
}

/** Whether a file is a drop-in of ours: nobody else writes one of that name. */
export function isOurDropIn(path: string): boolean {
  return /\/99-ociwrap-[a-z0-9-]+\.(?:toml|conf)$/.test(path);
}

/** Behind what NVIDIA's installers leave (`99-nvidia.toml`), since the last file to name a default decides. */
export function dropInName(handler: string, ending: 'toml' | 'conf'): string {
  return `99-ociwrap-${handler}.${ending}`;
}
