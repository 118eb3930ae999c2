import type { Candidate } from './candidate.js';
import { absolutePath, baseName } from './path-text.js';
import type { NamedRuntime } from './resolution.js';
import { isNvidiaName } from './runtime-mode.js';
import { searchPathFor } from './search-path.js';

/** The variable that names the real runtime by hand. */
export const PATH_VARIABLE = 'SGS_RUNC_PATH';

/** Where packages put NVIDIA's runtime once it has been renamed. */
export const NVIDIA_PLACES = [
  '/usr/bin/nvidia-container-runtime.real',
  '/usr/local/bin/nvidia-container-runtime.real',
] as const;

const RUNC_PLACES = ['/usr/bin/runc', '/usr/sbin/runc', '/usr/local/sbin/runc'] as const;

/**
 * NVIDIA's runtime, renamed to `.real` by an installer: first beside the name we were called by, then where the package
 * puts it.
 */
export function nvidiaCandidates(called: string | undefined): readonly Candidate[] {
  return [...beside(called), ...builtIn(NVIDIA_PLACES)];
}

/**
 * runc. A `.real` beside the name we were called by comes first: an installer moved it out of our way, and it shows which
 * runtime the engine had (`crun` with `crun.real`). The names of NVIDIA's runtime are an exception: a caller that asks
 * for mode `runc` under such a name wants to bypass it.
 *
 * @param search - what to look for instead of `runc`, in order, if the operator says so
 */
export function runcCandidates(
  called: string | undefined,
  query: Surroundings,
  search: readonly string[] | undefined,
): readonly Candidate[] {
  const replaced = called === undefined || isNvidiaName(baseName(called)) ? [] : beside(called);
  if (search !== undefined) {
    return [
      ...replaced,
      ...search.flatMap((value) => namedCandidates({ value, from: 'configuration' }, query)),
    ];
  }
  const onPath = searchPathFor('runc', query.env).map((path): Candidate => ({ path, from: 'PATH' }));
  return [...replaced, ...onPath, ...builtIn(RUNC_PLACES)];
}

interface Surroundings {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * What the name of a runtime can mean: a path, relative to the working folder unless it is absolute, or a bare name, which
 * is looked up on PATH as a shell does.
 */
export function namedCandidates(
  { value, from }: Pick<NamedRuntime, 'value' | 'from'>,
  { cwd, env }: Surroundings,
): readonly Candidate[] {
  const paths = value.includes('/') ? [absolutePath(value, cwd)] : searchPathFor(value, env);
  return paths.map((path): Candidate => ({ path, from }));
}

function beside(called: string | undefined): readonly Candidate[] {
  return called === undefined ? [] : [{ path: `${called}.real`, from: 'beside' }];
}

function builtIn(paths: readonly string[]): readonly Candidate[] {
  return paths.map((path): Candidate => ({ path, from: 'built-in' }));
}
