/**
 * How a process ended: with an exit code from 0 to 255, by the signal of this number, or in a way that cannot be known
 * by this process:
 *
 * - `not-reaped`: it is a zombie: its parent, which is another process, has not collected it yet, or its tracer.
 * - `not-kept`: its parent has collected it, and the kernel does not keep the status (before Linux 6.15).
 */
export type ProcessExit =
  | { readonly exitCode: number }
  | { readonly signal: number }
  | { readonly unknown: 'not-reaped' | 'not-kept' };
