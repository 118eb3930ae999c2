import { errorCode } from '@opencontainers-ts/runtime-spec';

/** The errno name of what a host threw (`EACCES`); what is no errno error is a defect, and thrown again. */
export function errnoOf(error: unknown): string {
  const code = errorCode(error);
  if (code === undefined) throw error;
  return code;
}
