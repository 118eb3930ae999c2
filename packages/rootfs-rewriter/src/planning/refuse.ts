import { type ErrorDetails, REWRITER_ERROR_CODES, type RewriterErrorCode } from '../rewriter-error.js';
import type { Refuse } from './rule.js';

/** A refusal with one of this package's codes, and the hint of that code. */
export function refuse(code: RewriterErrorCode, message: string, details: ErrorDetails = {}): Refuse {
  return { kind: 'refuse', code, message, hint: REWRITER_ERROR_CODES[code].hint, details };
}

/** Narrows the result of a step that either found something or refuses. */
export function isRefusal<T extends object>(value: T | Refuse): value is Refuse {
  return 'kind' in value && value.kind === 'refuse';
}
