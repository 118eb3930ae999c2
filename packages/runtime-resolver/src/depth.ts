import { quoted } from './path-text.js';

/**
 * The one variable that the wrapper adds to the environment: how many times this call has passed through the wrapper.
 *
 * @example
 * ```ts
 * import { DEPTH_VARIABLE } from '@opencontainers-ts/runtime-resolver';
 *
 * console.log(DEPTH_VARIABLE); // OCIWRAP_DEPTH
 * ```
 */
export const DEPTH_VARIABLE = 'OCIWRAP_DEPTH';

/**
 * How many times one call may pass through the wrapper. Twice is common (wrapper, `nvidia-container-runtime.real`, wrapper
 * as `runc`, runc); double that leaves room for a script around each.
 *
 * @example
 * ```ts
 * import { MAX_PASSAGES } from '@opencontainers-ts/runtime-resolver';
 *
 * console.log(MAX_PASSAGES); // 4
 * ```
 */
export const MAX_PASSAGES = 4;

/** How many passages came before this one. A value that is not a number counts as 0, with a warning. */
export function readDepth(env: Readonly<Record<string, string | undefined>>): {
  readonly passed: number;
  readonly warning?: string;
} {
  const text = env[DEPTH_VARIABLE] ?? '';
  if (text === '') return { passed: 0 };
  if (/^[0-9]+$/.test(text)) return { passed: Number(text) };
  return {
    passed: 0,
    warning: `${DEPTH_VARIABLE} is ${quoted(text)}, which is not a number: counting from 0`,
  };
}
