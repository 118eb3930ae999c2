import { errorCode, quoted } from '@opencontainers-ts/runtime-spec';
import type { Host } from '../planning/host.js';
import type { RootStrategy } from '../planning/host-action.js';
import { ROOT_FOLDER } from '../planning/host-action.js';
import { refuse } from '../planning/refuse.js';
import type { Call, Refuse } from '../planning/rule.js';
import { lexicalPath, pathBelow } from '../spec-edit/absolute-path.js';

/**
 * The absolute path of the root of the image, its symlinks resolved as far as it is there: an engine may write
 * `/var/run/...`. Whether it is there is told where it is mounted.
 *
 * @param path - `root.path` as the engine wrote it
 */
export function imageRoot(path: string, { bundle }: Pick<Call, 'bundle'>, host: Host): string {
  const whole = path.startsWith('/') ? path : `${bundle}/${path}`;
  return realPath(whole, host) ?? lexicalPath(whole);
}

/** A path that cannot be followed is told where it would be mounted; a root that needs no image does not need it either. */
function realPath(path: string, host: Host): string | undefined {
  if (path.includes('\0')) return undefined;
  try {
    return host.realpath(path);
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return undefined;
  }
}

/**
 * Why the image and the volume cannot be put together, if so. By their paths: what is mounted where is seen again on the
 * descriptors, when they are.
 */
export function whyNotTogether(image: string, volume: string, strategy: RootStrategy): Refuse | undefined {
  if (strategy === 'replace') return undefined;
  if (image === ROOT_FOLDER) {
    return refuse(
      'ERR_ROOT_NOT_MOUNTED',
      `the root of the image is ${quoted(image)}, where this program puts roots together`,
      { image },
    );
  }
  const isOver = image === volume || isWithin(image, volume) || isWithin(volume, image);
  return isOver
    ? refuse(
        'ERR_ROOT_OVERLAPS',
        `the root of the image, ${quoted(image)}, and the volume at ${quoted(volume)} lie within one another`,
        { image, volume },
      )
    : undefined;
}

function isWithin(path: string, folder: string): boolean {
  return folder === '/' || pathBelow(folder, path) !== undefined;
}
