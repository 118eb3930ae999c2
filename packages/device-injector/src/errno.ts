/** The errno name of what a host threw (`EACCES`); what is no errno error is a defect, and thrown again. */
export function errnoOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string') {
    return error.code;
  }
  throw error;
}
