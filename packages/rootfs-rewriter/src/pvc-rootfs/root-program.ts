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
    const name = args[0] ?? '';
    const searchPath = name.includes('/') ? undefined : searchPathOf(document);
    return {
      name,
      cwd: cwd === '' ? '/' : cwd,
      ...(searchPath === undefined ? {} : { searchPath }),
      mountedAt: mounts.map(destinationOf),
    };
  });
  return isRefusal(read) || read.name === '' ? undefined : read;
}

/**
 * PATH of the process. Clusters with many services have thousands of variables, and most containers have a text without escapes: there
 * the last one is found without reading the others.
 */
function searchPathOf(document: SpecDocument): string | undefined {
  const source = document.source('/process/env') ?? '';
  if (isPlainList(source)) {
    // No quote that ends a text has a letter behind it.
    const start = source.lastIndexOf(`"${PATH}`) + 1;
    return start === 0 ? undefined : source.slice(start + PATH.length, source.indexOf('"', start));
  }
  // Of a variable that is there twice, the last one counts (runc and crun set them in order).
  return items(document.value('/process/env'), '/process/env')
    .filter((variable) => typeof variable === 'string')
    .findLast((variable) => variable.startsWith(PATH))
    ?.slice(PATH.length);
}

const PATH = 'PATH=';

/** Whether each quote in a list begins or ends one of its texts: nothing is escaped, and nothing is nested. */
function isPlainList(source: string): boolean {
  return source.lastIndexOf('[') === 0 && !source.includes('{') && !source.includes('\\');
}
