import { baseName, quoted } from './path-text.js';

/** Which program the wrapper stands in for: `runc`, or `nvidia-container-runtime`. */
export type RuntimeMode = 'runc' | 'nvidia';

/** The variable that sets the mode by hand. */
export const MODE_VARIABLE = 'SGS_WRAPPER_MODE';

const NVIDIA_NAME = 'nvidia-container-runtime';
const NVIDIA_HOOK_NAME = 'nvidia-container-runtime-hook';

/** The base name is one of NVIDIA's runtimes (`nvidia-container-runtime`, `.cdi`, `.legacy`), not its hook. */
export function isNvidiaName(name: string): boolean {
  return name.includes(NVIDIA_NAME) && name !== NVIDIA_HOOK_NAME;
}

function modeOfName(path: string | undefined): RuntimeMode | undefined {
  const name = baseName(path ?? '');
  if (isNvidiaName(name)) return 'nvidia';
  return name.includes('runc') ? 'runc' : undefined;
}

/**
 * The mode of a call. `SGS_WRAPPER_MODE` decides if it is `nvidia` or `runc`; any other value except the empty one is
 * ignored with a warning. Next comes the configured mode, then the base name of argv[0]. If that names neither an NVIDIA
 * runtime nor a runc (a caller may pass anything, or nothing), the base name of AT_EXECFN (getauxval(3)), the path that
 * the kernel was given, decides. If that says nothing either, the mode is `runc`.
 *
 * @param query - argv[0] as `invokedAs`, AT_EXECFN as `execFn`, and the environment.
 * @example
 * ```ts
 * import { detectMode } from '@opencontainers-ts/runtime-resolver';
 *
 * const { mode } = detectMode({ invokedAs: '/usr/bin/nvidia-container-runtime', env: {} });
 * console.log(mode); // nvidia
 * ```
 */
export function detectMode(query: {
  readonly invokedAs: string;
  readonly execFn?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly configured?: { readonly mode?: RuntimeMode };
}): { readonly mode: RuntimeMode; readonly warning?: string } {
  const wanted = query.env[MODE_VARIABLE] ?? '';
  if (wanted === 'nvidia' || wanted === 'runc') return { mode: wanted };
  const named = modeOfName(query.invokedAs) ?? modeOfName(query.execFn) ?? 'runc';
  const mode = query.configured?.mode ?? named;
  if (wanted === '') return { mode };
  return {
    mode,
    warning: `${MODE_VARIABLE} is ${quoted(wanted)}, which is neither nvidia nor runc: using ${mode}, as if it were unset`,
  };
}
