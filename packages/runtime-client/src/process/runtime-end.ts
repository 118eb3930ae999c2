/** How a runtime ended: by itself, or by a signal. */
export type RuntimeEnd = { readonly exitCode: number } | { readonly signal: NodeJS.Signals };

/** Whether it was with status 0. */
export function isSuccess(end: RuntimeEnd): boolean {
  return 'exitCode' in end && end.exitCode === 0;
}
