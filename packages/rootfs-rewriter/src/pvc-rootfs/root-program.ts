import type { SpecDocument } from '@opencontainers-ts/runtime-spec';
import type { RootProgram } from '../planning/host-action.js';
import { isRefusal } from '../planning/refuse.js';
import type { SpecMount } from '../spec-edit/container-spec.js';
import { items, orRefusal, text, texts } from '../spec-edit/spec-fields.js';
import { destinationOf } from './mounted-volumes.js';

const READS = ['/process/args', '/process/cwd', '/process/env'];

/**
 * What the container will run, so that a root without it can be told before the runtime does. `undefined` where the spec has
 * nothing to run, or cannot be understood here: that is for the runtime to say, and no reason to refuse a root.
 *
 * @param mounts - those that stay
 */
export function rootProgram(document: SpecDocument, mounts: readonly SpecMount[]): RootProgram | undefined {
  if (document.structureFindings(READS).some(({ level }) => level === 'error')) return undefined;
  const read = orRefusal(() => {
    const args = texts(document.value('/process/args'), '/process/args');
    const cwd = text(document.value('/process/cwd'), '/process/cwd');
    // Of a variable that is there twice, the last one counts (runc and crun set them in order).
    const searchPath = items(document.value('/process/env'), '/process/env')
      .filter((variable) => typeof variable === 'string')
      .findLast((variable) => variable.startsWith('PATH='));
    return {
      name: args[0] ?? '',
      cwd: cwd === '' ? '/' : cwd,
      ...(searchPath === undefined ? {} : { searchPath: searchPath.slice('PATH='.length) }),
      mountedAt: mounts.map(destinationOf),
    };
  });
  return isRefusal(read) || read.name === '' ? undefined : read;
}
