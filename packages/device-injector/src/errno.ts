import { errorCode } from '@opencontainers-ts/runtime-spec';

/** The errno name of what a host threw (`EACCES`). Anything other than an errno error is a defect, and is thrown again. */
export function errnoOf(error: unknown): string {
  const code = errorCode(error);
  if (code === undefined) throw error;
  return code;
}
