import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the repository. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** The folders of the packages. */
export const packages = [
  'spec',
  'rootfs-rewriter',
  'device-injector',
  'runtime-resolver',
  'engine-config',
  'runtime-client',
  'exec-native',
  'cli',
] as const;
