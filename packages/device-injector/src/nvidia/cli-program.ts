import { DeviceError } from '../device-error.js';
import type { DeviceHost } from '../device-host.js';
import { absolutePath, joinPath } from '../go-path.js';
import type { NvidiaCliConfig } from './hook-config.js';
import type { NvidiaProfile } from './profile.js';

const PROGRAM = 'nvidia-container-cli';
const USUAL_FOLDERS = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** The program to start, and the PATH that it gets. */
export interface CliProgram {
  readonly file: string;
  /** Undefined where PATH stays as it is. */
  readonly path?: string;
}

/**
 * Finds nvidia-container-cli: where the configuration says, else on PATH, with the usual folders behind it, and first of all
 * below the driver's root.
 *
 * @throws DeviceError `ERR_NVIDIA_CLI`
 */
export function findCliProgram(
  cli: Pick<NvidiaCliConfig, 'path' | 'root'>,
  environment: { readonly PATH?: string; readonly cwd: string },
  profile: NvidiaProfile,
  host: Pick<DeviceHost, 'realpath' | 'lstat'>,
): CliProgram {
  if (cli.path !== undefined) return { file: cli.path };
  const folders = searchFolders(environment.PATH ?? '', cli.root ?? '');
  const path = folders.join(':');
  // Looked up along the new PATH: an empty PATH has no folders, but an empty folder in one is the working directory.
  for (const folder of path === '' ? [] : path.split(':')) {
    const file = joinPath(folder || '.', PROGRAM);
    if (!isExecutable(absolutePath(file, environment.cwd), host)) continue;
    if (file.startsWith('/')) return { file, path };
    throw missing(path, profile, 'cannot run executable found relative to current directory');
  }
  throw missing(path, profile, 'executable file not found in $PATH');
}

function searchFolders(path: string, root: string): readonly string[] {
  const given = path === '' ? [] : path.split(':');
  const folders = [...given, ...USUAL_FOLDERS.filter((folder) => !given.includes(folder))];
  const belowRoot = root === '' || root === '/' ? [] : folders.map((folder) => joinPath(root, folder));
  return [...belowRoot, ...folders];
}

function isExecutable(path: string, host: Pick<DeviceHost, 'realpath' | 'lstat'>): boolean {
  try {
    const real = host.realpath(path);
    const entry = real === undefined ? undefined : host.lstat(real);
    return entry !== undefined && entry.type !== 'directory' && (entry.mode & 0o111) !== 0;
  } catch {
    // A folder that may not be looked into has no program, as for every shell.
    return false;
  }
}

function missing(path: string, profile: NvidiaProfile, why: string): DeviceError {
  const where = profile === 'current' ? 'PATH:' : `${path} :`;
  return new DeviceError(
    'ERR_NVIDIA_CLI',
    `couldn't find binary ${PROGRAM} in ${where} exec: "${PROGRAM}": ${why}`,
    {
      details: { path },
    },
  );
}
