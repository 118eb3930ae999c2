/** Why a runtime refused a call, as far as its text tells. */
export type FailureReason =
  | 'not-found'
  | 'exists'
  | 'not-running'
  | 'not-stopped'
  | 'paused'
  | 'permission'
  | 'no-such-process'
  | 'other';

export const failureReason = (_command: string, _message: string): FailureReason => 'other';
