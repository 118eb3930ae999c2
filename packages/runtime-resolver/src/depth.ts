import { quoted } from './path-text.js';

/**
 * The one variable that the wrapper adds to the environment: how often this call has passed the wrapper.
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
 * Passages that one call may make. Two are in daily use (wrapper, `nvidia-container-runtime.real`, wrapper as
 * `runc`, runc); twice that leaves room for a script around each.
 *
 * @example
 * ```ts
 * import { MAX_PASSAGES } from '@opencontainers-ts/runtime-resolver';
 *
 * console.log(MAX_PASSAGES); // 4
 * ```
 */
export const MAX_PASSAGES = 4;

/** Reads how many passages lie behind this one. What is no number counts as none, with a warning. */
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
