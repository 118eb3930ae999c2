import { NVIDIA_PLACES } from './candidate-list.js';
import { errnoCode, type FileSystem } from './file-system.js';
import { baseName, dirName, inFolder } from './path-text.js';
import { isNvidiaName } from './runtime-mode.js';

/** The variables that tell NVIDIA's runtime where its configuration is (since release 1.18 of the toolkit). */
const CONFIG_VARIABLES = ['NVIDIA_CTK_CONFIG_FILE_PATH', 'XDG_CONFIG_HOME'] as const;
const PACKAGED_CONFIG = '/etc/nvidia-container-runtime/config.toml';
const OWN_CONFIG = '.config/nvidia-container-runtime/config.toml';

/**
 * The configuration of NVIDIA's runtime in a folder of the GPU operator's toolkit. The wrapper is installed in place of the
 * script that names it; without it, the runtime would use the configuration of the package, or its defaults.
 *
 * Undefined if the environment names a configuration, if the runtime is where the package puts it, and if only the
 * configuration of the package exists. If the file does not exist, the runtime uses its defaults.
 *
 * @param path - the `.real` found beside the name we were called by
 */
export function toolkitConfig(
  path: string,
  env: Readonly<Record<string, string | undefined>>,
  fs: FileSystem,
): string | undefined {
  if (!path.startsWith('/') || !isNvidiaName(baseName(path)) || NVIDIA_PLACES.some((place) => place === path))
    return undefined;
  if (CONFIG_VARIABLES.some((name) => (env[name] ?? '') !== '')) return undefined;
  const own = inFolder(dirName(path), OWN_CONFIG);
  return isThere(own, fs) || !isThere(PACKAGED_CONFIG, fs) ? own : undefined;
}

function isThere(path: string, fs: FileSystem): boolean {
  try {
    return fs.stat(path) !== undefined;
  } catch (thrown) {
    errnoCode(thrown);
    return false;
  }
}
