import { calledPath } from './called-path.js';
import { type Candidate, judgeCandidate, type Verdict } from './candidate.js';
import { namedCandidates, nvidiaCandidates, PATH_VARIABLE, runcCandidates } from './candidate-list.js';
import { DEPTH_VARIABLE, MAX_PASSAGES, readDepth } from './depth.js';
import type { FileSystem } from './file-system.js';
import { toolkitConfig } from './nvidia-config.js';
import { baseName, printable, quoted } from './path-text.js';
import type { NamedRuntime, RealRuntime, Resolution, RuntimeQuery } from './resolution.js';
import { ResolverError } from './resolver-error.js';
import { detectMode, type RuntimeMode } from './runtime-mode.js';

/**
 * Finds the real runtime, and never this program. `SGS_RUNC_PATH` alone decides if it is set. Otherwise, in mode `nvidia`:
 * `<called name>.real` beside the name we were called by (in a folder that only root can write),
 * `/usr/bin/nvidia-container-runtime.real`, `/usr/local/bin/nvidia-container-runtime.real`, then the search for runc,
 * with a warning. In mode `runc`: `<called name>.real` (unless the called name is NVIDIA's), `runc` on the absolute
 * entries of PATH, `/usr/bin/runc`, `/usr/sbin/runc`, `/usr/local/sbin/runc`. What `query.configured` names, or lists to
 * be searched for, replaces these.
 *
 * It throws only what `fs` throws without an errno code. Errors: `ERR_RUNTIME_LOOP` if one call passes for the fifth time,
 * `ERR_RUNTIME_NOT_EXECUTABLE` and `ERR_RUNTIME_IS_SELF` for a named runtime, `ERR_RUNTIME_NOT_NAMED` if one must be named
 * and none is, `ERR_RUNTIME_CALLS_ITSELF` for a `.real` that is a script and calls itself, `ERR_RUNTIME_MISSING` if no
 * candidate is left.
 *
 * @param query - how the wrapper was called.
 * @param fs - the file system to look at.
 * @example
 * ```ts
 * import { type FileSystem, resolveRuntime } from '@opencontainers-ts/runtime-resolver';
 *
 * const runc = { dev: 1n, ino: 7n, isFile: true, isDirectory: false, executable: true, uid: 0, mode: 0o755 };
 * const fs: FileSystem = {
 *   stat: (path) => (path === '/usr/sbin/runc' ? runc : undefined),
 *   realpath: (path) => (path === '/usr/sbin/runc' ? path : undefined),
 *   head: () => new Uint8Array(),
 * };
 * const self = { path: '/opt/ociwrap/bin/oci-runtime-wrapper', dev: 1n, ino: 42n };
 * const { runtime, trail } = resolveRuntime({ invokedAs: 'runc', cwd: '/', self, env: { PATH: '/usr/sbin' } }, fs);
 * console.log(runtime?.path, trail.length); // /usr/sbin/runc 1
 * ```
 */
export function resolveRuntime(query: RuntimeQuery, fs: FileSystem): Resolution {
  const { mode, warning } = detectMode(query);
  const { passed, warning: depthWarning } = readDepth(query.env);
  const depth = passed + 1;
  const warnings = [warning, depthWarning].filter((text) => text !== undefined);
  if (passed >= MAX_PASSAGES) return { error: loopError(depth), mode, warnings, trail: [], depth };

  const named = namedRuntime(query, mode);
  if (named !== undefined) {
    const { taken, trail } = firstTaken(namedCandidates(named, query), query, fs);
    if (taken === undefined) {
      return { error: scriptError(trail) ?? namedError(named, trail), mode, warnings, trail, depth };
    }
    return { runtime: { ...taken, mode }, mode, warnings, trail, depth };
  }

  const required = query.configured?.required;
  if (required !== undefined) return { error: unnamedError(required), mode, warnings, trail: [], depth };

  const called = calledPath(query, fs);
  const nvidia = mode === 'nvidia' ? nvidiaCandidates(called) : [];
  const { taken, trail } = firstTaken(
    [...nvidia, ...runcCandidates(called, query, query.configured?.search)],
    query,
    fs,
  );
  warnings.push(...trail.filter(({ verdict }) => verdict === 'untrusted-folder').map(untrustedWarning));
  if (taken === undefined) {
    return { error: scriptError(trail) ?? missingError(trail), mode, warnings, trail, depth };
  }
  if (mode === 'nvidia' && !nvidia.some(({ path }) => path === taken.path)) {
    warnings.push(
      `no nvidia-container-runtime.real to call: using ${quoted(taken.path)}, so containers get no GPU from NVIDIA's runtime`,
    );
  }
  const isBeside = trail.at(-1)?.from === 'beside';
  const nvidiaConfig = mode === 'nvidia' && isBeside ? toolkitConfig(taken.path, query.env, fs) : undefined;
  const runtime = { ...taken, mode, ...(nvidiaConfig === undefined ? {} : { nvidiaConfig }) };
  return { runtime, mode, warnings, trail, depth };
}

/** The one runtime that is named, if any; what is closer to the call takes precedence. */
function namedRuntime({ env, configured }: RuntimeQuery, mode: RuntimeMode): NamedRuntime | undefined {
  const inEnvironment = env[PATH_VARIABLE] ?? '';
  const bySgs: NamedRuntime = { value: inEnvironment, from: PATH_VARIABLE, by: PATH_VARIABLE };
  return configured?.named ?? (inEnvironment === '' ? configured?.paths?.[mode] : bySgs);
}

/** Examines the candidates in order, each path once, and stops at the first that can be executed, or must not be. */
function firstTaken(
  candidates: readonly Candidate[],
  query: RuntimeQuery,
  fs: FileSystem,
): { readonly taken?: Omit<RealRuntime, 'mode'>; readonly trail: readonly Verdict[] } {
  const trail: Verdict[] = [];
  for (const candidate of candidates) {
    if (trail.some((seen) => seen.candidate === candidate.path)) continue;
    const { verdict, ...file } = judgeCandidate(candidate, query.self, fs);
    trail.push(verdict);
    if (file.id !== undefined) {
      const { id, realPath } = file;
      const found = { path: candidate.path, argv0: baseName(candidate.path), id };
      return { taken: realPath === undefined ? found : { ...found, realPath }, trail };
    }
    // To call another runtime instead would start containers without what this one gives them.
    if (verdict.verdict === 'script-of-itself') return { trail };
  }
  return { trail };
}

function untrustedWarning({ candidate }: Verdict): string {
  return `passed over ${quoted(candidate)}: its folder must belong to root and be writable by root alone`;
}

function loopError(passage: number): ResolverError {
  return new ResolverError(
    'ERR_RUNTIME_LOOP',
    `this call has come through the wrapper ${passage} times, and ${MAX_PASSAGES} are allowed (${DEPTH_VARIABLE})`,
    { details: { passage, allowed: MAX_PASSAGES } },
  );
}

function unnamedError(variable: string): ResolverError {
  return new ResolverError('ERR_RUNTIME_NOT_NAMED', `no real runtime is named: ${variable} is not set`, {
    details: { variable },
  });
}

function scriptError(trail: readonly Verdict[]): ResolverError | undefined {
  const script = trail.find(({ verdict }) => verdict === 'script-of-itself');
  if (script === undefined) return undefined;
  const { candidate } = script;
  return new ResolverError(
    'ERR_RUNTIME_CALLS_ITSELF',
    `${quoted(candidate)} is a script that calls ${quoted(baseName(candidate))}, and so itself for ever`,
    { details: { candidate } },
  );
}

function namedError({ value, by }: NamedRuntime, trail: readonly Verdict[]): ResolverError {
  const details = { value, by, candidates: trail.map(({ candidate }) => candidate) };
  const self = trail.find(({ verdict }) => verdict === 'is-self');
  if (self !== undefined) {
    return new ResolverError(
      'ERR_RUNTIME_IS_SELF',
      `${printable(by)} names the wrapper itself: ${quoted(value)} (${self.detail})`,
      { details },
    );
  }
  return new ResolverError(
    'ERR_RUNTIME_NOT_EXECUTABLE',
    `${printable(by)} does not name a regular executable file: ${quoted(value)} (looked at ${described(trail)})`,
    { details },
  );
}

function missingError(trail: readonly Verdict[]): ResolverError {
  return new ResolverError('ERR_RUNTIME_MISSING', `no real runtime to call: looked at ${described(trail)}`, {
    details: {
      candidates: trail.map(({ candidate }) => candidate),
      verdicts: trail.map(({ verdict }) => verdict),
    },
  });
}

function described(trail: readonly Verdict[]): string {
  const parts = trail.map(({ candidate, verdict, detail }) => {
    const why = detail === undefined ? verdict : `${verdict}: ${detail}`;
    return `${quoted(candidate)} (${why})`;
  });
  return parts.join(', ') || 'nothing: PATH holds no absolute entry';
}
